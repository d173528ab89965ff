import { integer, withDefault } from './values.js';

export const replicasDefault = 1;

export const replicas = withDefault(
  integer(1, 100),
  'How many processes run the command, each with a port of its own. Kubernetes and Compose: replicas.',
  replicasDefault,
);
