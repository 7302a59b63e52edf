/**
 * Owns pages of calls by their texts, of one source that was not searched as a whole: calls are gone through in the order of
 * time, a block at a time, and only the texts of those are looked at that could pass otherwise. So a page of what is in many
 * calls costs the texts of a few, and what was looked at is not looked at again. Where few texts are left, they are all looked at.
 */
import type { FilterNode } from '../../query/ast';
import { bodyColumns, findNewHits, isNearlySearched, lookAt, noteWalked, walkedTo, type Looked } from './bodySearch';
import { answerKey, compileFilter, searchBodies, sliceMs, useFilter, type CompiledFilter } from './filterSql';
import { fetchNearest, nearest, type Nearest } from './nearest';
import { callColumns, compareDescending, condition, foundOf, placeOf, type Found, type Place } from './places';
import { rows, type Source } from './source';
import type { SqlValue } from './sqlEngine';

type Breathe = () => Promise<void>;

/** The longest block is so many times as long as the first. */
const longest = 16;
/** What takes longer than this is not made longer: in between, others have a turn, and it is seen whether time is over. */
const quickMs = 20;
/** Going through so many calls takes as long as looking at a few texts (`Strides.fewTexts`). */
const manyCalls = 4096;

/** What was found next to a place. */
export interface Walked {
  readonly found: Found[];
  /** It ended early: nothing is known of calls beyond `to`, or of any. */
  readonly isCutShort?: boolean;
  readonly to?: Place;
}

/** Whether it is time to end, with so many rows. */
type IsOver = (rows: number) => boolean;

/** The calls next to a place that pass. It ends early where none beyond `edgeMs` is of use. */
export async function fetchByBlocks(source: Source, filter: CompiledFilter, asked: Nearest, breathe: Breathe, isOver: IsOver, edgeMs?: number): Promise<Walked> {
  const found: Found[] = [];
  const { direction, limit } = asked;
  while (!findNewHits(source, filter.bodyTests, sliceMs)) await breathe();
  const known = beginning(source, filter, asked);
  if (known) {
    found.push(...fetchNearest(source, filter, { ...asked, to: known, isLookedAt: true }));
    if (found.length >= limit) return { found };
  }
  const further = { ...asked, ...(known ? { from: known, including: false } : {}), limit: limit - found.length };
  for await (const block of walk(source, filter, further, breathe, () => isOver(found.length))) {
    if (block.isCutShort) return { found, isCutShort: true, to: block.to };
    if (block.rest) found.push(...fetchNearest(source, filter, { ...block.rest, limit: limit - found.length }));
    else found.push(...block.passing);
    if (found.length >= limit) {
      found.length = limit;
      break;
    }
    const { to } = block;
    if (!to || (edgeMs !== undefined && (direction === 'older' ? to.timeMs < edgeMs : to.timeMs > edgeMs))) break;
    if (isOver(found.length)) return { found, isCutShort: true, to };
  }
  return { found };
}

/** How many calls pass that are newer than this place. */
export async function countByBlocks(source: Source, filter: CompiledFilter, place: Place, breathe: Breathe): Promise<number> {
  const newest: Nearest = { direction: 'older', from: undefined, including: false, limit: Infinity };
  while (!findNewHits(source, filter.bodyTests, sliceMs)) await breathe();
  const known = beginning(source, filter, newest);
  if (known && compareDescending(place, known) <= 0) return countBetween(source, filter, undefined, place, true);
  let counted = known ? countBetween(source, filter, undefined, known, true) : 0;
  // The last call of what is known may pass itself.
  for await (const { passing, rest, to } of walk(source, filter, { ...newest, from: known, including: known !== undefined }, breathe, () => false)) {
    counted += rest ? countBetween(source, filter, rest, place, false) : passing.filter((found) => compareDescending(found, place) < 0).length;
    if (!to || compareDescending(place, to) <= 0) break;
  }
  return counted;
}

/** Calls that pass and lie behind where the first begins and before the second place. */
function countBetween(source: Source, filter: CompiledFilter, first: Pick<Nearest, 'from' | 'including'> | undefined, place: Place, isLookedAt: boolean): number {
  const { where, params } = useFilter(filter, source, isLookedAt);
  const from = first?.from && condition(source, first.from, first.including ? '<=' : '<');
  const to = condition(source, place, '>');
  const asked: SqlValue[] = [...(from?.params ?? []), ...to.params, ...params];
  return rows(source.db, `SELECT count(*) FROM call WHERE ${from?.sql ?? '1'} AND ${to.sql} AND ${where}`, asked)[0]![0] as number;
}

interface Block {
  /** Calls that pass, in order. */
  readonly passing: readonly Found[];
  /** Instead: the source has been searched as a whole, and these are still to be fetched. */
  readonly rest?: Nearest;
  /** Instead: that took too long, so no more is known. */
  readonly isCutShort?: boolean;
  /** The last call that was gone through; absent: there are no more. */
  readonly to?: Place;
}

async function* walk(source: Source, filter: CompiledFilter, { direction, from, including, limit }: Nearest, breathe: Breathe, isOver: () => boolean): AsyncGenerator<Block> {
  const { calls, fewTexts } = filter.strides;
  const otherwise = source.sealed ? withoutTexts(filter) : compileFilter('', 0);
  const isFromNewest = direction === 'older' && (from === undefined || from === beginning(source, filter, { direction, from, including, limit: 1 }));
  let place: Nearest = { direction, from, including, limit: calls };
  let walked = 0;
  let passed = 0;
  for (;;) {
    await breathe();
    // How many calls will have to be gone through, if the others are like those so far.
    const needed = limit === Infinity ? 0 : (walked * (limit - passed)) / Math.max(1, passed);
    if (isNearlySearched(source, filter.bodyTests, fewTexts * Math.max(1, needed / manyCalls))) {
      const isDone = await searchBodies(filter, source, breathe, () => !isOver());
      yield isDone ? { passing: [], rest: place } : { passing: [], isCutShort: true, to: place.from };
      return;
    }
    const began = performance.now();
    const block = nearest(source, otherwise, place, blockColumns).map((values) => calledOf(source, values));
    await lookAt(source, filter.bodyTests, block, sliceMs, breathe);
    const passing = passingOf(source, filter, block, direction);
    const isLast = block.length < place.limit;
    const to = block.at(-1);
    if (isFromNewest && to) noteWalked(source, filter.bodyTests, walkKey(source, filter), to);
    if (isLast || !to) {
      yield { passing };
      return;
    }
    yield { passing, to };
    walked += block.length;
    passed += passing.length;
    const isQuick = performance.now() - began < quickMs;
    place = { direction, from: to, including: false, limit: isQuick ? Math.min(place.limit * 2, calls * longest) : place.limit };
  }
}

/** Calls of a journal change: whichever of them pass the rest of the filter by now, the texts of all have been looked at. */
const walkKey = (source: Source, filter: CompiledFilter): string => (source.sealed ? answerKey(filter, source) : '');

/** How far the calls from the newest on have been gone through before, where the place is one of them. */
function beginning(source: Source, filter: CompiledFilter, { direction, from }: Nearest): Place | undefined {
  if (direction !== 'older') return undefined;
  const walked = walkedTo(source, filter.bodyTests, walkKey(source, filter));
  return walked && (!from || compareDescending(from, walked) <= 0) ? walked : undefined;
}

const blockColumns = `frame, part, time_ms, detail, ${bodyColumns}`;

function calledOf(source: Source, values: readonly SqlValue[]): Looked & Place {
  const [key, part, timeMs, detail, ...bodies] = values as [number, number, number, string | null, ...(number | null)[]];
  return { ...placeOf(source, key, part, timeMs), key, detail, bodies };
}

/** Which calls of a block pass, as they are now. */
function passingOf(source: Source, filter: CompiledFilter, block: readonly Looked[], direction: Nearest['direction']): Found[] {
  const { db } = source;
  db.run('CREATE TEMP TABLE IF NOT EXISTS block(frame INTEGER, part INTEGER, PRIMARY KEY(frame, part)) WITHOUT ROWID');
  db.run('DELETE FROM temp.block');
  const insert = db.prepare('INSERT OR IGNORE INTO temp.block VALUES (?, ?)');
  for (const { key, part } of block) insert.run([key, part]);
  insert.free();
  const { where, params } = useFilter(filter, source, true);
  const order = direction === 'older' ? 'DESC' : 'ASC';
  return rows(
    db,
    `SELECT ${callColumns} FROM call NOT INDEXED WHERE frame IN (SELECT frame FROM temp.block) AND (frame, part) IN (SELECT frame, part FROM temp.block) AND ${where}
     ORDER BY +time_ms ${order}, +frame ${order}, +part ${order}`,
    [...params],
  ).map((values) => foundOf(source, values));
}

const mayPass = new WeakMap<CompiledFilter, CompiledFilter>();

/** Passes every call that passes the filter, whatever its texts are. */
function withoutTexts(filter: CompiledFilter): CompiledFilter {
  let may = mayPass.get(filter);
  if (!may) mayPass.set(filter, (may = { ...filter, node: relaxed(filter.node, true), key: `may ${filter.key}`, readsBodies: false, bodyTests: [], counts: undefined }));
  return may;
}

/** With tests of texts that pass where that makes the whole pass, and fail within what is negated. */
function relaxed(node: FilterNode, passes: boolean): FilterNode {
  const { span } = node;
  switch (node.kind) {
    case 'and':
    case 'or':
      return { ...node, children: node.children.map((child) => relaxed(child, passes)) };
    case 'not':
      return { ...node, child: relaxed(node.child, !passes) };
    case 'text':
      return passes ? { kind: 'all', span } : { kind: 'not', child: { kind: 'all', span }, span };
    default:
      return node;
  }
}
