/** A key, as a person thinks of it. */
export type Key = { readonly kind: 'character' | 'pasted'; readonly character: string } | { readonly kind: NamedKey };

export type NamedKey =
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'page-up'
  | 'page-down'
  | 'enter'
  | 'escape'
  | 'backspace'
  | 'delete'
  | 'tab'
  | 'ctrl-c'
  | 'ctrl-l'
  | 'ctrl-u'
  | 'ctrl-z';

/** Characters of a sequence that has no end: longer ones are none. */
const longestSequence = 32;

/**
 * What a terminal sends, as keys. A sequence may come in several reads, and Esc is the beginning of each: whether it was
 * Esc alone, only time tells. Whoever reads waits a moment while `isWaiting`, and then says that nothing follows.
 */
export class KeyDecoder {
  readonly #text = new TextDecoder();
  #rest = '';
  #isPasting = false;

  /** @returns the keys that are whole now */
  feed(bytes: Uint8Array): Key[] {
    this.#rest += this.#text.decode(bytes, { stream: true });
    const keys: Key[] = [];
    while (this.#rest !== '') {
      const taken = take(this.#rest);
      if (taken === 'more') break;
      const sent = this.#rest.slice(0, taken.length);
      this.#rest = this.#rest.slice(taken.length);
      if (sent === paste.begin || sent === paste.end) this.#isPasting = sent === paste.begin;
      else if (taken.key !== undefined) keys.push(...this.#meant(taken.key));
    }
    return keys;
  }

  /** A text that is pasted is no row of commands, and its lines are not ended with Enter. Ctrl-C is heard in any case. */
  #meant(key: Key): Key[] {
    if (!this.#isPasting || key.kind === 'ctrl-c') return [key];
    return key.kind === 'character' ? [{ kind: 'pasted', character: key.character }] : [];
  }

  /** The beginning of a sequence is there, or Esc alone. */
  get isWaiting(): boolean {
    return this.#rest !== '';
  }

  /** Nothing follows. What was begun and has no end is forgotten. */
  flush(): Key[] {
    const isEscape = this.#rest === esc;
    this.#rest = '';
    return isEscape ? [{ kind: 'escape' }] : [];
  }
}

interface Taken {
  readonly length: number;
  /** Undefined for a key that has no name here. */
  readonly key: Key | undefined;
}

const esc = '\u001b';

/** Around what is pasted, where a terminal was asked for it (xterm: bracketed paste). */
const paste = { begin: `${esc}[200~`, end: `${esc}[201~` };

// biome-ignore lint/suspicious/noControlCharactersInRegex: ECMA-48 §5.4, and the function keys of the Linux console.
const sequence = /^\u001b(?:\[\[[A-E]|\[([0-?]*)[ -/]*([@-~])|O([A-Za-z]))/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the beginning of the same.
const begun = /^\u001b(?:\[\[?|\[[0-?]*[ -/]*|O)?$/;

function take(text: string): Taken | 'more' {
  if (!text.startsWith(esc)) return character(text);
  if (begun.test(text)) return text.length > longestSequence ? { length: text.length, key: undefined } : 'more';
  const [whole, parameters = '', final, plainFinal] = sequence.exec(text) ?? [];
  if (whole === undefined) return { length: 1, key: { kind: 'escape' } }; // Esc, and then something else quickly
  const name = final === '~' ? byNumber[parameters.split(';')[0] ?? ''] : byLetter[final ?? plainFinal ?? ''];
  return { length: whole.length, key: name === undefined ? undefined : { kind: name } };
}

function character(text: string): Taken {
  const [first = ''] = text; // by code point
  const name = byControl[first];
  if (name !== undefined) return { length: first.length, key: { kind: name } };
  const isControl = first < ' ' || first === '\u007f';
  return { length: first.length, key: isControl ? undefined : { kind: 'character', character: first } };
}

const byControl: Readonly<Record<string, NamedKey>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\b': 'backspace',
  '\u007f': 'backspace',
  '\u0003': 'ctrl-c',
  '\u000c': 'ctrl-l',
  '\u0015': 'ctrl-u',
  '\u001a': 'ctrl-z',
};

const byLetter: Readonly<Record<string, NamedKey>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  F: 'end',
  H: 'home',
  M: 'enter',
};

/** As rxvt, the Linux console and xterm have them. */
const byNumber: Readonly<Record<string, NamedKey>> = {
  1: 'home',
  3: 'delete',
  4: 'end',
  5: 'page-up',
  6: 'page-down',
  7: 'home',
  8: 'end',
};
