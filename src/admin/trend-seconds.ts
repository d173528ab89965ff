/** Seconds that a trend reaches back. The longest bounds what an answer costs. Without zod, for commands that ask for one. */
export const trendSeconds = { default: 60, most: 300 } as const;
