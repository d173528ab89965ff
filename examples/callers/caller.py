"""A program outside the mesh, in Python: it registers itself with a lease, finds a service, and calls it.

Run it beside a mesh: MESH_ADMIN_URL=http://127.0.0.1:8081 MESH_TOKEN=$(mesh token) python3 caller.py
Nothing but the standard library is needed. It ends after one round; a real service would send a heartbeat every few
seconds and deregister when it stops.
"""

import json
import os
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

ADMIN = os.environ["MESH_ADMIN_URL"]
TOKEN = os.environ["MESH_TOKEN"]


def admin(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
    request = urllib.request.Request(ADMIN + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=5) as response:
        return json.load(response)


class Hello(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello from python")

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Hello)
threading.Thread(target=server.serve_forever, daemon=True).start()

me = "/v1/services/python/instances/caller"
admin("PUT", me, {"address": f"127.0.0.1:{server.server_port}", "ttl": "30s"})
admin("POST", me + "/heartbeat")

gateway = admin("GET", "/v1/status")["gateway"]
instances = admin("GET", "/v1/services/python")["instances"]
print("instances:", ", ".join(instance["address"] for instance in instances))

call = urllib.request.Request(gateway, headers={"x-mesh-service": "python"})
with urllib.request.urlopen(call, timeout=5) as answer:
    print("through the gateway:", answer.read().decode())

admin("DELETE", me)
server.shutdown()
