import { createRequire } from 'node:module';

const manifest: { version: string } = createRequire(import.meta.url)('../../package.json');

/** Of the service-mesh package. */
export const version = manifest.version;
