/**
 * Owns a text of any length as rows of so many bytes each, like a terminal that wraps: where a row begins is known without having
 * read what is before it, so a hundred megabytes on one line scroll as easily as one. Only rows in view are drawn, and asked for.
 */
import type { VNode } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ByteSource } from './byteSource';
import type { TextMatch } from './find';
import { ListScroller } from './listScroller';
import { Marked } from './Marked';
import { useWidth } from './useWidth';
import { moveByKey, VirtualList } from './VirtualList';
import { visibleLine } from './visibleText';

const ROW_HEIGHT = 18;
const USUAL_CHARACTER = 7.2;
const PADDING = 24;
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
  void bytes.revision.value;
  const element = useRef<HTMLDivElement | null>(null);
  const rule = useRef<HTMLSpanElement>(null);
  const scroller = useMemo(() => new ListScroller(ROW_HEIGHT), [bytes]);
  const [active, setActive] = useState(0);
  const [character, setCharacter] = useState(USUAL_CHARACTER);
  useLayoutEffect(() => {
    const width = rule.current?.getBoundingClientRect().width ?? 0;
    if (width > 0) setCharacter(width / 10);
  }, []);
  const perRow = Math.max(16, Math.floor((useWidth(element, 600) - PADDING) / character));
  const count = Math.ceil(bytes.length / perRow);
  const go = (index: number): void => {
    setActive(index);
    scroller.reveal(index);
  };
  useLayoutEffect(() => {
    if (current) go(Math.floor(current.from / perRow));
  }, [current]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = moveByKey(event, active, count, scroller.space.pageRows);
    if (next === undefined) return;
    go(next);
    event.preventDefault();
    event.stopPropagation();
  };
  const renderRow = (index: number, rowId: string, offset: number): VNode => {
    const row = rowText(bytes, index * perRow, perRow);
    const found = row ? matches.filter((match) => match.from < row.to && match.to > row.from) : [];
    return (
      <div
        key={index}
        id={rowId}
        role="row"
        aria-rowindex={index + 1}
        class={index === active ? 'long-row active' : 'long-row'}
        style={{ top: `${offset}px` }}
        onClick={() => setActive(index)}
      >
        <span role="gridcell">{row ? <RowText row={row} found={found} current={current} /> : '…'}</span>
      </div>
    );
  };
  return (
    <>
      <span class="long-rule" aria-hidden="true" ref={rule}>
        0000000000
      </span>
      <VirtualList
        scroller={scroller}
        count={count}
        label={label}
        class="long-text"
        columnCount={1}
        activeIndex={Math.min(active, count - 1)}
        renderRow={renderRow}
        onKeyDown={onKeyDown}
        elementRef={(next) => (element.current = next)}
      />
    </>
  );
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
