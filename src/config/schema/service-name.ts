import { serviceNamePattern } from '../../foundation/names.js';
import { text } from './values.js';

export const serviceNameExpected = 'a service name: a DNS label of a-z, 0-9 and -, at most 63 characters';

export const serviceName = () => text(serviceNameExpected, serviceNamePattern);
