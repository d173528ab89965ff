import { text } from './values.js';

/** RFC 1123, lower case: it becomes a host name, and part of environment variables. */
export const serviceNamePattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export const serviceNameExpected = 'a service name: a DNS label of a-z, 0-9 and -, at most 63 characters';

export const serviceName = () => text(serviceNameExpected, serviceNamePattern);
