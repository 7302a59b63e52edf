/**
 * Owns where each call stands on the time line: a lane per server, calls that overlap in rows of their own, nested calls
 * right under the call they were made in. Pure.
 */
import type { CallRow } from '../../../extension/contract/traffic';
import type { TimelineSpan } from '../../../extension/contract/trafficGroups';

export interface PlacedSpan {
  readonly span: TimelineSpan;
  /** Place among all spans, oldest first. */
  readonly index: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Row in its lane, from 0. */
  readonly row: number;
  /** How deep it is nested. */
  readonly depth: number;
  readonly lane: number;
}

export interface Lane {
  /** Absent: what MCP Shark answered itself. */
  readonly server?: string;
  /** Rows of calls that stand above this lane. */
  readonly firstRow: number;
  readonly rows: number;
  readonly calls: number;
}

export interface TimelineLayout {
  readonly lanes: readonly Lane[];
  /** Oldest first, as the spans. */
  readonly placed: readonly PlacedSpan[];
  /** By row over all lanes, each oldest first. */
  readonly byRow: readonly (readonly PlacedSpan[])[];
  readonly rows: number;
}

/** Two calls stand in one row only with so much of the period between them that both can be seen. */
const GAP_SHARE = 0.002;
/** Deeper nesting starts anew in its server's lane. */
const MAX_DEPTH = 12;

interface Block {
  readonly index: number;
  readonly row: CallRow;
  readonly fromMs: number;
  toMs: number;
  readonly children: Block[];
  /** What the block takes with everything in it. */
  height: number;
  endMs: number;
  /** First row of the block, in the rows of what it lies in. */
  place: number;
  depth: number;
}

export function endOf(row: CallRow, nowMs: number): number {
  if (row.durationUs !== undefined) return row.timeMs + row.durationUs / 1000;
  return row.status === 'running' ? Math.max(nowMs, row.timeMs) : row.timeMs;
}

/** `periodMs`: length of what is in view. */
export function layOutTimeline(spans: readonly TimelineSpan[], periodMs: number, nowMs: number): TimelineLayout {
  const blocks = spans.map(({ row }, index): Block => {
    const toMs = endOf(row, nowMs);
    return { index, row, fromMs: row.timeMs, toMs, children: [], height: 1, endMs: toMs, place: 0, depth: 0 };
  });
  const byId = new Map(blocks.map((block) => [block.row.id, block]));
  const byLane = new Map<string, Block[]>();
  for (const block of blocks) {
    const parent = block.row.parent === undefined ? undefined : byId.get(block.row.parent);
    // A call cannot lie in one that began later: whoever says so must not send this in circles.
    if (parent && parent.index < block.index && parent.depth < MAX_DEPTH) {
      block.depth = parent.depth + 1;
      parent.children.push(block);
    } else {
      const lane = block.row.server ?? '';
      const list = byLane.get(lane);
      if (list) list.push(block);
      else byLane.set(lane, [block]);
    }
  }
  const gap = periodMs * GAP_SHARE;
  // Children come after their parents: from the end, every block's inside is known when it is needed.
  for (let index = blocks.length - 1; index >= 0; index -= 1) {
    const block = blocks[index];
    if (!block || block.children.length === 0) continue;
    block.height = 1 + pack(block.children, gap);
    block.endMs = Math.max(block.toMs, ...block.children.map(({ endMs }) => endMs));
  }
  const placed: PlacedSpan[] = [];
  const lanes: Lane[] = [];
  let firstRow = 0;
  const names = [...byLane.keys()].sort((a, b) => Number(a === '') - Number(b === '') || a.localeCompare(b));
  for (const name of names) {
    const roots = byLane.get(name) ?? [];
    const rows = pack(roots, gap);
    const lane = lanes.length;
    const before = placed.length;
    const put = (block: Block, top: number): void => {
      const span = spans[block.index];
      const row = top + block.place;
      if (span) placed.push({ span, index: block.index, fromMs: block.fromMs, toMs: block.toMs, row, depth: block.depth, lane });
      for (const child of block.children) put(child, row + 1);
    };
    for (const root of roots) put(root, firstRow);
    lanes.push({ ...(name === '' ? {} : { server: name }), firstRow, rows, calls: placed.length - before });
    firstRow += rows;
  }
  placed.sort((a, b) => a.index - b.index);
  const byRow: PlacedSpan[][] = Array.from({ length: firstRow }, () => []);
  for (const one of placed) byRow[one.row]?.push(one);
  return { lanes, placed, byRow, rows: firstRow };
}

/** Gives each block the first rows that are free, and how many rows that takes. */
function pack(blocks: readonly Block[], gap: number): number {
  const freeFrom: number[] = [];
  for (const block of blocks) {
    let row = 0;
    while (!isFree(freeFrom, row, block.height, block.fromMs)) row += 1;
    block.place = row;
    for (let k = 0; k < block.height; k += 1) freeFrom[row + k] = block.endMs + gap;
  }
  return freeFrom.length;
}

function isFree(freeFrom: readonly number[], row: number, height: number, fromMs: number): boolean {
  for (let k = 0; k < height; k += 1) if ((freeFrom[row + k] ?? Number.NEGATIVE_INFINITY) > fromMs) return false;
  return true;
}

/** Where the keyboard goes from a span: along its row, or to the row above or below, whatever is nearest in time. */
export function neighbour(layout: TimelineLayout, from: PlacedSpan, key: 'left' | 'right' | 'up' | 'down'): PlacedSpan | undefined {
  const row = layout.byRow[from.row] ?? [];
  const at = row.indexOf(from);
  if (key === 'left') return row[at - 1];
  if (key === 'right') return row[at + 1];
  const step = key === 'up' ? -1 : 1;
  for (let other = from.row + step; other >= 0 && other < layout.rows; other += step) {
    const found = nearestTo(layout.byRow[other] ?? [], from.fromMs);
    if (found) return found;
  }
  return undefined;
}

function nearestTo(row: readonly PlacedSpan[], atMs: number): PlacedSpan | undefined {
  let best: PlacedSpan | undefined;
  for (const span of row) {
    const isInside = span.fromMs <= atMs && span.toMs >= atMs;
    if (isInside) return span;
    if (!best || Math.abs(span.fromMs - atMs) < Math.abs(best.fromMs - atMs)) best = span;
  }
  return best;
}
