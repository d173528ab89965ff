/** An RFC 1123 label in lower case: the name of a service becomes a host name, and part of environment variables. */
export const serviceNamePattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Ids of instances stand in paths of the admin API and in file names, so they need no escaping there. */
export const instanceIdPattern = /^[A-Za-z0-9._-]{1,64}$/;
