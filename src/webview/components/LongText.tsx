/**
 * Owns a text of any length as rows of so many bytes each, like a terminal that wraps: where a row begins is known without having
 * read what is before it, so a hundred megabytes on one line scroll as easily as one.
 */
import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { ByteRows } from './ByteRows';
import type { ByteSource } from './byteSource';
import type { TextMatch } from './find';
import { Marked } from './Marked';
import { visibleLine } from './visibleText';

const ROW_HEIGHT = 18;
/** At both ends together, in pixels. */
const PADDING = 24;
const LEAST_PER_ROW = 16;
/** Longest encoding of one character in UTF-8. */
const MAX_CHARACTER = 4;

/** A place found, in bytes. */
export interface ByteMatch {
  readonly from: number;
  readonly to: number;
}

export interface LongTextProps {
  readonly bytes: ByteSource;
  readonly label: string;
  /** Places to mark, in order. */
  readonly matches?: readonly ByteMatch[];
  readonly current?: ByteMatch | undefined;
}

export function LongText({ bytes, label, matches = [], current }: LongTextProps): VNode {
  const goTo = useMemo(() => current && { offset: current.from }, [current]);
  const cells = (start: number, perRow: number): VNode => {
    const row = rowText(bytes, start, perRow);
    const found = row ? matches.filter((match) => match.from < row.to && match.to > row.from) : [];
    return <span role="gridcell">{row ? <RowText row={row} found={found} current={current} /> : '…'}</span>;
  };
  return <ByteRows bytes={bytes} label={label} class="long-text" rowClass="long-row" rowHeight={ROW_HEIGHT} columnCount={1} perRowOf={charactersPerRow} goTo={goTo} cells={cells} />;
}

function charactersPerRow(width: number, character: number): number {
  return Math.max(LEAST_PER_ROW, Math.floor((width - PADDING) / character));
}

interface Row {
  readonly text: string;
  /** Bytes the row's text stands for; both lie between characters. */
  readonly from: number;
  readonly to: number;
}

/** The text whose characters begin in the row. */
export function rowText(bytes: ByteSource, start: number, perRow: number): Row | undefined {
  const end = Math.min(start + perRow + MAX_CHARACTER - 1, bytes.length);
  const part = bytes.read(start, end);
  if (!part) return undefined;
  const from = characterStart(part, 0);
  const to = start + perRow >= bytes.length ? part.length : characterStart(part, perRow);
  return { text: new TextDecoder().decode(part.subarray(from, to)), from: start + from, to: start + to };
}

/** First byte at or after `at` that does not go on with a character. */
function characterStart(part: Uint8Array, at: number): number {
  let place = at;
  while (place < part.length && place < at + MAX_CHARACTER - 1 && ((part[place] ?? 0) & 0xc0) === 0x80) place += 1;
  return place;
}

function RowText({ row, found, current }: { readonly row: Row; readonly found: readonly ByteMatch[]; readonly current: ByteMatch | undefined }): VNode {
  if (found.length === 0) return <>{oneCell(row.text)}</>;
  const encoder = new TextEncoder();
  const bytes = encoder.encode(row.text);
  const place = (byte: number): number => oneCell(new TextDecoder().decode(bytes.subarray(0, Math.max(0, Math.min(bytes.length, byte - row.from))))).length;
  let currentMatch: TextMatch | undefined;
  const marks = found.map((match): TextMatch => {
    const mark = { start: place(match.from), end: place(match.to) };
    if (match === current) currentMatch = mark;
    return mark;
  });
  return <Marked text={oneCell(row.text)} matches={marks} current={currentMatch} />;
}

/** What cannot be seen takes one place, so that rows stay as wide as they are; the hex form says what it is. */
function oneCell(text: string): string {
  return text.replace(/\s|[^\x20-\x7e]/gu, (character) => (character === ' ' ? character : visibleLine(character) === character && character.trim() !== '' ? character : '\u25af'));
}
