/**
 * Owns finding where a regular expression matches, in linear time: gives the parts of the text that belong to any match,
 * joined where matches touch or overlap. That is what hiding or marking text needs; it is not JavaScript's list of
 * matches, which cannot be had in linear time.
 */
import { parseRegex } from './regexParse';
import { holdsAt, programOf } from './regexRun';

/** Start and end, in order, disjoint. */
export type MatchSpan = readonly [start: number, end: number];

/** Throws AppError `query.invalid` where `source` is no expression. Empty matches are not given. */
export function compileFinder(source: string, ignoreCase: boolean): (text: string) => readonly MatchSpan[] {
  const program = programOf(parseRegex(source, 0, ignoreCase));
  return (text) => {
    const spans: [number, number][] = [];
    // Where each instruction was first reached in this step, and the earliest beginning of a match that led there.
    const seenAt = new Int32Array(program.length).fill(-1);
    let current: { pc: number; start: number }[] = [];
    for (let i = 0; i <= text.length; i++) {
      // In order of beginnings, so the first that reaches an instruction began first.
      current.push({ pc: 0, start: i });
      const next: { pc: number; start: number }[] = [];
      const code = i < text.length ? text.charCodeAt(i) : -1;
      for (const thread of current) {
        const open = [thread.pc];
        for (let pc = open.pop(); pc !== undefined; pc = open.pop()) {
          if (seenAt[pc] === i) continue;
          seenAt[pc] = i;
          const instruction = program[pc];
          switch (instruction?.op) {
            case 'match':
              addSpan(spans, thread.start, i);
              break;
            case 'jump':
              open.push(instruction.to);
              break;
            case 'split':
              open.push(instruction.second, instruction.first);
              break;
            case 'assert':
              if (holdsAt(instruction.what, text, i)) open.push(pc + 1);
              break;
            case 'char':
              if (code >= 0 && instruction.set.some(([low, high]) => low <= code && code <= high)) next.push({ pc: pc + 1, start: thread.start });
              break;
            case undefined:
              break;
          }
        }
      }
      current = next;
    }
    return spans;
  };
}

/** Ends come in order; a match that began earlier takes in what lies within it. */
function addSpan(spans: [number, number][], start: number, end: number): void {
  if (end === start) return;
  let from = start;
  for (let last = spans.at(-1); last && last[1] >= from; last = spans.at(-1)) {
    from = Math.min(from, last[0]);
    spans.pop();
  }
  spans.push([from, end]);
}
