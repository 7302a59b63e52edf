/**
 * Owns the tree view of a JSON value: open and close with mouse or keyboard (arrows as in VS Code's own trees).
 * Content is foreign: it is only ever text, and what would not be seen is shown as escapes.
 *
 * `isInline` draws a short tree in the flow of the page instead of a scrolling one.
 */
import type { VNode } from 'preact';
import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import type { JsonValue } from '../../extension/util/json';
import { hasText } from './find';
import type { JsonMatch } from './jsonFind';
import { jsonRows, TREE_LIMITS, type JsonRow, type JsonTreeLimits } from './jsonTreeModel';
import { ListScroller } from './listScroller';
import { MarkedLine } from './Marked';
import { moveByKey, VirtualList } from './VirtualList';
import { visibleLine } from './visibleText';

export interface JsonTreeWords {
  items(count: number): string;
  keys(count: number): string;
  characters(count: number): string;
  more(count: number): string;
}

export interface JsonTreeProps {
  readonly value: JsonValue;
  readonly label: string;
  readonly words: JsonTreeWords;
  readonly isInline?: boolean;
  /** Levels open at first; the root is level 0. */
  readonly openLevels?: number;
  /** Text to mark, and the place to go to: it is opened up and made the active row. */
  readonly query?: string | undefined;
  readonly goTo?: JsonMatch | undefined;
}

export const JSON_ROW_HEIGHT = 20;
const INLINE_LIMITS: JsonTreeLimits = { children: 100, rows: 200, longText: 1_000, openText: 1_000 };

export function JsonTree({ value, label, words, isInline = false, openLevels = 4, query, goTo }: JsonTreeProps): VNode {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  /** Opened to show what was found. */
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState(0);
  const treeId = useId();
  const scroller = useMemo(() => new ListScroller(JSON_ROW_HEIGHT), []);
  const rows = useMemo(() => {
    const isOpen = (path: string, depth: number): boolean => opened.has(path) || toggled.has(path) !== depth < openLevels;
    if (!isInline) return jsonRows(value, isOpen, TREE_LIMITS);
    // In the flow of a page the root says nothing that its heading does not: start with what is in it.
    const all = jsonRows(value, isOpen, INLINE_LIMITS);
    return all.length > 1 && all[0]?.kind !== 'string' ? all.slice(1).map((row) => ({ ...row, depth: row.depth - 1 })) : all;
  }, [value, toggled, opened, openLevels, isInline]);
  const shownValue = useRef(value);
  useEffect(() => {
    if (shownValue.current === value) return;
    shownValue.current = value;
    setToggled(new Set());
    setOpened(new Set());
    setActive(0);
    scroller.scrollTo(0);
  }, [value, scroller]);

  // Less room must not take the row away that is being read.
  scroller.rowToKeep = () => active;
  const toggle = (row: JsonRow): void => {
    if (!row.isExpandable) return;
    if (opened.has(row.path)) {
      // Open for what was found, and perhaps by itself too: closed now.
      setOpened(new Set([...opened].filter((path) => path !== row.path)));
      const isOpenAnyway = toggled.has(row.path) !== (row.kind !== 'string' && row.depth < openLevels);
      if (!isOpenAnyway) return;
    }
    const next = new Set(toggled);
    if (!next.delete(row.path)) next.add(row.path);
    setToggled(next);
  };
  const go = (index: number): void => {
    setActive(index);
    if (isInline) document.getElementById(`${treeId}-${index}`)?.scrollIntoView?.({ block: 'nearest' });
    else scroller.reveal(index);
  };
  useEffect(() => {
    if (!goTo) return;
    // The node too: a long string shows its lines only when open.
    setOpened((before) => new Set([...before, ...goTo.parents, goTo.path]));
  }, [goTo]);
  useEffect(() => {
    if (!goTo) return;
    const place = rows.findIndex(({ path }) => path === goTo.path);
    if (place < 0) return;
    // In an open string, its first line that has it.
    const line = query && rows[place]?.kind === 'string' && rows[place]?.isOpen ? rows.findIndex(({ kind, text }, index) => index > place && kind === 'line' && hasText(visibleLine(text), query)) : -1;
    go(line > 0 ? line : place);
    // Only when another place is gone to: not when the user opens and closes nodes.
  }, [goTo, opened]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = rows[active];
    const moved = moveByKey(event, active, rows.length, scroller.space.pageRows);
    if (moved !== undefined) go(moved);
    else if (!row) return;
    else if (event.key === 'ArrowRight' && row.isExpandable) {
      if (row.isOpen) go(Math.min(active + 1, rows.length - 1));
      else toggle(row);
    } else if (event.key === 'ArrowLeft') {
      if (row.isOpen) toggle(row);
      else go(Math.max(0, parentOf(rows, active)));
    } else if (event.key === 'Enter' || event.key === ' ') toggle(row);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const renderRow = (index: number, rowId: string, offset?: number): VNode => {
    const row = rows[index];
    return (
      <div
        key={row?.path ?? index}
        id={rowId}
        role="treeitem"
        class={`json-row${index === active ? ' active' : ''}${goTo && !query && row?.path === goTo.path ? ' target' : ''}`}
        aria-level={(row?.depth ?? 0) + 1}
        aria-expanded={row?.isExpandable ? row.isOpen : undefined}
        aria-selected={index === active}
        style={offset === undefined ? undefined : { top: `${offset}px` }}
        onClick={() => {
          setActive(index);
          if (row) toggle(row);
        }}
      >
        {row && <JsonRowContent row={row} words={words} query={query} />}
      </div>
    );
  };

  if (!isInline) {
    return (
      <VirtualList
        scroller={scroller}
        count={rows.length}
        label={label}
        role="tree"
        class="json-tree"
        activeIndex={active}
        renderRow={renderRow}
        onKeyDown={onKeyDown}
      />
    );
  }
  return (
    <div
      class="json-tree inline"
      role="tree"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={`${treeId}-${active}`}
      onKeyDown={onKeyDown}
    >
      {rows.map((_, index) => renderRow(index, `${treeId}-${index}`))}
    </div>
  );
}

/** Levels beyond this are indented no further: ten thousand levels must not push the text off the screen. */
const MAX_INDENT = 24;

function JsonRowContent({ row, words, query }: { readonly row: JsonRow; readonly words: JsonTreeWords; readonly query?: string | undefined }): VNode {
  const isText = row.kind !== 'object' && row.kind !== 'array' && row.kind !== 'more';
  const indent = Math.min(row.depth, MAX_INDENT);
  const isNested = row.depth > MAX_INDENT;
  return (
    <>
      <span class="json-indent" style={{ width: `${indent * 12}px` }} />
      <span class={`json-twistie codicon${row.isExpandable ? ` codicon-chevron-${row.isOpen ? 'down' : 'right'}` : ''}`} aria-hidden="true" />
      {isNested && <span class="json-level">{row.depth}</span>}
      {row.key !== undefined && (
        <>
          <bdi class="json-key">
            <MarkedLine text={visibleLine(row.key)} query={query} />
          </bdi>
          <span class="json-colon">:</span>
        </>
      )}
      <bdi class={`json-value json-${row.kind}`}>
        <MarkedLine text={valueText(row, words)} query={isText ? query : undefined} />
      </bdi>
      {row.kind === 'string' && row.isExpandable && <span class="json-size">{words.characters(row.size)}</span>}
    </>
  );
}

function valueText(row: JsonRow, words: JsonTreeWords): string {
  switch (row.kind) {
    case 'object':
      return row.size === 0 ? '{}' : `{ ${words.keys(row.size)} }`;
    case 'array':
      return row.size === 0 ? '[]' : `[ ${words.items(row.size)} ]`;
    case 'string':
      // Open, its lines say it.
      return row.isOpen ? '' : `"${visibleLine(row.text)}${row.size > row.text.length ? '…' : '"'}`;
    case 'more':
      return words.more(row.size);
    default:
      return visibleLine(row.text);
  }
}

function parentOf(rows: readonly JsonRow[], index: number): number {
  const depth = rows[index]?.depth ?? 0;
  for (let i = index - 1; i >= 0; i -= 1) if ((rows[i]?.depth ?? 0) < depth) return i;
  return index;
}
