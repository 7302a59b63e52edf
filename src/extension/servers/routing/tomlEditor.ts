/**
 * Owns taking a table out of TOML and putting one in, by lines, so that comments, order and spacing elsewhere stay. The
 * parser is toml-patch's; its own `patch` is not used, since it takes the comment of the next table along when it removes
 * one. Containers written as one inline table are not edited; the check of the result refuses them.
 */
import { member, nodeAt, parseDocument, plainValue } from '../import/document';
import { keyOf, lineStarts, tomlBlocks, type TomlBlock } from '../import/tomlDocument';
import type { Address } from '../import/types';
import { afterEol, applyEdits, eolOf, lineEnd, lineStart, withHashComments } from './textEdits';
import type { FormatEditor } from './editor';

interface Piece {
  /** The server it belongs to. */
  readonly name: string;
  /** `line`: `name.key = …` or `name = { … }` under its container's own header. */
  readonly kind: 'table' | 'line';
  readonly start: number;
  readonly end: number;
}

export const tomlEditor: FormatEditor = {
  find(text, address) {
    const entry = member(nodeAt(parseDocument(text, 'toml').root, address.container), address.name);
    return entry && { value: plainValue(entry.value) };
  },

  fragment(text, address) {
    const pieces = piecesOf(text, address);
    const own = pieces.filter(({ name }) => name === address.name);
    const first = own[0];
    if (!first) return undefined;
    // Lines under another header mean nothing without it: then the value is written anew.
    const body = own.every(({ kind }) => kind === 'table') ? merged(text, own).map(({ start, end }) => text.slice(start, end)).join('') : '';
    const previous = tablesOf(text).findLast(({ end }) => end <= first.start)?.key;
    return { before: '', body, behind: '', previous };
  },

  remove(text, address) {
    const own = piecesOf(text, address).filter(({ name }) => name === address.name);
    return applyEdits(
      text,
      merged(text, own).map(({ start, end }) => {
        // An empty line on both sides: one of them goes too.
        const isBlankBefore = start === 0 || isBlankLine(text, lineStart(text, start - 1));
        let last = end;
        if (isBlankBefore) while (last < text.length && isBlankLine(text, last)) last = afterEol(text, lineEnd(text, last));
        return { start, end: last, text: '' };
      }),
    );
  },

  hasAnchor: (text, anchor) => tablesOf(text).some(({ key }) => key === anchor),

  put(text, address, content) {
    const eol = eolOf(text);
    const pieces = piecesOf(text, address);
    const body =
      content.kind === 'fragment' && content.fragment.body !== ''
        ? content.fragment.body
        : tableText([...address.container, address.name], content.value as Record<string, unknown>).join(eol) + eol;
    const tables = tablesOf(text);
    const anchor = content.kind === 'fragment' ? content.fragment.previous : undefined;
    const isFirst = content.kind === 'fragment' && anchor === undefined;
    const [first] = tables;
    if (isFirst && first) return applyEdits(text, [{ start: first.start, end: first.start, text: `${closed(body, eol)}${eol}` }]);
    const behind = tables.find(({ key }) => key === anchor) ?? pieces.findLast(({ kind }) => kind === 'table');
    const start = behind?.end ?? text.length;
    const head = text.slice(0, start);
    const gap = head === '' ? '' : /[\r\n]$/.test(head) ? (isBlankLine(head, lineStart(head, head.length - eol.length)) ? '' : eol) : eol + eol;
    const tail = start === text.length || isBlankLine(text, start) ? '' : eol;
    return applyEdits(text, [{ start, end: start, text: `${gap}${closed(body, eol)}${tail}` }]);
  },
};

/** All tables of the document, with the comments above them; `key` tells them apart. */
function tablesOf(text: string): { key: string; start: number; end: number }[] {
  const starts = lineStarts(text);
  const offset = ({ line, column }: { line: number; column: number }): number => (starts[line - 1] ?? 0) + column;
  return tomlBlocks(text).flatMap((block) => {
    const key = keyOf(block);
    if (!key || 'equals' in block) return [];
    const last = (block as unknown as { items: readonly TomlBlock[] }).items.findLast((item) => 'equals' in item);
    const end = lineEnd(text, offset(last ? last.loc.end : block.loc.start));
    return [{ key: key.join('\0'), start: withHashComments(text, lineStart(text, offset(block.loc.start))), end: afterEol(text, end) }];
  });
}

function closed(body: string, eol: string): string {
  return /[\r\n]$/.test(body) ? body : body + eol;
}

/** Everything that makes up the servers of a container, in the order of the text. */
function piecesOf(text: string, { container }: Address): Piece[] {
  const starts = lineStarts(text);
  const offset = ({ line, column }: { line: number; column: number }): number => (starts[line - 1] ?? 0) + column;
  const pieces: Piece[] = [];
  const add = (key: readonly string[], kind: Piece['kind'], from: number, to: number): void => {
    const name = key[container.length];
    if (name === undefined || !container.every((part, index) => key[index] === part)) return;
    pieces.push({ name, kind, start: withHashComments(text, lineStart(text, from)), end: afterEol(text, lineEnd(text, to)) });
  };
  for (const block of tomlBlocks(text)) {
    const key = keyOf(block);
    if (!key) continue;
    if ('equals' in block) {
      add(key, 'line', offset(block.loc.start), offset(block.loc.end));
      continue;
    }
    const items = (block as unknown as { items: readonly TomlBlock[] }).items.filter((item) => 'equals' in item);
    const header = lineEnd(text, offset(block.loc.start));
    if (key.length > container.length) {
      const last = items.at(-1);
      add(key, 'table', offset(block.loc.start), last ? offset(last.loc.end) : header);
      continue;
    }
    for (const item of items) add([...key, ...(keyOf(item) ?? [])], 'line', offset(item.loc.start), offset(item.loc.end));
  }
  return pieces;
}

/** Pieces that follow each other, with nothing but empty lines between, as one. */
function merged(text: string, pieces: readonly Piece[]): { start: number; end: number }[] {
  const spans: { start: number; end: number }[] = [];
  for (const { start, end } of pieces) {
    const last = spans.at(-1);
    if (last && text.slice(last.end, start).trim() === '') last.end = end;
    else spans.push({ start, end });
  }
  return spans;
}

function isBlankLine(text: string, start: number): boolean {
  return start < text.length && text.slice(start, lineEnd(text, start)).trim() === '';
}

/** Lines of a table; objects in it become inline tables. */
function tableText(path: readonly string[], value: Record<string, unknown>): string[] {
  const lines = Object.entries(value).flatMap(([key, item]) => {
    const written = tomlValue(item);
    return written === undefined ? [] : [`${tomlKey(key)} = ${written}`];
  });
  return [`[${path.map(tomlKey).join('.')}]`, ...lines];
}

function tomlKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : tomlString(key);
}

/** A basic string: its escapes are those of JSON; DEL must be escaped too. */
function tomlString(text: string): string {
  return JSON.stringify(text).replaceAll('\u007f', '\\u007f');
}

function tomlValue(value: unknown): string | undefined {
  if (typeof value === 'string') return tomlString(value);
  if (typeof value === 'boolean' || typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) return String(value);
  if (Array.isArray(value)) return `[${value.map(tomlValue).filter((item) => item !== undefined).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Object.entries(value).flatMap(([key, item]) => {
    const written = tomlValue(item);
    return written === undefined ? [] : [`${tomlKey(key)} = ${written}`];
  });
  return entries.length > 0 ? `{ ${entries.join(', ')} }` : '{}';
}
