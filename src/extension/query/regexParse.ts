/**
 * Owns the syntax of regular expressions in filters: the part of JavaScript's that can be run in linear time. Gives a
 * tree for regexRun.ts; what it cannot run (back references, look-around) it refuses with its place and a way out.
 * Invariant: the tree is small (`MAX_SOURCE`, `MAX_SIZE`), however it is written.
 */
import { invalid } from './lexer';

/** Sorted, disjoint ranges of UTF-16 code units, both ends included. */
export type CharSet = readonly (readonly [number, number])[];

export type RegexNode =
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'seq' | 'alt'; readonly nodes: readonly RegexNode[] }
  /** `max` may be `Infinity`. */
  | { readonly kind: 'repeat'; readonly node: RegexNode; readonly min: number; readonly max: number }
  | { readonly kind: 'assert'; readonly what: 'start' | 'end' | 'word' | 'notWord' };

const MAX_SOURCE = 500;
/** Characters and branches after counted repeats are written out. */
const MAX_SIZE = 2000;

const DIGIT: CharSet = [[48, 57]];
export const WORD: CharSet = [[48, 57], [65, 90], [95, 95], [97, 122]];
// prettier-ignore
const SPACE: CharSet = [
  [9, 13], [32, 32], [160, 160], [5760, 5760], [8192, 8202], [8232, 8233], [8239, 8239], [8287, 8287], [12_288, 12_288], [65_279, 65_279],
];
const LINE_END: CharSet = [[10, 10], [13, 13], [8232, 8233]];
const CLASSES: Readonly<Record<string, CharSet>> = {
  d: DIGIT, D: negate(DIGIT), w: WORD, W: negate(WORD), s: SPACE, S: negate(SPACE),
};
const CONTROLS: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11 };

/** Parses; `offset` is the place of `source` in the filter text. Throws AppError `query.invalid`. */
export function parseRegex(source: string, offset = 0, ignoreCase = false): RegexNode {
  const span = { start: offset, end: offset + source.length };
  if (source.length > MAX_SOURCE) throw invalid(`This regular expression is too long: at most ${MAX_SOURCE} characters.`, span);
  const node = new RegexParser(source, offset, ignoreCase).parse();
  if (sizeOf(node) > MAX_SIZE) throw invalid('This regular expression is too large: use smaller repeat counts.', span);
  return node;
}

class RegexParser {
  #at = 0;

  constructor(
    private readonly source: string,
    private readonly offset: number,
    private readonly ignoreCase: boolean,
  ) {}

  parse(): RegexNode {
    const node = this.#alternatives();
    if (this.#at < this.source.length) this.#fail('There is no "(" for this ")": escape it as \\).');
    return node;
  }

  #alternatives(): RegexNode {
    const nodes = [this.#sequence()];
    while (this.#take('|')) nodes.push(this.#sequence());
    return nodes.length === 1 ? (nodes[0] as RegexNode) : { kind: 'alt', nodes };
  }

  #sequence(): RegexNode {
    const nodes: RegexNode[] = [];
    while (this.#at < this.source.length && !/[|)]/.test(this.#peek())) nodes.push(this.#quantified());
    return { kind: 'seq', nodes };
  }

  #quantified(): RegexNode {
    const start = this.#at;
    const node = this.#atom();
    const repeat = this.#quantifier();
    if (!repeat) return node;
    if (node.kind === 'assert') this.#fail('There is nothing here to repeat: escape the character before it.', start);
    if (repeat.min > repeat.max) this.#fail('The counts are the wrong way round: {min,max}.', start);
    this.#take('?'); // lazy: no difference to whether it matches
    if (/[*+?]/.test(this.#peek())) this.#fail('There is nothing here to repeat: escape this character.');
    return { kind: 'repeat', node, ...repeat };
  }

  #quantifier(): { min: number; max: number } | undefined {
    if (this.#take('*')) return { min: 0, max: Infinity };
    if (this.#take('+')) return { min: 1, max: Infinity };
    if (this.#take('?')) return { min: 0, max: 1 };
    const found = this.#match(/\{(\d{1,6})(,(\d{1,6})?)?\}/y);
    if (!found) return undefined;
    const min = Number(found[1]);
    return { min, max: found[2] === undefined ? min : found[3] === undefined ? Infinity : Number(found[3]) };
  }

  #atom(): RegexNode {
    const start = this.#at;
    const char = this.#peek();
    this.#at++;
    switch (char) {
      case '(':
        return this.#group(start);
      case '[':
        return { kind: 'set', set: this.#class(start) };
      case '.':
        return { kind: 'set', set: negate(LINE_END) };
      case '^':
        return { kind: 'assert', what: 'start' };
      case '$':
        return { kind: 'assert', what: 'end' };
      case '*':
      case '+':
      case '?':
        return this.#fail('There is nothing here to repeat: escape this character.', start);
      case '\\':
        if (this.#take('b')) return { kind: 'assert', what: 'word' };
        if (this.#take('B')) return { kind: 'assert', what: 'notWord' };
        return { kind: 'set', set: this.#fold(this.#escape(start)) };
      default:
        return { kind: 'set', set: this.#fold(single(char.charCodeAt(0))) };
    }
  }

  #group(start: number): RegexNode {
    if (this.#match(/\?<?[=!]/y)) this.#fail('Looking ahead or behind is not supported: use two filters instead.', start);
    if (this.#peek() === '?' && !this.#match(/\?(:|<[A-Za-z_]\w*>)/y)) {
      this.#fail('This kind of group is not supported: use (…) or (?:…).', start);
    }
    const node = this.#alternatives();
    if (!this.#take(')')) this.#fail('This bracket is never closed: add ")", or escape it as \\(.', start, 1);
    return node;
  }

  #class(start: number): CharSet {
    const isNegated = this.#take('^');
    const ranges: [number, number][] = [];
    while (!this.#take(']')) {
      if (this.#at >= this.source.length) this.#fail('This "[" is never closed: add "]", or escape it as \\[.', start, 1);
      const low = this.#classAtom();
      const isRange = this.#peek() === '-' && !/^(\]|)$/.test(this.#peek(1));
      if (!isRange) {
        for (const [first, last] of low) ranges.push([first, last]);
        continue;
      }
      const dash = this.#at++;
      const high = this.#classAtom();
      const from = codeOf(low);
      const to = codeOf(high);
      if (from === undefined || to === undefined || from > to) {
        return this.#fail('This range is not one: write the lower character first, or escape "-".', dash);
      }
      ranges.push([from, to]);
    }
    const set = this.#fold(normalise(ranges));
    return isNegated ? negate(set) : set;
  }

  #classAtom(): CharSet {
    const start = this.#at;
    const char = this.#peek();
    this.#at++;
    if (/[\ud800-\udfff]/.test(char)) this.#fail('This character cannot stand in […]: use (?:…|…).', start);
    if (char !== '\\') return single(char.charCodeAt(0));
    return this.#take('b') ? single(8) : this.#escape(start);
  }

  /** What follows a backslash, as a set. */
  #escape(start: number): CharSet {
    const hex = this.#match(/x([0-9a-f]{2})|u([0-9a-f]{4})/iy);
    if (hex) return single(Number.parseInt(hex[1] ?? hex[2] ?? '', 16));
    const char = this.#peek();
    this.#at++;
    const known = Object.hasOwn(CLASSES, char) ? CLASSES[char] : undefined;
    if (known) return known;
    const control = Object.hasOwn(CONTROLS, char) ? CONTROLS[char] : undefined;
    if (control !== undefined) return single(control);
    if (/[1-9k]/.test(char)) return this.#fail('Back references are not supported: write the text out.', start);
    if (char === '' || /[A-Za-z0-9]/.test(char)) return this.#fail(`"\\${char}" has no meaning here: take the backslash out.`, start);
    return single(char.charCodeAt(0));
  }

  #fold(set: CharSet): CharSet {
    return this.ignoreCase ? foldSet(set) : set;
  }

  #peek(ahead = 0): string {
    return this.source.charAt(this.#at + ahead);
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.source) ?? undefined;
    if (found) this.#at = pattern.lastIndex;
    return found;
  }

  #fail(message: string, at = this.#at, length = Math.max(1, Math.min(this.#at, this.source.length) - at)): never {
    throw invalid(message, { start: this.offset + at, end: this.offset + at + length });
  }
}

/** The sequence that stands for a text as it is. */
export function literalNode(text: string, ignoreCase: boolean): RegexNode {
  const nodes = text.split('').map((char): RegexNode => {
    const set = single(char.charCodeAt(0));
    return { kind: 'set', set: ignoreCase ? foldSet(set) : set };
  });
  return { kind: 'seq', nodes };
}

/** Adds the other case of the letters A to Z. */
function foldSet(set: CharSet): CharSet {
  const shifted = (low: number, high: number, by: number): [number, number][] =>
    set
      .map(([a, b]): [number, number] => [Math.max(a, low) + by, Math.min(b, high) + by])
      .filter(([a, b]) => a <= b);
  const own = set.map(([a, b]): [number, number] => [a, b]);
  return normalise([...own, ...shifted(65, 90, 32), ...shifted(97, 122, -32)]);
}

function single(code: number): CharSet {
  return [[code, code]];
}

function codeOf(set: CharSet): number | undefined {
  const [range] = set;
  return set.length === 1 && range && range[0] === range[1] ? range[0] : undefined;
}

function normalise(ranges: [number, number][]): CharSet {
  const merged: [number, number][] = [];
  for (const [low, high] of ranges.sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else merged.push([low, high]);
  }
  return merged;
}

function negate(set: CharSet): CharSet {
  const rest: [number, number][] = [];
  let next = 0;
  for (const [low, high] of set) {
    if (low > next) rest.push([next, low - 1]);
    next = high + 1;
  }
  if (next <= 0xffff) rest.push([next, 0xffff]);
  return rest;
}

/** Instructions the node compiles to, about; never less. */
function sizeOf(node: RegexNode): number {
  switch (node.kind) {
    case 'set':
    case 'assert':
      return 1;
    case 'seq':
    case 'alt':
      return node.nodes.reduce((sum, child) => sum + sizeOf(child) + 2, 0);
    case 'repeat':
      return (sizeOf(node.node) + 2) * (node.max === Infinity ? node.min + 1 : Math.max(node.max, 1));
  }
}
