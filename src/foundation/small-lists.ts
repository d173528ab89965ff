/**
 * Lists that nearly always have a member or two, and are replaced where they change: V8 makes room for 17 where one is
 * pushed to, and a request has half a dozen of them. They may be gone through while they change.
 */

/** The list with one more. */
export function withOne<Member extends object>(list: readonly Member[], one: Member): readonly Member[] {
  if (list.length === 0) return [one];
  const [first] = list;
  return list.length === 1 && first !== undefined ? [first, one] : [...list, one];
}

/** The list without it. */
export function withoutOne<Member extends object>(list: readonly Member[], one: Member): readonly Member[] {
  return list.length === 1 && list[0] === one ? empty : list.filter((member) => member !== one);
}

export const empty: readonly never[] = [];
