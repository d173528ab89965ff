import type { ErrorEntry } from './error-entry.js';
import { exchangeErrors } from './exchange-errors.js';

/**
 * Everything that can go wrong, in one table: what a client sees (status), what a script sees (exit code),
 * and what the reader should do (hint). A test holds it against the README, both ways.
 */
const table = {
  ...exchangeErrors,

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

  unknown_scenario: {
    summary: 'The mesh file has no scenario of that name.',
    hint: '`mesh shape --scenario` without a name lists them.',
    status: 404,
    exitCode: 1,
  },
  scenario_running: {
    summary: 'A scenario is running already.',
    hint: 'Wait for its end, or stop it with `mesh shape --stop`.',
    status: 409,
    exitCode: 1,
  },

  unknown_alert: {
    summary: 'The mesh file has no alert of that name.',
    hint: '`mesh alerts` lists them.',
    status: 404,
    exitCode: 1,
  },

  unknown_exchange: {
    summary: 'No exchange of that id is remembered.',
    hint: 'A thousand of each service are; `mesh tail` shows them as they come.',
    status: 404,
    exitCode: 1,
  },
  unknown_trace: {
    summary: 'Nothing of that trace is remembered.',
    hint: 'Its id is in `mesh explain`, and in the `traceparent` that a service is sent.',
    status: 404,
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
  media_type_not_supported: {
    summary: 'The admin request is not written in a way that the endpoint reads.',
    hint: 'OTLP is `application/x-protobuf` or `application/json`, plain or with `Content-Encoding: gzip`.',
    status: 415,
    exitCode: 1,
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
