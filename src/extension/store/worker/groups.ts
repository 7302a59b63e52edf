/**
 * Owns calls in groups: by session, server, conversation, or what the user asked for in a conversation. Calls of clients
 * that send no such ids form a group wherever their session was silent for a while. Each group says in the filter
 * language which calls are its own.
 */
import type { CallGroup, GroupBy, GroupPage, GroupQuery } from '../../contract/trafficGroups';
import type { NameField } from '../../query/ast';
import { foldCase } from '../../query/foldCase';
import { literalTerm } from '../../query/print';
import { answerKey, isOutOfQuestion, searchBodies, type CompiledFilter } from './filterSql';
import { Histogram } from './histogram';
import { newestGroups } from './newestGroups';
import { limitOf, type Breathe } from './pages';
import { remember, unknownPlace } from './places';
import { hasStandIns, isCallSql, totalsOf, turnsOf, turnSums } from './rollups';
import { bringRuns, runExpression, runOf, runsOf, type Runs } from './runs';
import { inSlices } from './scans';
import { findSession } from './sessions';
import { rows, type Source } from './source';
import { isStandIn, standIns } from './standInCalls';
import { addTally, newTally, tallyOf, tallyOfRoll, tallySql, type Tally } from './tallies';
import { TurnTableBuilder, type TurnTable } from './turnTable';

/** What identifies a group; `null`: its calls have none. `run`: begins there, by a silence. */
interface Identity {
  readonly server?: string | null;
  readonly session?: string | null;
  readonly conversation?: string | null;
  readonly turn?: string | null;
  readonly run?: { readonly firstMs: number; readonly lastMs: number };
}

/** What calls are told apart by, as table `turn` has it: session, conversation, prompt, begin of the run. */
const columns: Readonly<Record<Exclude<GroupBy, 'server'>, string>> = {
  session: 'session, NULL AS conversation, NULL AS prompt, NULL AS run_ms',
  conversation: 'session, conversation, NULL AS prompt, NULL AS run_ms',
  prompt: `session, conversation, prompt, CASE WHEN conversation IS NULL AND prompt IS NULL THEN ${runExpression} END AS run_ms`,
};

/** Calls of one group, in one source or in several. */
interface Part {
  readonly identity: Identity;
  readonly tally: Tally;
  /** Where they are all of one. */
  session: string | undefined;
  readonly histogram: Histogram;
}

interface Found {
  /** Newest first; one more than fit on the page where there are more. */
  readonly groups: readonly (readonly [string, Part])[];
  /** See `similarTo`. */
  readonly similar: ReadonlySet<string>;
}

export async function groups(sources: readonly Source[], query: GroupQuery, filter: CompiledFilter, through: number, breathe: Breathe): Promise<GroupPage> {
  const { by } = query;
  const after = query.cursor === undefined ? undefined : parseGroupCursor(query.cursor);
  const limit = limitOf(query.limit);
  const found = by === 'server' ? await serverGroups(sources, filter, after, limit, breathe) : await turnGroups(sources, by, filter, after, limit, breathe);
  const shown = found.groups.slice(0, limit);
  const last = shown.at(-1);
  return {
    groups: shown.map(([key, part]) => groupOf(key, part, sources, found.similar)),
    olderCursor: last && found.groups.length > limit ? JSON.stringify([last[1].tally.lastMs, last[0]]) : undefined,
    through,
  };
}

async function turnGroups(sources: readonly Source[], by: Exclude<GroupBy, 'server'>, filter: CompiledFilter, after: GroupPlace | undefined, limit: number, breathe: Breathe): Promise<Found> {
  const runs = by === 'prompt' ? await runsIn(sources, breathe) : new Map();
  const tables: TurnTable[] = [];
  for (const source of sources) {
    if (isOutOfQuestion(filter, source)) continue;
    await searchBodies(filter, source, breathe);
    await breathe();
    tables.push(filter.key ? await filteredTurns(source, by, filter, breathe) : turnsOf(source));
  }
  const found = await newestGroups(tables, { identityOf: (table, index) => identityOf(by, valuesOf(by, table, index), runs), keyOf: keyOfGroup, pivotOf: (table, index) => pivotOf(by, table, index) }, after, limit, breathe);
  return { groups: found.map((group) => [group.key, group]), similar: similarTo(found, idsOfTurns(found, tables)) };
}

/** Answers with more rows take much room: only the latest is kept. */
const mostRemembered = 2000;

/** Counted from the calls themselves; kept until the source changes. */
async function filteredTurns(source: Source, by: Exclude<GroupBy, 'server'>, filter: CompiledFilter, breathe: Breathe): Promise<TurnTable> {
  const key = `groups ${by} ${answerKey(filter, source)}`;
  const many = source.cache.get('many groups') as { readonly key: string; readonly table: TurnTable } | undefined;
  let table = many?.key === key ? many.table : (source.cache.get(key) as TurnTable | undefined);
  if (table) return table;
  if (by === 'prompt') bringRuns(source, turnsOf(source));
  const builder = new TurnTableBuilder();
  await inSlices(source, filter, breathe, (scan, where, params) => builder.add(source.db, turnSums(columns[by], `call ${scan} WHERE ${isCallSql(source)} AND ${where}`), params));
  table = builder.finish();
  if (table.length > mostRemembered) source.cache.set('many groups', { key, table });
  else remember(source, key, table);
  return table;
}

function valuesOf(by: GroupBy, table: TurnTable, index: number): (string | number | null)[] {
  const session = table.session[index]!;
  const conversation = table.conversation[index]!;
  const runMs = table.runMs(index);
  if (by === 'session') return [session];
  if (by === 'conversation') return [conversation, session];
  return [conversation, table.prompt[index]!, runMs === null ? null : session, runMs];
}

function pivotOf(by: GroupBy, table: TurnTable, index: number): string {
  const session = table.session[index]!;
  if (by === 'session' || (by === 'prompt' && table.runMs(index) !== null)) return session;
  const conversation = table.conversation[index];
  return by === 'conversation' ? (conversation ?? session) : (table.prompt[index] ?? conversation ?? '');
}

async function serverGroups(sources: readonly Source[], filter: CompiledFilter, after: GroupPlace | undefined, limit: number, breathe: Breathe): Promise<Found> {
  const found = new Map<string, Part>();
  for (const source of sources) {
    if (isOutOfQuestion(filter, source)) continue;
    await searchBodies(filter, source, breathe);
    await breathe();
    for (const { identity, tally, histogram } of filter.key ? await countedServers(source, filter, breathe) : serversOf(source)) {
      const part = partOf(found, identity.server ?? null);
      addTally(part.tally, tally);
      part.histogram.addAll(histogram);
    }
  }
  const ordered = [...found].sort(([a, { tally: x }], [b, { tally: y }]) => y.lastMs - x.lastMs || (a < b ? -1 : 1));
  const rest = after ? ordered.filter(([key, { tally }]) => tally.lastMs < after.lastMs || (tally.lastMs === after.lastMs && key > after.key)) : ordered;
  return { groups: rest.slice(0, limit + 1), similar: similarTo(ordered.map(([, part]) => part), []) };
}

function partOf(parts: Map<string, Part>, server: string | null): Part {
  const identity = { server };
  const key = keyOfGroup(identity);
  let part = parts.get(key);
  if (!part) parts.set(key, (part = { identity, tally: newTally(), session: undefined, histogram: new Histogram() }));
  return part;
}

/** From roll-ups. */
function serversOf(source: Source): Iterable<Part> {
  const parts = new Map<string, Part>();
  for (const roll of totalsOf(source)) {
    if (isStandIn(roll.method)) continue;
    const part = partOf(parts, roll.server ?? null);
    addTally(part.tally, tallyOfRoll(roll));
    part.histogram.addBuckets(roll.histogram);
  }
  return parts.values();
}

/** Counted from the calls themselves; kept until the source changes. */
async function countedServers(source: Source, filter: CompiledFilter, breathe: Breathe): Promise<Iterable<Part>> {
  const key = `groups server ${answerKey(filter, source)}`;
  const known = source.cache.get(key) as readonly Part[] | undefined;
  if (known) return known;
  const parts = new Map<string, Part>();
  await inSlices(source, filter, breathe, (scan, where, params) => {
    for (const [server, bucket, ...sums] of rows(source.db, `SELECT server, bucket, ${tallySql} FROM call ${scan} WHERE ${isCallSql(source)} AND ${where} GROUP BY 1, 2`, params)) {
      const part = partOf(parts, server as string | null);
      const tally = tallyOf(sums);
      addTally(part.tally, tally);
      if (typeof bucket === 'number') part.histogram.add(bucket, tally.calls);
    }
  });
  const counted = [...parts.values()];
  remember(source, key, counted);
  return counted;
}

async function runsIn(sources: readonly Source[], breathe: Breathe): Promise<Runs> {
  for (const source of sources) {
    turnsOf(source);
    await breathe();
  }
  return runsOf(sources.map(turnsOf));
}

/** The end of a run moves as calls come in: it is not what identifies it. */
const keyOfGroup = ({ run, ...identity }: Identity): string => JSON.stringify(run ? { ...identity, run: run.firstMs } : identity);

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

function groupOf(key: string, { identity, tally, session, histogram }: Part, sources: readonly Source[], similar: ReadonlySet<string>): CallGroup {
  const { calls, errors, running, bytes, totalUs, firstMs, lastMs } = tally;
  const info = session === undefined ? undefined : findSession(sources, session);
  // A conversation's id is no prompt's: what names the one need not name the other.
  const ownId = 'turn' in identity || identity.conversation === null ? identity.turn : (identity.server ?? identity.conversation ?? identity.session);
  return {
    key,
    filter: filterOf(identity, similar, sources.some(hasStandIns)),
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
    p95Us: histogram.settled === 1 ? totalUs : histogram.percentiles([0.95])[0],
    firstMs,
    lastMs,
  };
}

/** `besideStandIns`: rows that stand for what is not in the log, which have neither server nor session, are to be left out. */
function filterOf({ server, session, conversation, turn, run }: Identity, similar: ReadonlySet<string>, besideStandIns: boolean): string {
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
  if (besideStandIns && (server === null || session === '')) terms.push(...standIns.map((method) => `-${literalTerm('method', method)}`));
  if (run) terms.push(`since:${new Date(run.firstMs).toISOString()}`, `until:${new Date(run.lastMs + 1).toISOString()}`);
  return terms.join(' ');
}

const idsOf = ({ server, session, conversation, turn }: Identity): readonly (string | null | undefined)[] => [server, session, conversation, turn];

/** Those ids of the groups shown, in lower case, that differ in nothing but case from another value: the language makes no difference between them. */
function similarTo(shown: readonly { readonly identity: Identity }[], all: Iterable<string | null | undefined>): ReadonlySet<string> {
  const similar = new Set<string>();
  const wanted = new Map<string, string>();
  const look = (value: string | null | undefined): string | undefined => {
    if (typeof value !== 'string') return undefined;
    const folded = foldCase(value);
    if ((wanted.get(folded) ?? value) !== value) similar.add(folded);
    return folded;
  };
  for (const value of shown.flatMap(({ identity }) => idsOf(identity))) {
    const folded = look(value);
    if (folded !== undefined) wanted.set(folded, value as string);
  }
  for (const value of all) look(value);
  return similar;
}

/** Ids of turns; none where none can be similar to those of the groups shown, which only capital letters can make them. */
function* idsOfTurns(shown: readonly { readonly identity: Identity }[], tables: readonly TurnTable[]): Iterable<string | null> {
  const hasCapitals = shown.some(({ identity }) => idsOf(identity).some((value) => typeof value === 'string' && foldCase(value) !== value));
  for (const table of tables) if (hasCapitals || table.hasCapitals) for (const column of [table.session, table.conversation, table.prompt]) yield* column;
}

function exactTerm(field: NameField, value: string, similar: ReadonlySet<string>): string {
  if (!similar.has(foldCase(value)) || value.length > 200 || /[\r\n]/.test(value)) return literalTerm(field, value);
  return `${field}:/^${value.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}$/`;
}

/** A place between groups. */
interface GroupPlace {
  readonly lastMs: number;
  readonly key: string;
}

function parseGroupCursor(cursor: string): GroupPlace {
  try {
    const [lastMs, key] = JSON.parse(cursor) as unknown[];
    if (typeof lastMs === 'number' && typeof key === 'string') return { lastMs, key };
  } catch {
    // Said below.
  }
  throw unknownPlace();
}
