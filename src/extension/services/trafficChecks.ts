/**
 * Owns checking what the Traffic view asks: a webview can send anything. Each gives the value in the contract's form,
 * with nothing in it that the contract does not know, or throws `query.invalid` with what is wrong.
 */
import { MAX_ANNOTATED, MAX_COMMENT, NOTE_COLORS, type CallQuery, type CallSort, type NoteChange, type PagePosition, type Scope, type SortKey } from '../contract/traffic';
import type { CallSelection, ExportSelection, PayloadPart, PayloadRef } from '../contract/trafficApi';
import type { GroupBy, GroupQuery, TimelineQuery } from '../contract/trafficGroups';
import { checkedText, invalid } from './checked';

const PARTS: ReadonlySet<unknown> = new Set<PayloadPart>(['request', 'response', 'upstreamRequest', 'upstreamResponse']);
const SORT_KEYS: ReadonlySet<unknown> = new Set<SortKey>(['time', 'duration', 'size', 'server', 'name', 'method', 'status', 'client']);
const GROUPS: ReadonlySet<unknown> = new Set<GroupBy>(['session', 'server', 'conversation', 'prompt']);
const COLORS: ReadonlySet<unknown> = new Set(NOTE_COLORS);
const MAX_LIMIT = 1000;
const MAX_SPANS = 5000;
const MAX_BUCKETS = 2000;
/** Most bytes of a text in one answer. */
const MAX_BODY_PART = 16 << 20;

function checkedNumber(value: unknown, what: string, least: number, most: number): number {
  if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most) {
    throw invalid(`${what} must be a whole number from ${least} to ${most}.`);
  }
  return value as number;
}

/** Filter and scope, where given. */
function narrowing({ filter, scope }: { readonly filter?: unknown; readonly scope?: unknown }): { filter?: string; scope?: Scope } {
  if (scope !== undefined && scope !== 'window' && scope !== 'all') throw invalid('scope is none of window, all.');
  return {
    ...(filter === undefined ? {} : { filter: checkedText(filter, 'filter') }),
    ...(scope === undefined ? {} : { scope }),
  };
}

export function checkedSelection(selection: CallSelection): CallSelection {
  const { filter, scope } = narrowing(selection ?? {});
  return { filter: checkedText(filter, 'filter'), ...(scope === undefined ? {} : { scope }) };
}

export function checkedExport(selection: ExportSelection): ExportSelection {
  const { sort } = selection ?? {};
  return { ...checkedSelection(selection), ...(sort === undefined ? {} : { sort: checkedSort(sort) }) };
}

export function checkedQuery(query: CallQuery): CallQuery {
  const { position, limit, sort } = query ?? {};
  return {
    ...narrowing(query ?? {}),
    ...(sort === undefined ? {} : { sort: checkedSort(sort) }),
    limit: checkedNumber(limit, 'limit', 1, MAX_LIMIT),
    position: checkedPosition(position),
  };
}

function checkedSort(sort: CallSort): CallSort {
  const { by, isDescending } = sort ?? {};
  if (!SORT_KEYS.has(by) || typeof isDescending !== 'boolean') throw invalid('sort is no order that calls can be in.');
  return { by, isDescending };
}

function checkedPosition(position: PagePosition): PagePosition {
  switch (position?.kind) {
    case 'newest':
      return { kind: 'newest' };
    case 'olderThan':
    case 'newerThan':
      return { kind: position.kind, cursor: checkedText(position.cursor, 'cursor') };
    case 'offset':
      if (Number.isSafeInteger(position.offset) && position.offset >= 0) {
        return { kind: 'offset', offset: position.offset };
      }
  }
  throw invalid('position is none of newest, olderThan, newerThan, offset.');
}

export function checkedGroups(query: GroupQuery): GroupQuery {
  const { by, cursor, limit } = query ?? {};
  if (!GROUPS.has(by)) throw invalid('by is none of session, server, conversation, prompt.');
  return {
    ...narrowing(query),
    by,
    ...(cursor === undefined ? {} : { cursor: checkedText(cursor, 'cursor') }),
    limit: checkedNumber(limit, 'limit', 1, MAX_LIMIT),
  };
}

export function checkedTimeline(query: TimelineQuery): TimelineQuery {
  const { fromMs, toMs, limit, buckets } = query ?? {};
  const moment = (value: unknown, what: string): number => checkedNumber(value, what, 0, Number.MAX_SAFE_INTEGER);
  return {
    ...narrowing(query ?? {}),
    ...(fromMs === undefined ? {} : { fromMs: moment(fromMs, 'fromMs') }),
    ...(toMs === undefined ? {} : { toMs: moment(toMs, 'toMs') }),
    limit: checkedNumber(limit, 'limit', 1, MAX_SPANS),
    buckets: checkedNumber(buckets, 'buckets', 1, MAX_BUCKETS),
  };
}

export function checkedPayload(ref: PayloadRef): PayloadRef {
  const { id, part } = ref ?? {};
  if (!PARTS.has(part)) throw invalid(`There is no payload "${String(part)}".`);
  return { id: checkedText(id, 'id'), part };
}

export function checkedBodyRange(fromByte: number, limit: number): { fromByte: number; limit: number } {
  return { fromByte: checkedNumber(fromByte, 'fromByte', 0, Number.MAX_SAFE_INTEGER), limit: checkedNumber(limit, 'limit', 1, MAX_BODY_PART) };
}

export function checkedIds(ids: readonly string[]): string[] {
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > MAX_ANNOTATED) throw invalid(`Notes can be changed on 1 to ${MAX_ANNOTATED} calls at once.`);
  return ids.map((id) => checkedText(id, 'id'));
}

export function checkedNote(change: NoteChange): NoteChange {
  const { isPinned, color, comment } = change ?? {};
  if (isPinned !== undefined && typeof isPinned !== 'boolean') throw invalid('isPinned is true or false.');
  if (color !== undefined && color !== null && !COLORS.has(color)) throw invalid(`color is none of ${NOTE_COLORS.join(', ')}.`);
  if (comment !== undefined && comment !== null && (typeof comment !== 'string' || comment.length > MAX_COMMENT)) {
    throw invalid(`A comment is text of at most ${MAX_COMMENT.toLocaleString('en')} characters.`);
  }
  if (isPinned === undefined && color === undefined && comment === undefined) throw invalid('Say what to change: a pin, a colour or a comment.');
  return {
    ...(isPinned === undefined ? {} : { isPinned }),
    ...(color === undefined ? {} : { color }),
    ...(comment === undefined ? {} : { comment }),
  };
}
