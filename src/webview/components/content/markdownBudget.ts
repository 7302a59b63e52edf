/**
 * Owns deciding whether a text is Markdown at all, and whether it can be parsed without freezing the page: the parser needs
 * time that grows with the square of some things (pairs of emphasis in one paragraph, nested quotes), so those are counted first. Pure.
 */

const MAX_LENGTH = 50_000;
const MAX_LINES = 2_000;
/** Characters that open or close something, in one paragraph and in all. */
const MAX_MARKS_TOGETHER = 2_000;
const MAX_MARKS = 8_000;
/** Quotes and list items begun on one line. */
const MAX_CONTAINERS = 20;

export function isCheapMarkdown(text: string): boolean {
  if (text.length > MAX_LENGTH) return false;
  let lines = 0;
  let marks = 0;
  let together = 0;
  for (const line of text.split('\n')) {
    if ((lines += 1) > MAX_LINES) return false;
    if (line.trim() === '') together = 0;
    const count = (line.match(/[*_[\]`<~|!]/g) ?? []).length;
    marks += count;
    together += count;
    if (marks > MAX_MARKS || together > MAX_MARKS_TOGETHER) return false;
    const containers = /^(?:[ \t]*(?:>|[-+*](?=\s|$)|\d{1,9}[.)](?=\s|$)))+/.exec(line)?.[0] ?? '';
    if ((containers.match(/>|[-+*]|\d+[.)]/g) ?? []).length > MAX_CONTAINERS) return false;
  }
  return true;
}

const SIGNS: readonly RegExp[] = [
  /^#{1,6} \S/m,
  /^(?:```|~~~)/m,
  /^\s{0,3}[-*+] (?:\[[ xX]\] )?\S/m,
  /^\s{0,3}\d{1,3}[.)] \S/m,
  /^\s{0,3}> \S/m,
  /^\|?\s*:?-{3,}:?\s*\|/m,
  /\*\*[^\s*][^*\n]*\*\*/,
  /!?\[[^\]\n]+\]\([^)\s]+\)/,
  /`[^`\n]+`/,
];

/** Whether the text has anything that Markdown would draw in another way. */
export function looksLikeMarkdown(text: string): boolean {
  const head = text.slice(0, 20_000);
  return SIGNS.some((sign) => sign.test(head));
}
