/** Characters; a longer text is one of few, or made up. */
const longest = 64;

/**
 * Makes the same thing of the same text once, for the same few texts come with every message. What was made is not changed by
 * anybody.
 *
 * @param most texts that are remembered; then it begins anew, for a client may make up as many as it likes
 * @param make of a text in latin1
 */
export function remembering<Made>(most: number, make: (text: string) => Made): (text: string) => Made {
  const remembered = new Map<string, Made>();
  return (text) => {
    const known = remembered.get(text);
    if (known !== undefined) return known;
    if (text.length > longest) return make(text);
    if (remembered.size === most) remembered.clear();
    const detached = Buffer.from(text, 'latin1').toString('latin1'); // a part of a head holds on to all of it
    const made = make(detached);
    remembered.set(detached, made);
    return made;
  };
}
