import { list } from './section.js';
import { serviceName } from './service-name.js';

export const dependsOn = list(
  serviceName().describe('A service of this mesh file.'),
  'services, such as `[orders]`',
).describe('The services that must be ready before this one is started. Compose: depends_on with service_healthy.');
