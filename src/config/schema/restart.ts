import { choice, withDefault } from './values.js';

export const restartDefault = 'on-failure';

export const restart = withDefault(
  choice(['always', 'on-failure', 'never']),
  'When a process that ended is started again, with a growing pause: `always`, `on-failure` (it ended with an error or by a signal), `never`. Compose: restart.',
  restartDefault,
);
