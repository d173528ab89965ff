import { defineConfig } from 'vitest/config';

/** Three projects, so that `npm test` can run them in order: units, then journeys on the built CLI, then the house rules. */
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/journeys/**', 'test/house.test.ts'],
          testTimeout: 15_000,
          expect: { poll: { timeout: 10_000 } }, // a machine with other work takes its time
        },
      },
      {
        test: {
          name: 'journeys',
          include: ['test/journeys/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 10_000 } },
        },
      },
      {
        test: {
          name: 'house',
          include: ['test/house.test.ts'],
          testTimeout: 120_000,
        },
      },
    ],
  },
});
