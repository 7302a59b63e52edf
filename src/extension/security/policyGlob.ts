/**
 * Owns matching globs over names that hostile servers choose: `*`, `?`, `[a-z]`, `[!a-z]`, `{a,b}`, and `\` before any of
 * them. Every character is like every other (slashes, line ends, leading dots), and case makes no difference. Takes time
 * in proportion to glob times name whatever they are, which a backtracking regular expression does not: a server could
 * otherwise stop the window by how it names a tool.
 */

type Token =
  | { readonly kind: 'any' }
  | { readonly kind: 'star' }
  | { readonly kind: 'char'; readonly char: string }
  | { readonly kind: 'set'; readonly isNegated: boolean; readonly ranges: readonly (readonly [string, string])[] };

/** A longer name is matched by every glob: nobody names a tool so, but to get past a rule. */
const MAX_NAME_LENGTH = 1000;
/** Alternatives that braces may stand for; a glob with more is taken as it is written. */
const MAX_ALTERNATIVES = 100;

/** Whether a name is matched. */
export function globMatcher(glob: string): (name: string) => boolean {
  const alternatives = expandBraces(glob).map(tokensOf);
  return (name) => {
    if (name.length > MAX_NAME_LENGTH) return true;
    const chars = [...fold(name)];
    return alternatives.some((tokens) => matches(tokens, chars));
  };
}

const fold = (text: string): string => text.normalize('NFC').toLowerCase();

function matches(tokens: readonly Token[], chars: readonly string[]): boolean {
  let i = 0;
  let k = 0;
  // Where the last star stands, and how far it reaches.
  let star = -1;
  let reach = 0;
  while (i < chars.length) {
    const token = tokens[k];
    if (token?.kind === 'star') {
      star = k++;
      reach = i;
    } else if (token && isOne(token, chars[i]!)) {
      i++;
      k++;
    } else if (star >= 0) {
      k = star + 1;
      i = ++reach;
    } else return false;
  }
  while (tokens[k]?.kind === 'star') k++;
  return k === tokens.length;
}

function isOne(token: Token, char: string): boolean {
  switch (token.kind) {
    case 'any':
      return true;
    case 'char':
      return token.char === char;
    case 'set':
      return token.ranges.some(([from, to]) => from <= char && char <= to) !== token.isNegated;
    default:
      return false;
  }
}

function tokensOf(glob: string): Token[] {
  const chars = [...fold(glob)];
  const tokens: Token[] = [];
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i]!;
    if (char === '*') tokens.push({ kind: 'star' });
    else if (char === '?') tokens.push({ kind: 'any' });
    else if (char === '\\' && i + 1 < chars.length) tokens.push({ kind: 'char', char: chars[++i]! });
    else {
      const end = char === '[' ? chars.indexOf(']', i + (chars[i + 1] === '!' ? 3 : 2)) : -1;
      if (end < 0) tokens.push({ kind: 'char', char });
      else {
        tokens.push(setOf(chars.slice(i + 1, end)));
        i = end;
      }
    }
  }
  return tokens;
}

function setOf(chars: readonly string[]): Token {
  const isNegated = chars[0] === '!';
  const own = isNegated ? chars.slice(1) : chars;
  const ranges: [string, string][] = [];
  for (let i = 0; i < own.length; i++) {
    const isRange = own[i + 1] === '-' && i + 2 < own.length;
    ranges.push([own[i]!, own[isRange ? i + 2 : i]!]);
    if (isRange) i += 2;
  }
  return { kind: 'set', isNegated, ranges };
}

/** `a{b,c}d` gives `abd` and `acd`; braces within braces too. */
function expandBraces(glob: string): string[] {
  const done: string[] = [];
  const open = [glob];
  while (open.length > 0) {
    const next = open.pop()!;
    const braces = firstBraces(next);
    if (!braces) done.push(next);
    else for (const part of braces.parts) open.push(next.slice(0, braces.start) + part + next.slice(braces.end));
    if (done.length + open.length > MAX_ALTERNATIVES) return [glob];
  }
  return done;
}

/** The first pair of braces with a comma in it. */
function firstBraces(glob: string): { start: number; end: number; parts: string[] } | undefined {
  for (let start = 0; start < glob.length; start++) {
    if (glob[start] === '\\') start++;
    else if (glob[start] === '{') {
      let depth = 0;
      const cuts = [start];
      for (let i = start; i < glob.length; i++) {
        if (glob[i] === '\\') i++;
        else if (glob[i] === '{') depth++;
        else if (glob[i] === ',' && depth === 1) cuts.push(i);
        else if (glob[i] === '}' && --depth === 0) {
          if (cuts.length === 1) break;
          cuts.push(i);
          return { start, end: i + 1, parts: cuts.slice(1).map((cut, k) => glob.slice(cuts[k]! + 1, cut)) };
        }
      }
    }
  }
  return undefined;
}
