/**
 * Owns which calls a sealed segment can say something about, besides those that are in it: what belongs to a call is mostly in
 * one file, and to ask all others would be most of what showing a call costs. Read off the ends of indexes once, and kept.
 */
import { REPEATED_METHOD } from '../../contract/traffic';
import { rows, type Source } from './source';

/** What servers wrote and what became of requests on the way, shown with the call in whose time it came. */
export const meanwhileTypes = `('server.stderr', 'server.strayStdout', '${REPEATED_METHOD}')`;

type Range = readonly [least: number, most: number];

interface Reaches {
  /** Keys of the calls that are in it. */
  readonly calls: Range;
  /** Keys of the calls that messages in it belong to. */
  readonly messages: Range;
  /** Keys of the calls in whose course others in it were made. */
  readonly nested: Range;
  /** Keys of events of `meanwhileTypes`, and when they came, by the clock of who wrote them, microseconds. */
  readonly events: Range;
  readonly eventsUs: Range;
}

const ends = (column: string, table: string, where = `${column} IS NOT NULL`): string => `(SELECT min(${column}) FROM ${table} WHERE ${where}), (SELECT max(${column}) FROM ${table} WHERE ${where})`;
const isMeanwhile = `type IN ${meanwhileTypes}`;
const sql = `SELECT ${[ends('frame', 'call', '1'), ends('call', 'frame'), ends('parent_frame', 'call'), ends('frame', 'event', isMeanwhile), ends('us', 'event', isMeanwhile)].join(', ')}`;

/** Whether a source may say something about the call with this key. */
export function reaches(source: Source, what: 'calls' | 'messages' | 'nested', key: number): boolean {
  const known = reachesOf(source);
  return !known || isWithin(known[what], key);
}

/** Whether a source may hold something that came meanwhile: events from this key on, between two times. */
export function reachesEvents(source: Source, fromKey: number, fromUs: number, toUs: number): boolean {
  const known = reachesOf(source);
  return !known || (known.events[1] >= fromKey && known.eventsUs[0] <= toUs && known.eventsUs[1] >= fromUs);
}

/** `undefined`: it grows. */
function reachesOf(source: Source): Reaches | undefined {
  if (!source.sealed) return undefined;
  let known = source.cache.get('reaches') as Reaches | undefined;
  if (!known) {
    const found = rows(source.db, sql)[0]!;
    const range = (at: number): Range => (typeof found[at] === 'number' ? [found[at], found[at + 1] as number] : [Infinity, -Infinity]);
    known = { calls: range(0), messages: range(2), nested: range(4), events: range(6), eventsUs: range(8) };
    source.cache.set('reaches', known);
  }
  return known;
}

const isWithin = ([least, most]: Range, key: number): boolean => key >= least && key <= most;
