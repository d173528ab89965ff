/**
 * The grammar of what is said of services and instances, for whoever says it: a mesh file, a request to the admin API, a
 * program, a file of the registry.
 */

/** An RFC 1123 label in lower case: the name of a service becomes a host name, and part of environment variables. */
export const serviceNamePattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
export const serviceNameExpected = 'a service name: a DNS label of a-z, 0-9 and -, at most 63 characters';

/** Ids stand in paths of the admin API, where `.` and `..` would lead elsewhere. */
export const instanceIdPattern = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/;
export const instanceIdExpected = 'an id of 1 to 64 characters of A-Z, a-z, 0-9, `.`, `_` and `-`';

export const versionPattern = /^[A-Za-z0-9](?:[A-Za-z0-9._+-]{0,62}[A-Za-z0-9])?$/;
export const versionExpected = 'a version such as `v2` or `1.10`';

export const heaviestWeight = 1_000;

/** What of a request decides where it goes, in a word. */
export const hashKeyPattern = /^(?:(?:header|cookie|query):.+|sourceAddress|path)$/;
export const hashKeyExpected = 'header:NAME, cookie:NAME, query:NAME, sourceAddress or path';
