/**
 * Owns calls in groups: by session, server, conversation, or what the user asked for in a conversation. Calls of clients
 * that send no such ids form a group wherever their session was silent for a while. Each group says in the filter
 * language which calls are its own.
 */
import type { CallGroup, GroupBy, GroupPage, GroupQuery } from '../../contract/trafficGroups';
import type { NameField } from '../../query/ast';
import { foldCase } from '../../query/foldCase';
import { literalTerm } from '../../query/print';
import { answerKey, isOutOfQuestion, narrowed, searchBodies, useFilter, type CompiledFilter } from './filterSql';
import { limitOf, type Breathe } from './pages';
import { remember, unknownPlace } from './places';
import { addHistogram, percentilesOf, settledIn, totalsOf, turnsOf, type Histogram } from './rollups';
import { bringRuns, runExpression, runOf, runsOf, type Runs } from './runs';
import { findSession } from './sessions';
import { rows, type Source } from './source';
import { addTally, newTally, tallyOf, tallyOfRoll, tallySql, type Tally } from './tallies';

/** What identifies a group; `null`: its calls have none. `run`: begins there, by a silence. */
interface Identity {
  readonly server?: string | null;
  readonly session?: string | null;
  readonly conversation?: string | null;
  readonly turn?: string | null;
  readonly run?: { readonly firstMs: number; readonly lastMs: number };
}

const noIds = 'conversation IS NULL AND prompt IS NULL';

const expressions: Readonly<Record<GroupBy, readonly string[]>> = {
  session: ['session'],
  server: ['server'],
  conversation: ['conversation', 'CASE WHEN conversation IS NULL THEN session END'],
  prompt: ['conversation', 'prompt', `CASE WHEN ${noIds} THEN session END`, `CASE WHEN ${noIds} THEN ${runExpression} END`],
};

/** Calls of one group, in one source or in several. */
interface Part {
  readonly identity: Identity;
  readonly tally: Tally;
  /** Where they are all of one. */
  session: string | undefined;
  /** Texts of histograms; those that are asked for are read. */
  readonly histograms: string[];
}

export async function groups(sources: readonly Source[], query: GroupQuery, filter: CompiledFilter, through: number, breathe: Breathe): Promise<GroupPage> {
  const { by } = query;
  const after = query.cursor === undefined ? undefined : parseGroupCursor(query.cursor);
  const runs = by === 'prompt' ? await runsIn(sources, breathe) : new Map();
  const found = new Map<string, Part>();
  for (const source of sources) {
    if (isOutOfQuestion(filter, source)) continue;
    await searchBodies(filter, source, breathe);
    await breathe();
    for (const part of filter.key ? countedParts(source, by, filter, runs) : rolledParts(source, by, runs)) join(found, part);
  }
  const ordered = [...found].sort(([a, { tally: x }], [b, { tally: y }]) => y.lastMs - x.lastMs || (a < b ? -1 : 1));
  const rest = after ? ordered.filter(([key, { tally }]) => tally.lastMs < after.lastMs || (tally.lastMs === after.lastMs && key > after.key)) : ordered;
  const limit = limitOf(query.limit);
  const shown = rest.slice(0, limit);
  const last = shown.at(-1);
  const similar = similarValues(ordered.map(([, { identity }]) => identity));
  const histograms = filter.key ? await histogramsOf(new Map(shown), sources, by, filter, runs, breathe) : undefined;
  return {
    groups: shown.map(([key, part]) => groupOf(key, part, histograms?.get(key) ?? read(part.histograms), sources, similar)),
    olderCursor: last && rest.length > limit ? JSON.stringify([last[1].tally.lastMs, last[0]]) : undefined,
    through,
  };
}

async function runsIn(sources: readonly Source[], breathe: Breathe): Promise<Runs> {
  for (const source of sources) {
    turnsOf(source);
    await breathe();
  }
  return runsOf(sources.flatMap((source) => turnsOf(source)));
}

function join(found: Map<string, Part>, { identity, tally, session, histograms }: Part): void {
  const key = keyOfGroup(identity);
  let group = found.get(key);
  if (!group) found.set(key, (group = { identity, tally: newTally(), session, histograms: [] }));
  if (group.session !== session) group.session = undefined;
  addTally(group.tally, tally);
  group.histograms.push(...histograms);
}

/** The end of a run moves as calls come in: it is not what identifies it. */
const keyOfGroup = ({ run, ...identity }: Identity): string => JSON.stringify(run ? { ...identity, run: run.firstMs } : identity);

function rolledParts(source: Source, by: GroupBy, runs: Runs): Part[] {
  if (by === 'server') {
    return totalsOf(source).map((roll) => ({ identity: { server: roll.server ?? null }, tally: tallyOfRoll(roll), session: undefined, histograms: [roll.histogram] }));
  }
  return turnsOf(source).map((turn) => {
    const { session, conversation, prompt, runMs, histogram, ...tally } = turn;
    const values = by === 'session' ? [session] : by === 'conversation' ? [conversation, session] : [conversation, prompt, runMs === null ? null : session, runMs];
    return { identity: identityOf(by, values, runs), tally, session, histograms: [histogram] };
  });
}

/** Counted from the calls themselves; kept until the source changes. */
function countedParts(source: Source, by: GroupBy, filter: CompiledFilter, runs: Runs): Part[] {
  const key = `groups ${by} ${answerKey(filter, source)}`;
  let counted = source.cache.get(key) as (readonly unknown[])[] | undefined;
  if (!counted) {
    if (by === 'prompt') bringRuns(source, turnsOf(source));
    const { where, params } = useFilter(filter, source);
    const names = expressions[by].map((_, index) => index + 1).join();
    counted = rows(source.db, `SELECT ${expressions[by].join()}, min(session), max(session), ${tallySql} FROM call WHERE ${where} GROUP BY ${names}`, [...params]);
    remember(source, key, counted);
  }
  const width = expressions[by].length;
  return counted.map((row) => ({
    identity: identityOf(by, row.slice(0, width) as (string | number | null)[], runs),
    session: by === 'server' || row[width] !== row[width + 1] ? undefined : (row[width] as string),
    tally: tallyOf(row.slice(width + 2)),
    histograms: [],
  }));
}

/** Durations of the groups that are shown, which lie in few of the sources. */
async function histogramsOf(shown: ReadonlyMap<string, Part>, sources: readonly Source[], by: GroupBy, filter: CompiledFilter, runs: Runs, breathe: Breathe): Promise<Map<string, Histogram>> {
  const histograms = new Map<string, Histogram>();
  const fromMs = Math.min(...[...shown.values()].map(({ tally }) => tally.firstMs));
  const toMs = Math.max(...[...shown.values()].map(({ tally }) => tally.lastMs));
  const within = narrowed(filter, 'bucket IS NOT NULL AND time_ms BETWEEN ? AND ?', [fromMs, toMs]);
  const width = expressions[by].length;
  for (const source of sources) {
    if (source.extent.minMs > toMs || source.extent.maxMs < fromMs || isOutOfQuestion(filter, source)) continue;
    await breathe();
    if (by === 'prompt') bringRuns(source, turnsOf(source));
    const { where, params } = useFilter(within, source);
    const names = Array.from({ length: width + 1 }, (_, index) => index + 1).join();
    for (const row of rows(source.db, `SELECT ${expressions[by].join()}, bucket, count(*) FROM call WHERE ${where} GROUP BY ${names}`, [...params])) {
      const key = keyOfGroup(identityOf(by, row.slice(0, width) as (string | number | null)[], runs));
      if (!shown.has(key)) continue;
      const histogram = histograms.get(key) ?? new Map<number, number>();
      const [bucket, calls] = row.slice(width) as number[];
      histogram.set(bucket!, (histogram.get(bucket!) ?? 0) + calls!);
      histograms.set(key, histogram);
    }
  }
  return histograms;
}

function read(texts: readonly string[]): Histogram {
  const histogram: Histogram = new Map();
  for (const text of texts) addHistogram(histogram, text);
  return histogram;
}

function identityOf(by: GroupBy, values: readonly (string | number | null)[], runs: Runs): Identity {
  const [first = null, second = null, third = null, fourth = null] = values as (string | null)[];
  switch (by) {
    case 'session':
      return { session: first };
    case 'server':
      return { server: first };
    case 'conversation':
      return first === null ? { conversation: null, session: second } : { conversation: first };
    case 'prompt':
      if (third === null) return { conversation: first, turn: second };
      return { conversation: null, turn: null, session: third, run: runOf(runs, third, Number(fourth)) };
  }
}

function groupOf(key: string, { identity, tally, session }: Part, histogram: Histogram, sources: readonly Source[], similar: ReadonlySet<string>): CallGroup {
  const { calls, errors, running, bytes, totalUs, firstMs, lastMs } = tally;
  const info = session === undefined ? undefined : findSession(sources, session);
  const ownId = identity.run || identity.conversation === null ? identity.turn : (identity.server ?? identity.turn ?? identity.conversation ?? identity.session);
  return {
    key,
    filter: filterOf(identity, similar),
    id: ownId ?? undefined,
    client: info?.clientName,
    clientVersion: info?.clientVersion,
    session,
    isByTime: identity.run ? true : undefined,
    isPlayground: info?.isPlayground ? true : undefined,
    calls,
    errors,
    running,
    bytes,
    totalUs,
    // Of one call it is known exactly.
    p95Us: settledIn(histogram) === 1 ? totalUs : percentilesOf(histogram, [0.95])[0],
    firstMs,
    lastMs,
  };
}

function filterOf({ server, session, conversation, turn, run }: Identity, similar: ReadonlySet<string>): string {
  const terms: string[] = [];
  const term = (field: NameField, value: string | null | undefined): void => {
    if (value === undefined) return;
    // Text, but an empty one: no glob but this tells it from others.
    if (value === '') terms.push(`-${field}:?*`);
    else terms.push(value === null ? `-${field}:*` : exactTerm(field, value, similar));
  };
  term('server', server);
  term('session', session);
  term('conversation', conversation);
  term('turn', turn);
  if (run) terms.push(`since:${new Date(run.firstMs).toISOString()}`, `until:${new Date(run.lastMs + 1).toISOString()}`);
  return terms.join(' ');
}

/** Values that differ in nothing but case from another one: the language makes no difference between them. */
function similarValues(identities: readonly Identity[]): ReadonlySet<string> {
  const seen = new Map<string, string>();
  const similar = new Set<string>();
  for (const { server, session, conversation, turn } of identities) {
    for (const value of [server, session, conversation, turn]) {
      if (typeof value !== 'string') continue;
      const folded = foldCase(value);
      const other = seen.get(folded);
      if (other !== undefined && other !== value) similar.add(folded);
      seen.set(folded, value);
    }
  }
  return similar;
}

function exactTerm(field: NameField, value: string, similar: ReadonlySet<string>): string {
  if (!similar.has(foldCase(value)) || value.length > 200 || /[\r\n]/.test(value)) return literalTerm(field, value);
  return `${field}:/^${value.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}$/`;
}

function parseGroupCursor(cursor: string): { lastMs: number; key: string } {
  try {
    const [lastMs, key] = JSON.parse(cursor) as unknown[];
    if (typeof lastMs === 'number' && typeof key === 'string') return { lastMs, key };
  } catch {
    // Said below.
  }
  throw unknownPlace();
}
