/**
 * Owns the columns of the list: which there are, which are shown in what order, how the room is shared among them, and
 * what moving a boundary does. Pure; the user's choices come and go as `ColumnSetting`s.
 *
 * One column takes what room the others leave (`flexibleOf`), so that a boundary follows the pointer exactly and rows
 * always fill the list. Where there is too little room, columns are left out, the least telling first.
 */
import type { ColumnSetting } from '../../../extension/contract/trafficApi';
import type { CellId } from './cellTerms';

export type ColumnId = CellId | 'bar';

interface ColumnInfo {
  readonly id: ColumnId;
  /** Track of the grid while the user has chosen no width. */
  readonly track: string;
  /** Never narrower, pixels. */
  readonly min: number;
  /** Room it wants; without it, columns are left out. */
  readonly needs: number;
  readonly isShown: boolean;
}

const info = (id: ColumnId, track: string, min: number, needs: number, isShown = true): ColumnInfo => ({ id, track, min, needs, isShown });

/** In the order they have at first. */
const COLUMNS: readonly ColumnInfo[] = [
  info('status', '24px', 24, 24),
  info('time', '84px', 48, 84),
  info('client', 'clamp(72px, 12%, 140px)', 40, 90, false),
  info('session', '64px', 40, 64, false),
  info('conversation', '84px', 40, 84, false),
  info('turn', '84px', 40, 84, false),
  info('origin', '72px', 40, 72, false),
  info('server', 'clamp(96px, 13%, 128px)', 48, 96),
  info('name', 'minmax(100px, 1.6fr)', 60, 140),
  info('method', 'clamp(104px, 14%, 136px)', 40, 110),
  info('detail', 'minmax(60px, 3fr)', 40, 120),
  info('duration', '72px', 48, 72),
  info('upstream', '84px', 48, 84, false),
  // The bar is the first to go, well before the others feel it.
  info('bar', '80px', 40, 160),
  info('size', '64px', 40, 64),
];
const BY_ID = new Map<string, ColumnInfo>(COLUMNS.map((column) => [column.id, column]));
const DROP_ORDER: readonly ColumnId[] = ['bar', 'turn', 'conversation', 'session', 'origin', 'client', 'upstream', 'method', 'size', 'detail', 'time'];
/** What a row cannot be told by without. */
const ALWAYS: ReadonlySet<ColumnId> = new Set(['status', 'name']);
/** Below this the server is its dot only. */
const DOT_ONLY = 380;
/** Below this the name gets the larger share of what room there is. */
const NAME_FIRST = 740;
const ROW_PADDING = 12;
const MAX_WIDTH = 2_000;

export interface ColumnChoice extends ColumnSetting {
  readonly id: ColumnId;
  readonly isFixed: boolean;
}

export interface ColumnLayout {
  readonly shown: readonly ColumnId[];
  /** Value of `grid-template-columns`. */
  readonly template: string;
}

/** Every column, in the user's order; what the settings do not know has its usual place at the end. */
export function columnChoices(settings: readonly ColumnSetting[]): ColumnChoice[] {
  const known = settings.filter(({ id }) => BY_ID.has(id));
  const missing = COLUMNS.filter(({ id }) => !known.some((setting) => setting.id === id));
  return [...known, ...missing.map(({ id, isShown }): ColumnSetting => ({ id, isShown }))].map(({ id, isShown, width }) => {
    const isFixed = ALWAYS.has(id as ColumnId);
    return { id: id as ColumnId, isShown: isShown || isFixed, isFixed, ...(width === undefined ? {} : { width }) };
  });
}

export function layoutColumns(settings: readonly ColumnSetting[], width: number): ColumnLayout {
  const choices = columnChoices(settings).filter(({ isShown }) => isShown);
  const dropped = new Set<ColumnId>();
  const room = (): number => choices.reduce((sum, { id }) => sum + (dropped.has(id) ? 0 : (BY_ID.get(id)?.needs ?? 0)), ROW_PADDING);
  for (const id of DROP_ORDER) if (room() > width) dropped.add(id);
  const shown = choices.filter(({ id }) => !dropped.has(id));
  const flexible = flexibleOf(shown.map(({ id }) => id));
  const template = shown.map(({ id, width: chosen }) => {
    const { track, min } = BY_ID.get(id) ?? { track: 'auto', min: 0 };
    if (id === 'server' && width < DOT_ONLY) return '22px';
    if (chosen === undefined && width < NAME_FIRST && id === 'name') return `minmax(${min}px, 3.6fr)`;
    if (id === flexible) return chosen === undefined && track.includes('fr') ? track : `minmax(${min}px, 1fr)`;
    return chosen === undefined ? track : `minmax(${min}px, ${chosen}px)`;
  });
  return { shown: shown.map(({ id }) => id), template: template.join(' ') };
}

/** The column that takes the room left. */
function flexibleOf(shown: readonly ColumnId[]): ColumnId | undefined {
  return (['detail', 'name'] as const).find((id) => shown.includes(id)) ?? shown.at(-1);
}

/**
 * Moves the boundary right of `shown[left]` by `dx` pixels from where `widths` were measured: one side grows, the other
 * shrinks, everything else stays.
 */
export function moveBoundary(
  settings: readonly ColumnSetting[],
  shown: readonly ColumnId[],
  widths: ReadonlyMap<ColumnId, number>,
  left: number,
  dx: number,
): ColumnSetting[] {
  const [a, b] = [shown[left], shown[left + 1]];
  const flexible = flexibleOf(shown);
  if (a === undefined || b === undefined || a === 'status' || b === 'status') return [...settings];
  const slack = (id: ColumnId): number => (widths.get(id) ?? 0) - (BY_ID.get(id)?.min ?? 0);
  const by = Math.round(Math.max(-Math.max(0, slack(a)), Math.min(Math.max(0, slack(b)), dx)));
  return columnChoices(settings).map(({ id, isShown, width }) => {
    const measured = widths.get(id);
    let next = width;
    // Columns that share the room by themselves would move too: they keep what they have.
    if (measured !== undefined && width === undefined && BY_ID.get(id)?.track.includes('fr')) next = Math.round(measured);
    if (measured !== undefined && id === a) next = Math.round(measured + by);
    if (measured !== undefined && id === b) next = Math.round(measured - by);
    if (id === flexible) next = undefined;
    return { id, isShown, ...(next === undefined ? {} : { width: Math.min(MAX_WIDTH, next) }) };
  });
}

/** Puts a column at the place of another one, which moves aside. */
export function moveColumn(settings: readonly ColumnSetting[], id: ColumnId, target: ColumnId): ColumnSetting[] {
  const all = settingsOf(settings);
  const from = all.findIndex((column) => column.id === id);
  const to = all.findIndex((column) => column.id === target);
  const [moved] = all.splice(from, 1);
  if (moved) all.splice(to, 0, moved);
  return all;
}

export function toggleColumn(settings: readonly ColumnSetting[], id: ColumnId): ColumnSetting[] {
  return settingsOf(settings).map((column) => (column.id === id && !ALWAYS.has(id) ? { ...column, isShown: !column.isShown } : column));
}

function settingsOf(settings: readonly ColumnSetting[]): ColumnSetting[] {
  return columnChoices(settings).map(({ id, isShown, width }) => ({ id, isShown, ...(width === undefined ? {} : { width }) }));
}
