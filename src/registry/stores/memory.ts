import type { RegistryStore } from '../store.js';

/** Keeps nothing between runs. */
export const memoryStore: RegistryStore = {
  load: async () => ({ instances: [], warning: undefined }),
  save: async () => {},
};
