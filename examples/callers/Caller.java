import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/**
 * A program outside the mesh, in Java 17: it registers itself with a lease, and calls a service through the gateway.
 *
 * <p>Run it beside a mesh: MESH_ADMIN_URL=http://127.0.0.1:8081 MESH_TOKEN=$(mesh token) java Caller.java
 *
 * <p>Nothing but the JDK is needed. It ends after one round; a real service would send a heartbeat every few seconds and
 * deregister when it stops.
 */
public class Caller {
  private static final String ADMIN = System.getenv("MESH_ADMIN_URL");
  private static final String TOKEN = System.getenv("MESH_TOKEN");
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  public static void main(String[] args) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext("/", exchange -> {
      byte[] hello = "hello from java".getBytes();
      exchange.sendResponseHeaders(200, hello.length);
      exchange.getResponseBody().write(hello);
      exchange.close();
    });
    server.start();

    String me = "/v1/services/java/instances/caller";
    int port = server.getAddress().getPort();
    admin("PUT", me, "{\"address\": \"127.0.0.1:%d\", \"ttl\": \"30s\"}".formatted(port));
    admin("POST", me + "/heartbeat", "");

    String status = admin("GET", "/v1/status", "");
    String gateway = status.replaceFirst("(?s).*\"gateway\":\\s*\"([^\"]+)\".*", "$1");
    HttpRequest call = HttpRequest.newBuilder(URI.create(gateway)).header("x-mesh-service", "java").build();
    System.out.println("through the gateway: " + CLIENT.send(call, BodyHandlers.ofString()).body());

    admin("DELETE", me, "");
    server.stop(0);
  }

  private static String admin(String method, String path, String body) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(ADMIN + path))
        .timeout(Duration.ofSeconds(5))
        .header("authorization", "Bearer " + TOKEN)
        .header("content-type", "application/json")
        .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
        .build();
    var response = CLIENT.send(request, BodyHandlers.ofString());
    if (response.statusCode() >= 300) throw new IOException(method + " " + path + ": " + response.body());
    return response.body();
  }
}
