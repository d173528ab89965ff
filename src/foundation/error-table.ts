/**
 * Everything that can go wrong, in one table: what a client sees (status), what a script sees (exit code),
 * and what the reader should do (hint). A test holds it against the README, both ways.
 */
interface ErrorEntry {
  /** One plain sentence for the README and as the default message. */
  readonly summary: string;
  /** The fix, as an instruction. */
  readonly hint: string;
  /** HTTP status with which the gateway or the admin API answers. */
  readonly status: number;
  /** Exit code of the command line: 1 run-time, 2 usage or mesh file, 3 no mesh, 4 not ready. */
  readonly exitCode: number;
}

const table = {
  // The gateway, on the way of a request.
  no_route: {
    summary: 'No route matches the request.',
    hint: 'Call a service by its host name, or add a route to the mesh file.',
    status: 404,
    exitCode: 1,
  },
  bad_request: {
    summary: 'The request is not valid HTTP.',
    hint: 'See RFC 9112 for the field that the message names.',
    status: 400,
    exitCode: 1,
  },
  head_too_large: {
    summary: 'The request head is too large.',
    hint: 'Send fewer or shorter fields; look at the cookies first.',
    status: 431,
    exitCode: 1,
  },
  target_too_long: {
    summary: 'The request target is too long.',
    hint: 'Send what it says in the body, by POST.',
    status: 414,
    exitCode: 1,
  },
  request_too_large: {
    summary: 'The body of the request is larger than the gateway takes.',
    hint: 'Send less, or raise `gateway.maxRequestBytes`.',
    status: 413,
    exitCode: 1,
  },
  coding_not_supported: {
    summary: 'The request has a transfer coding that the gateway does not know.',
    hint: 'Send it chunked, or with a Content-Length; compress with Content-Encoding.',
    status: 501,
    exitCode: 1,
  },
  head_timeout: {
    summary: 'The request head did not arrive in time.',
    hint: 'Send the whole head at once.',
    status: 408,
    exitCode: 1,
  },
  body_timeout: {
    summary: 'The body of the request did not go on in time.',
    hint: 'Send the body without pauses of a minute and more.',
    status: 408,
    exitCode: 1,
  },
  too_many_connections: {
    summary: 'The gateway has as many connections as it takes.',
    hint: 'Close idle connections of the clients, or raise `gateway.maxConnections`.',
    status: 503,
    exitCode: 1,
  },
  version_not_supported: {
    summary: 'The request is of an HTTP version that the gateway does not speak.',
    hint: 'Speak HTTP/1.0 or HTTP/1.1.',
    status: 505,
    exitCode: 1,
  },
  method_not_allowed: {
    summary: 'The gateway opens no tunnels.',
    hint: 'Call the service by an http:// URL, without CONNECT.',
    status: 405,
    exitCode: 1,
  },
  client_gone: {
    summary: 'The client went away before it was answered.',
    hint: 'Look at the client: it closed the connection, or its own time was up.',
    status: 499,
    exitCode: 1,
  },
  no_healthy_instance: {
    summary: 'The service has no healthy instance.',
    hint: 'Look at `mesh inspect SERVICE` for what its health checks say.',
    status: 503,
    exitCode: 1,
  },
  connect_failed: {
    summary: 'The instance could not be connected to.',
    hint: 'Is the program listening on the address that `mesh ls` shows?',
    status: 502,
    exitCode: 1,
  },
  upstream_reset: {
    summary: 'The instance closed the connection before it answered.',
    hint: "Look at the instance's own output.",
    status: 502,
    exitCode: 1,
  },
  upstream_invalid: {
    summary: 'The instance answered with something that is not valid HTTP.',
    hint: "Is the instance's address that of an HTTP server?",
    status: 502,
    exitCode: 1,
  },
  request_timeout: {
    summary: 'The service did not answer in time.',
    hint: 'Raise `timeouts.request` of the service, or look at why it is slow.',
    status: 504,
    exitCode: 1,
  },
  connect_timeout: {
    summary: 'The instance did not accept a connection in time.',
    hint: 'Raise `timeouts.connect` of the service, or look at why it does not accept.',
    status: 504,
    exitCode: 1,
  },
  loop_detected: {
    summary: 'The request went through this mesh too many times.',
    hint: 'An instance address or a service leads back to the gateway.',
    status: 508,
    exitCode: 1,
  },
  shutting_down: {
    summary: 'The mesh is shutting down.',
    hint: 'Start it again with `mesh up`.',
    status: 503,
    exitCode: 1,
  },

  // The mesh file and what is registered.
  invalid_config: {
    summary: 'The mesh file is not valid.',
    hint: 'Correct the places named; `mesh check` shows them again.',
    status: 422,
    exitCode: 2,
  },
  config_not_found: {
    summary: 'There is no mesh file.',
    hint: 'Write one with `mesh init`, or name it with `-f FILE`.',
    status: 404,
    exitCode: 2,
  },
  config_unreadable: {
    summary: 'The mesh file cannot be read.',
    hint: 'It must be a UTF-8 text file of at most 1 MiB that you may read.',
    status: 422,
    exitCode: 2,
  },
  file_exists: {
    summary: 'A file of that name is there already.',
    hint: 'Name another one with `-f FILE`, or overwrite it with `--force`.',
    status: 409,
    exitCode: 1,
  },
  invalid_registration: {
    summary: 'The registration is not valid.',
    hint: 'A service is a DNS label, an instance id is [A-Za-z0-9._-]{1,64}, an address is host:port.',
    status: 400,
    exitCode: 2,
  },
  forbidden_target: {
    summary: 'The address is none that a service may have.',
    hint: 'Register the address of a service, not one of the mesh itself.',
    status: 400,
    exitCode: 2,
  },
  unknown_service: {
    summary: 'There is no service of that name.',
    hint: '`mesh ls` lists the services.',
    status: 404,
    exitCode: 1,
  },
  unknown_instance: {
    summary: 'The service has no instance of that id or address.',
    hint: '`mesh inspect SERVICE` lists its instances. An expired lease must be registered again.',
    status: 404,
    exitCode: 1,
  },
  not_registered: {
    summary: 'The instance was not registered at run time.',
    hint: 'An instance of the mesh file or of a process leaves with its line there.',
    status: 409,
    exitCode: 1,
  },

  // Starting and stopping.
  port_taken: {
    summary: 'A port is taken by another program.',
    hint: 'Stop that program, or name another port in the mesh file.',
    status: 500,
    exitCode: 1,
  },
  listen_failed: {
    summary: 'The mesh cannot listen on an address.',
    hint: 'Name an address of this machine and a port that you may open.',
    status: 500,
    exitCode: 1,
  },
  already_running: {
    summary: 'A mesh is running from this file already.',
    hint: 'End it with `mesh down`; a change of the file is taken up by itself.',
    status: 409,
    exitCode: 1,
  },
  not_ready: {
    summary: 'Not every service became ready in time.',
    hint: 'Its last output is shown; `--wait-timeout` gives it longer.',
    status: 503,
    exitCode: 4,
  },
  not_stopped: {
    summary: 'The mesh did not end in time.',
    hint: 'End its process by force; the next `mesh up` cleans up what it leaves behind.',
    status: 503,
    exitCode: 1,
  },
  file_inaccessible: {
    summary: 'A file cannot be read or written.',
    hint: 'Look at the permissions of the file and its folder.',
    status: 500,
    exitCode: 1,
  },

  // The admin API and its clients.
  no_mesh: {
    summary: 'No mesh is running here.',
    hint: 'Start one with `mesh up`, or name it with MESH_ADMIN_URL and MESH_TOKEN.',
    status: 503,
    exitCode: 3,
  },
  unauthorized: {
    summary: 'The admin API needs the token of this mesh.',
    hint: '`mesh token` prints it; send it as `Authorization: Bearer …`.',
    status: 401,
    exitCode: 1,
  },
  forbidden_host: {
    summary: 'The Host of an admin request is not a name of this machine.',
    hint: 'Call the admin API by localhost, 127.0.0.1 or the host that the mesh file names.',
    status: 403,
    exitCode: 1,
  },
  forbidden_origin: {
    summary: 'A page of another site may not call the admin API.',
    hint: 'Call it from a program, or from a page that the mesh serves.',
    status: 403,
    exitCode: 1,
  },
  unknown_endpoint: {
    summary: 'The admin API has no such endpoint.',
    hint: 'GET /openapi.json lists them.',
    status: 404,
    exitCode: 1,
  },
  wrong_method: {
    summary: 'The admin endpoint does not know the method.',
    hint: 'GET /openapi.json lists what each endpoint knows.',
    status: 405,
    exitCode: 1,
  },
  invalid_request: {
    summary: 'The admin request is not valid.',
    hint: 'GET /openapi.json describes what is expected.',
    status: 400,
    exitCode: 2,
  },
  body_too_large: {
    summary: 'The body of the admin request is too large.',
    hint: 'A registration is at most 64 KiB.',
    status: 413,
    exitCode: 1,
  },
  usage: {
    summary: 'The command line is not valid.',
    hint: '`mesh help` lists the commands, `mesh help COMMAND` their options.',
    status: 400,
    exitCode: 2,
  },
  internal: {
    summary: 'Something went wrong inside the mesh.',
    hint: 'This is a bug of mesh: please report it with the message.',
    status: 500,
    exitCode: 1,
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof table;

export const errorTable: Readonly<Record<ErrorCode, ErrorEntry>> = table;
