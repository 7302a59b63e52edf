/**
 * Owns reading the Traffic view's settings out of anything: what a webview sent, what an older version stored. What is
 * not understood is left out, sizes are bounded, nothing throws.
 */
import type { CallSort, Scope, SortKey } from '../contract/traffic';
import type { ColumnSetting, SavedFilter, TimeMode, TrafficLayout, TrafficSettings } from '../contract/trafficApi';
import { isJsonObject } from '../util/json';

const TIME_MODES: readonly TimeMode[] = ['local', 'utc', 'start', 'previous'];
const LAYOUTS: readonly TrafficLayout[] = ['list', 'session', 'server', 'prompt', 'timeline'];
const SCOPES: readonly Scope[] = ['window', 'all'];
const SORT_KEYS: readonly SortKey[] = ['time', 'duration', 'size', 'server', 'name', 'method', 'status', 'client'];
const MAX_SAVED = 100;
const MAX_NAME = 100;
const MAX_FILTER = 10_000;
const MAX_COLUMNS = 50;

export function trafficSettingsOf(raw: unknown): TrafficSettings {
  const { savedFilters, columns, timeMode, layout, scope, sort: rawSort } = isJsonObject(raw) ? raw : {};
  const sort = sortOf(rawSort);
  return {
    savedFilters: unique(list(savedFilters).flatMap(savedFilterOf), ({ name }) => name).slice(0, MAX_SAVED),
    columns: unique(list(columns).flatMap(columnOf), ({ id }) => id).slice(0, MAX_COLUMNS),
    timeMode: TIME_MODES.find((mode) => mode === timeMode) ?? 'local',
    layout: LAYOUTS.find((known) => known === layout) ?? 'list',
    scope: SCOPES.find((known) => known === scope) ?? 'all',
    ...(sort ? { sort } : {}),
  };
}

function sortOf(raw: unknown): CallSort | undefined {
  if (!isJsonObject(raw)) return undefined;
  const by = SORT_KEYS.find((key) => key === raw['by']);
  return by && typeof raw['isDescending'] === 'boolean' ? { by, isDescending: raw['isDescending'] } : undefined;
}

function savedFilterOf(raw: unknown): SavedFilter[] {
  if (!isJsonObject(raw)) return [];
  const { name, filter } = raw;
  if (typeof name !== 'string' || typeof filter !== 'string') return [];
  const isSound = name.trim() !== '' && name.length <= MAX_NAME && filter !== '' && filter.length <= MAX_FILTER;
  return isSound ? [{ name, filter }] : [];
}

function columnOf(raw: unknown): ColumnSetting[] {
  if (!isJsonObject(raw)) return [];
  const { id, isShown, width } = raw;
  if (typeof id !== 'string' || id === '' || id.length > MAX_NAME || typeof isShown !== 'boolean') return [];
  const isWidth = typeof width === 'number' && Number.isFinite(width) && width >= 1 && width <= 4_000;
  return [{ id, isShown, ...(isWidth ? { width: Math.round(width) } : {}) }];
}

function list(raw: unknown): readonly unknown[] {
  return Array.isArray(raw) ? raw : [];
}

function unique<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const seen = new Set<string>();
  return items.filter((item) => !seen.has(keyOf(item)) && seen.add(keyOf(item)));
}
