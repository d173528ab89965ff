/** `service-mesh` as a library. The command line is built on the same. */
export type { Control } from './admin/control.js';
export type * from './admin/wire.js';
export type { Diagnostic } from './config/diagnostic.js';
export { ConfigError } from './config/diagnostic.js';
export type { MeshOptions } from './config/load.js';
export type { ErrorCode } from './foundation/errors.js';
export { MeshError } from './foundation/errors.js';
export type { MeshEvents } from './mesh/events.js';
export type {
  MeshInstance,
  MeshService,
  RegistrationOptions,
} from './mesh/face.js';
export type { Readiness } from './mesh/readiness.js';
export type { MeshContext, StartOptions } from './mesh/service-mesh.js';
export { ServiceMesh } from './mesh/service-mesh.js';
export { version } from './mesh/version.js';
export type { Quantiles, Reason, SeriesRow, StatusClass } from './telemetry/measure.js';
