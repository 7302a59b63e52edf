/**
 * Owns taking a member out of JSON with comments and putting one in, in objects and in lists, leaving everything else as
 * it is: comments, order, indentation, line endings, trailing commas. A comment right above a member, and one behind it on
 * its line, belong to it and go with it.
 */
import { createScanner } from 'jsonc-parser';
import { member, nodeAt, parseDocument, plainValue } from '../import/document';
import type { DocNode } from '../import/documentTree';
import type { Address } from '../import/types';
import { afterEol, applyEdits, eolOf, indentOf, indentUnit, isEol, lineStart, prettyJson, type TextEdit } from './textEdits';
import type { Fragment, FormatEditor } from './editor';

/** One member: `start` is where its key (or, in a list, its value) begins. */
interface Slot {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly value: DocNode;
}

export const jsoncEditor: FormatEditor = {
  find(text, address) {
    const { node, slots } = look(text, address);
    const slot = node && slots.findLast(({ name }) => name === address.name);
    return slot ? { value: plainValue(slot.value) } : undefined;
  },

  fragment(text, address) {
    const { node, slots } = look(text, address);
    const index = slots.findLastIndex(({ name }) => name === address.name);
    const slot = slots[index];
    if (!node || !slot) return undefined;
    const { leadStart, tailEnd, comma } = surroundings(text, node, slots, index);
    const fragment: Fragment = {
      before: text.slice(leadStart, slot.start),
      body: text.slice(slot.start, slot.end),
      behind: text.slice(comma === undefined ? slot.end : comma + 1, tailEnd),
      previous: slots[index - 1]?.name,
    };
    return fragment;
  },

  remove(text, address) {
    const { node, slots } = look(text, address);
    const index = slots.findLastIndex(({ name }) => name === address.name);
    const slot = slots[index];
    if (!node || !slot) return text;
    const { leadStart, tailEnd, comma } = surroundings(text, node, slots, index);
    const edits: TextEdit[] = [];
    const previous = slots[index - 1];
    // The last one goes and had no comma behind it: the comma before it would be left over.
    if (previous && index === slots.length - 1 && comma === undefined) {
      const before = commaAfter(text, previous.end, slot.start);
      if (before !== undefined) edits.push({ start: before, end: before + 1, text: '' });
    }
    const rest = text.slice(node.offset + 1, leadStart) + text.slice(tailEnd, node.end - 1);
    if (slots.length === 1 && rest.trim() === '') return applyEdits(text, [{ start: node.offset + 1, end: node.end - 1, text: '' }]);
    let [start, end] = [leadStart, tailEnd];
    const wholeLines = start === lineStart(text, start) && (end === text.length || isEol(text, end));
    if (wholeLines) end = afterEol(text, end);
    else if (index < slots.length - 1) while (text[end] === ' ' || text[end] === '\t') end += 1;
    else while (start > node.offset + 1 && (text[start - 1] === ' ' || text[start - 1] === '\t')) start -= 1;
    edits.push({ start, end, text: '' });
    return applyEdits(text, edits);
  },

  put(text, address, content) {
    const target = ensureContainer(text, address);
    return insert(target, address, content);
  },
};

function look(text: string, address: Address): { node: DocNode | undefined; slots: readonly Slot[] } {
  const node = nodeAt(parseDocument(text, 'jsonc').root, address.container);
  return { node, slots: node ? slotsOf(node, address) : [] };
}

function slotsOf(node: DocNode, address: Address): Slot[] {
  return address.by === 'key'
    ? node.entries.map(({ key, keyOffset, value }) => ({ name: key, start: keyOffset, end: value.end, value }))
    : node.items.map((value) => ({
        name: String(member(value, address.by)?.value.scalar ?? ''),
        start: value.offset,
        end: value.end,
        value,
      }));
}

/** Where a member's own text begins and ends: its comments included, its comma in between. */
function surroundings(
  text: string,
  node: DocNode,
  slots: readonly Slot[],
  index: number,
): { leadStart: number; tailEnd: number; comma: number | undefined } {
  const slot = slots[index] as Slot;
  const previous = slots[index - 1];
  const gapStart = previous ? (commaAfter(text, previous.end, slot.start) ?? previous.end - 1) + 1 : node.offset + 1;
  const next = slots[index + 1];
  const limit = next?.start ?? node.end - 1;
  const comma = commaAfter(text, slot.end, limit);
  const tailEnd = sameLineEnd(text, comma === undefined ? slot.end : comma + 1, limit);
  return { leadStart: leadOf(text, gapStart, slot.start), tailEnd, comma };
}

/** The comma that follows a value, comments aside. */
function commaAfter(text: string, from: number, to: number): number | undefined {
  return trivia(text, from, to).find(({ kind }) => kind === 'comma')?.start;
}

interface Trivium {
  readonly kind: 'comma' | 'comment' | 'space' | 'eol';
  readonly start: number;
  readonly end: number;
}

// jsonc-parser's SyntaxKind, a const enum that isolated modules cannot read.
const KINDS: Readonly<Record<number, Trivium['kind']>> = { 5: 'comma', 12: 'comment', 13: 'comment', 14: 'eol', 15: 'space' };

/** Commas, comments, spaces and line endings between two offsets; nothing else stands there. */
function trivia(text: string, from: number, to: number): Trivium[] {
  const scanner = createScanner(text.slice(from, to), false);
  const found: Trivium[] = [];
  for (let token: number = scanner.scan(); token !== 17; token = scanner.scan()) {
    const kind = KINDS[token];
    if (!kind) break;
    const start = from + scanner.getTokenOffset();
    found.push({ kind, start, end: start + scanner.getTokenLength() });
  }
  return found;
}

/** End of what belongs to a member on its own line: spaces and comments, if the line ends behind them. */
function sameLineEnd(text: string, from: number, limit: number): number {
  let end = from;
  for (const part of trivia(text, from, limit)) {
    if (part.kind === 'eol') return part.start;
    if (part.kind === 'comment' && /[\r\n]/.test(text.slice(part.start, part.end))) return end;
    if (part.kind === 'comma') return end;
    end = part.end;
  }
  // The closing bracket or the next member stands on the line: what is between belongs to nobody.
  return from;
}

/** Start of the lines of comments right above a member, else of its own line, else the member itself. */
function leadOf(text: string, gapStart: number, start: number): number {
  const parts = trivia(text, gapStart, start);
  const eols = parts.filter(({ kind }) => kind === 'eol');
  let lead = eols.at(-1)?.end;
  if (lead === undefined) return start;
  // The line of the first line ending is that of the member before, or of the opening bracket.
  for (let index = eols.length - 2; index >= 0; index--) {
    const [from, to] = [eols[index]?.end ?? 0, eols[index + 1]?.start ?? 0];
    const isComment = parts.some(({ kind, start: at }) => kind === 'comment' && at >= from && at < to);
    if (!isComment) break;
    lead = from;
  }
  return lead;
}

/** Makes the objects on the way that do not exist yet. */
function ensureContainer(text: string, address: Address): string {
  const root = parseDocument(text, 'jsonc').root;
  const empty = (missing: readonly string[]): unknown =>
    missing.reduceRight<unknown>((inner, key) => ({ [key]: inner }), address.by === 'key' ? {} : []);
  if (!root) {
    const eol = eolOf(text);
    const body = prettyJson(empty(address.container), '', '  ', eol);
    const separator = text === '' || /[\r\n]$/.test(text) ? '' : eol;
    return `${text}${separator}${body}${eol}`;
  }
  for (let depth = 0; depth < address.container.length; depth++) {
    if (nodeAt(root, address.container.slice(0, depth + 1))) continue;
    const parent: Address = { container: address.container.slice(0, depth), by: 'key', name: address.container[depth] ?? '' };
    return insert(text, parent, { kind: 'value', value: empty(address.container.slice(depth + 1)) });
  }
  return text;
}

function insert(text: string, address: Address, content: Parameters<FormatEditor['put']>[2]): string {
  const { node, slots } = look(text, address);
  if (!node) return text;
  const eol = eolOf(text);
  const unit = indentUnit(text);
  const anchor = content.kind === 'fragment' ? anchorOf(slots, content.fragment) : slots.length - 1;
  const after = slots[anchor];
  const first = slots[0];
  const isOneLine = slots.length > 0 ? !/[\r\n]/.test(text.slice(node.offset, first?.start)) : false;
  const indent = first && !isOneLine ? indentOf(text, first.start) : indentOf(text, node.offset) + unit;
  const { lead, body, behind } = render(address, content, isOneLine, indent, unit, eol);

  if (slots.length === 0) {
    const closing = node.end - 1;
    const inner = text.slice(node.offset + 1, closing);
    // Comments inside an empty object stay above what is put in.
    const kept = inner.replace(/[ \t\r\n]+$/, '');
    const start = node.offset + 1 + kept.length;
    return applyEdits(text, [{ start, end: closing, text: `${eol}${lead || indent}${body}${behind}${eol}${indentOf(text, node.offset)}` }]);
  }
  if (isOneLine) {
    return after
      ? applyEdits(text, [{ start: after.end, end: after.end, text: `, ${body}` }])
      : applyEdits(text, [{ start: (first as Slot).start, end: (first as Slot).start, text: `${body}, ` }]);
  }
  if (!after) {
    const start = sameLineEnd(text, node.offset + 1, (first as Slot).start);
    return applyEdits(text, [{ start, end: start, text: `${eol}${lead || indent}${body},${behind}` }]);
  }
  const limit = slots[anchor + 1]?.start ?? node.end - 1;
  const comma = commaAfter(text, after.end, limit);
  const start = sameLineEnd(text, comma === undefined ? after.end : comma + 1, limit);
  const own = comma === undefined ? '' : ',';
  const line = `${eol}${lead || indent}${body}${own}${behind}`;
  if (comma !== undefined) return applyEdits(text, [{ start, end: start, text: line }]);
  return start === after.end
    ? applyEdits(text, [{ start, end: start, text: `,${line}` }])
    : applyEdits(text, [{ start: after.end, end: after.end, text: ',' }, { start, end: start, text: line }]);
}

/** After the member it stood behind, or first; behind the last one where that member has gone. */
function anchorOf(slots: readonly Slot[], fragment: Fragment): number {
  if (fragment.previous === undefined) return -1;
  const index = slots.findLastIndex(({ name }) => name === fragment.previous);
  return index < 0 ? slots.length - 1 : index;
}

/** Lines with a tab for each step of indentation, as this document has them. */
function reindented(source: string, indent: string, unit: string, eol: string): string {
  return source
    .split('\n')
    .map((line, index) => (index === 0 ? line : indent + line.replace(/^\t+/, (tabs) => unit.repeat(tabs.length))))
    .join(eol);
}

function render(
  address: Address,
  content: Parameters<FormatEditor['put']>[2],
  isOneLine: boolean,
  indent: string,
  unit: string,
  eol: string,
): { lead: string; body: string; behind: string } {
  if (content.kind === 'fragment') {
    const { before, body, behind } = content.fragment;
    // One that stood between others on a line has no lines of its own.
    return isOneLine ? { lead: '', body, behind: '' } : { lead: before, body, behind };
  }
  const value = isOneLine ? JSON.stringify(content.value) : prettyJson(content.value, indent, unit, eol);
  // One line has no place for the comments that a written text may hold.
  const item = content.source === undefined || isOneLine ? value : reindented(content.source, indent, unit, eol);
  return { lead: '', body: address.by === 'key' ? `${JSON.stringify(address.name)}: ${item}` : item, behind: '' };
}
