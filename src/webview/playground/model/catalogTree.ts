/**
 * Owns the rows of the catalogue: servers, under each its tools, prompts, resources and templates in groups, and the way
 * to raw JSON-RPC. Pure.
 */
import type { ConnectionState, PlaygroundServer } from '../../../extension/contract/playground';
import { CATALOG_KINDS, type CatalogItem, type CatalogKind, type CatalogSlice } from '../../../extension/contract/playgroundCatalog';

export type CatalogRow = { readonly key: string; readonly level: number; readonly isOpen?: boolean } & (
  | { readonly kind: 'server'; readonly server: PlaygroundServer }
  | { readonly kind: 'group'; readonly server: string; readonly group: CatalogKind; readonly count: number; readonly tokens: number }
  | { readonly kind: 'item'; readonly server: string; readonly item: CatalogItem }
  | { readonly kind: 'raw'; readonly server: string }
  | { readonly kind: 'note'; readonly server: string; readonly note: CatalogNote }
);

/** A line under a server where there is nothing to list. */
export type CatalogNote = { readonly kind: 'state'; readonly connection: ConnectionState } | { readonly kind: 'loading' | 'empty' | 'noMatch' } | { readonly kind: 'more'; readonly count: number };

export interface CatalogInput {
  readonly servers: readonly PlaygroundServer[];
  readonly slices: ReadonlyMap<string, CatalogSlice>;
  readonly search: string;
  /** Keys of rows the user has closed. */
  readonly closed: ReadonlySet<string>;
  /** Keys of rows the user has opened. */
  readonly opened: ReadonlySet<string>;
}

export function serverKey(server: string): string {
  return JSON.stringify([server]);
}

export function itemKey(server: string, kind: string, name: string): string {
  return JSON.stringify([server, kind, name]);
}

export function catalogRows({ servers, slices, search, closed, opened }: CatalogInput): CatalogRow[] {
  const isSearching = search.trim() !== '';
  const rows: CatalogRow[] = [];
  for (const server of servers) {
    const slice = slices.get(server.name);
    const isReady = server.connection.kind === 'ready';
    const isIdle = server.connection.kind === 'idle';
    const isPending = isIdle || server.connection.kind === 'connecting';
    // Who searches sees servers that have something or are still to be searched; those that cannot be are not in the way.
    if (isSearching && (isReady ? slice?.items.length === 0 : !isPending)) continue;
    const key = serverKey(server.name);
    // A branch is opened by the user, or has something to show.
    const isOpen = isSearching ? !isIdle : isIdle ? opened.has(key) : !closed.has(key);
    rows.push({ key, level: 1, kind: 'server', server, isOpen });
    if (!isOpen) continue;
    const note = (value: CatalogNote): void => void rows.push({ key: `${key} ${value.kind}`, level: 2, kind: 'note', server: server.name, note: value });
    if (!isReady) {
      note({ kind: 'state', connection: server.connection });
      continue;
    }
    if (!slice) {
      note({ kind: 'loading' });
      continue;
    }
    if (slice.items.length === 0 && !isSearching) note({ kind: 'empty' });
    for (const group of CATALOG_KINDS) {
      const items = slice.items.filter((item) => item.kind === group);
      if (items.length === 0) continue;
      const groupKey = JSON.stringify([server.name, group]);
      const isGroupOpen = isSearching || !closed.has(groupKey);
      const found = { count: items.length, tokens: items.reduce((sum, { tokens }) => sum + tokens, 0) };
      const all = { count: Math.max(found.count, server.counts[group]), tokens: Math.max(found.tokens, server.tokens[group]) };
      rows.push({ key: groupKey, level: 2, kind: 'group', server: server.name, group, ...(isSearching ? found : all), isOpen: isGroupOpen });
      if (isGroupOpen) for (const item of items) rows.push({ key: itemKey(server.name, item.kind, item.name), level: 3, kind: 'item', server: server.name, item });
    }
    const left = slice.total - slice.items.length + (isSearching ? 0 : server.omitted);
    if (left > 0) note({ kind: 'more', count: left });
    if (!isSearching) rows.push({ key: itemKey(server.name, 'request', ''), level: 2, kind: 'raw', server: server.name });
  }
  return rows;
}

/** Where Left leads to from a row: the one it lies under. */
export function parentIndex(rows: readonly CatalogRow[], index: number): number {
  const level = rows[index]?.level ?? 1;
  for (let at = index - 1; at >= 0; at -= 1) if ((rows[at]?.level ?? 1) < level) return at;
  return index;
}
