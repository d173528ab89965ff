/** What there is follows its configuration, is made for a new one, and goes with it. */
export function following<Config, Kept extends { update(config: Config): void }>(
  kept: Kept | undefined,
  config: Config | undefined,
  make: (config: Config) => Kept,
): Kept | undefined {
  if (config === undefined) return undefined;
  if (kept === undefined) return make(config);
  kept.update(config);
  return kept;
}
