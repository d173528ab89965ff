import { serviceNameExpected, serviceNamePattern } from '../../foundation/names.js';
import { text } from './values.js';

export const serviceName = () => text(serviceNameExpected, serviceNamePattern);
