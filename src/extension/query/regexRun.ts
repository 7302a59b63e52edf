/**
 * Owns running a regular expression in linear time: a Thompson automaton, made deterministic state by state as the text
 * asks for it. JavaScript's own engine backtracks, and `/\w+@/` on one large base64 body would hang the store or the
 * view for minutes; here the text's length times the expression's size is the bound, whatever the expression.
 * Invariant: the cache of states is bounded.
 */
import { foldCase } from './foldCase';
import { parseRegex, WORD, type CharSet, type RegexNode } from './regexParse';

type Assertion = 'start' | 'end' | 'word' | 'notWord';

export type Instruction =
  | { readonly op: 'char'; readonly set: CharSet }
  /** Goes on at both. */
  | { readonly op: 'split'; first: number; second: number }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'assert'; readonly what: Assertion }
  | { readonly op: 'match' };

/** A tester for the expression; throws AppError `query.invalid` where it is not one. */
export function compileRegex(source: string, ignoreCase: boolean): (text: string) => boolean {
  return compileNode(parseRegex(source, 0, ignoreCase));
}

/** A tester for a tree made by hand. */
export function compileNode(node: RegexNode): (text: string) => boolean {
  const automaton = new Automaton(programOf(node));
  const literal = requiredLiteral(node);
  if (literal.length < 2) return (text) => automaton.test(text);
  // Most texts do not match, and most of those lack even this: looking for it first is ten times as fast.
  return (text) => foldCase(text).includes(literal) && automaton.test(text);
}

/** What the expression compiles to; a match begins at the first instruction. */
export function programOf(node: RegexNode): readonly Instruction[] {
  const program: Instruction[] = [];
  emit(node, program);
  program.push({ op: 'match' });
  return program;
}

/** Whether an assertion holds between two characters of a text. */
export function holdsAt(what: Assertion, text: string, i: number): boolean {
  switch (what) {
    case 'start':
      return i === 0;
    case 'end':
      return i === text.length;
    default:
      return (isWordAt(text, i - 1) !== isWordAt(text, i)) === (what === 'word');
  }
}

function isWordAt(text: string, i: number): boolean {
  const code = text.charCodeAt(i); // NaN outside the text: in no range
  return WORD.some(([low, high]) => low <= code && code <= high);
}

/** The longest text, in lower case, that every match contains; '' where there is none for sure. */
export function requiredLiteral(node: RegexNode): string {
  let longest = '';
  let run = '';
  for (const part of node.kind === 'seq' ? node.nodes.flatMap((child) => (child.kind === 'seq' ? child.nodes : [child])) : [node]) {
    const char = part.kind === 'set' ? onlyChar(part.set) : '';
    // An assertion takes no character: what stands around it still stands together.
    if (part.kind !== 'assert') run = char === '' ? '' : run + char;
    if (run.length > longest.length) longest = run;
  }
  return longest;
}

/** The only character of a set, case aside; '' where there are more. */
function onlyChar(set: CharSet): string {
  const chars = set.slice(0, 3).flatMap(([low, high]) => (low === high ? [foldCase(String.fromCharCode(low))] : ['', '?']));
  return new Set(chars).size === 1 ? (chars[0] ?? '') : '';
}

function emit(node: RegexNode, out: Instruction[]): void {
  switch (node.kind) {
    case 'set':
      out.push({ op: 'char', set: node.set });
      return;
    case 'assert':
      out.push({ op: 'assert', what: node.what });
      return;
    case 'seq':
      for (const child of node.nodes) emit(child, out);
      return;
    case 'alt': {
      const ends: { op: 'jump'; to: number }[] = [];
      node.nodes.forEach((child, index) => {
        const isLast = index === node.nodes.length - 1;
        const split = { op: 'split' as const, first: out.length + 1, second: 0 };
        if (!isLast) out.push(split);
        emit(child, out);
        if (isLast) return;
        const end = { op: 'jump' as const, to: 0 };
        out.push(end);
        ends.push(end);
        split.second = out.length;
      });
      for (const end of ends) end.to = out.length;
      return;
    }
    case 'repeat': {
      for (let i = 0; i < node.min; i++) emit(node.node, out);
      if (node.max === Infinity) {
        const split = { op: 'split' as const, first: out.length + 1, second: 0 };
        const start = out.push(split) - 1;
        emit(node.node, out);
        out.push({ op: 'jump', to: start });
        split.second = out.length;
        return;
      }
      const splits = Array.from({ length: node.max - node.min }, () => {
        const split = { op: 'split' as const, first: out.length + 1, second: 0 };
        out.push(split);
        emit(node.node, out);
        return split;
      });
      for (const split of splits) split.second = out.length;
    }
  }
}

interface State {
  /** Instructions reached by the text so far, before what needs no character. */
  readonly at: readonly number[];
  readonly before: 'start' | 'word' | 'other';
  /** By class of the next character, and one more for the end of the text. */
  readonly next: (State | 'matched' | 'failed' | undefined)[];
}

/** Some 30 MB at worst; ordinary expressions need ten or twenty states. */
const MAX_STATES = 1000;

class Automaton {
  /** Characters that no part of the expression tells apart share a class. */
  readonly #classOf = new Uint16Array(65_536);
  readonly #isWord: boolean[] = [];
  readonly #accepts: (readonly boolean[])[] = [];
  readonly #endClass: number;
  #states = new Map<string, State>();

  constructor(private readonly program: readonly Instruction[]) {
    const sets = program.map((instruction) => (instruction.op === 'char' ? instruction.set : []));
    const cuts = [...new Set([0, ...[WORD, ...sets].flat().flatMap(([low, high]) => [low, high + 1])])]
      .filter((cut) => cut <= 0xffff)
      .sort((a, b) => a - b);
    cuts.forEach((cut, index) => this.#classOf.fill(index, cut, cuts[index + 1] ?? 65_536));
    const members = (set: CharSet): boolean[] => cuts.map((cut) => set.some(([low, high]) => low <= cut && cut <= high));
    this.#isWord = members(WORD);
    this.#accepts = sets.map(members);
    this.#endClass = cuts.length;
  }

  test(text: string): boolean {
    let state = this.#state([0], 'start');
    for (let i = 0; i <= text.length; i++) {
      const input = i === text.length ? this.#endClass : (this.#classOf[text.charCodeAt(i)] ?? 0);
      const next = (state.next[input] ??= this.#step(state, input));
      if (next === 'matched') return true;
      if (next === 'failed') return false;
      state = next;
    }
    return false;
  }

  #step(state: State, input: number): State | 'matched' | 'failed' {
    const isEnd = input === this.#endClass;
    const isWordNext = !isEnd && this.#isWord[input] === true;
    const isBoundary = isWordNext !== (state.before === 'word');
    const holds: Readonly<Record<Assertion, boolean>> = {
      start: state.before === 'start',
      end: isEnd,
      word: isBoundary,
      notWord: !isBoundary,
    };
    const seen = new Set<number>();
    const open = [...state.at];
    const reached = new Set<number>([0]); // a match may begin at any character
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      const instruction = this.program[at];
      switch (instruction?.op) {
        case 'match':
          return 'matched';
        case 'jump':
          open.push(instruction.to);
          break;
        case 'split':
          open.push(instruction.first, instruction.second);
          break;
        case 'assert':
          if (holds[instruction.what]) open.push(at + 1);
          break;
        case 'char':
          if (!isEnd && this.#accepts[at]?.[input]) reached.add(at + 1);
          break;
        case undefined:
          break;
      }
    }
    if (isEnd) return 'failed';
    return this.#state([...reached].sort((a, b) => a - b), isWordNext ? 'word' : 'other');
  }

  #state(at: readonly number[], before: State['before']): State {
    const key = `${before}:${at.join()}`;
    const known = this.#states.get(key);
    if (known) return known;
    // States still in use keep their own transitions; only the way to them is forgotten.
    if (this.#states.size >= MAX_STATES) this.#states = new Map();
    const state: State = { at, before, next: [] };
    this.#states.set(key, state);
    return state;
  }
}
