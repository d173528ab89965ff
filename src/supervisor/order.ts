/**
 * In which order services are ended: those that nobody depends on first, all of one group at once. Whatever stands in a
 * circle (a checked mesh file has none) comes last, together.
 *
 * @param dependencies each service with what it depends on
 */
export function stopOrder(dependencies: ReadonlyMap<string, readonly string[]>): string[][] {
  const left = new Map(dependencies);
  const order: string[][] = [];
  while (left.size > 0) {
    const needed = new Set([...left].flatMap(([name, needs]) => needs.filter((need) => need !== name)));
    const free = [...left.keys()].filter((name) => !needed.has(name));
    const group = free.length > 0 ? free : [...left.keys()];
    for (const name of group) left.delete(name);
    order.push(group);
  }
  return order;
}
