/**
 * Owns the names of the store's files; no other module spells one.
 *
 *   <writer>-<k>.jnl                journal number k of a writer (one writer per window, k counts its rotations from 1)
 *   <writer>-<k>.jnl.by-<writer>    a dead writer's journal, adopted by the named one, which seals it
 *   <writer>-<k>.recent.sqlite      snapshot of a journal that is still written to
 *   <writer>-<k>.sqlite             sealed segment
 *   <writer>-<k>.sig                signatures of a segment's bodies, for searching; can be missing
 *   merged-<writer>-<k>.sqlite      small segments put together by a writer; it holds the names of those it replaces
 *   <final name>.building-<writer>  being written; never read, renamed when complete
 *   kept-<writer>-<k>.sqlite        calls that users put a note on, of segments that are gone; as merged ones, it names them
 *   segments.index                  what the segments say of themselves, to be known without reading each; can be missing
 *   notes/<writer>.notes            what users put on calls in that writer's window
 *   quarantine/                     originals of files that were damaged
 */
export type StoreFile =
  | { readonly kind: 'journal'; readonly name: string; readonly writer: string; readonly k: number; readonly adopter?: string }
  | { readonly kind: 'segment'; readonly name: string; readonly writer: string; readonly k: number; readonly merged: boolean }
  | { readonly kind: 'snapshot'; readonly name: string; readonly writer: string; readonly k: number }
  | { readonly kind: 'signatures'; readonly name: string; readonly writer: string; readonly k: number }
  | { readonly kind: 'building'; readonly name: string; readonly builder: string };

export const quarantineFolder = 'quarantine';
export const notesFolder = 'notes';
/** What segments say of themselves (worker/segmentIndex.ts). No part of the history: it counts for nothing. */
export const segmentIndexName = 'segments.index';
/** Held by the window that is merging segments. */
export const mergeLockName = 'merging.lock';
const mergedPrefix = 'merged-';
const keptPrefix = 'kept-';

const pattern = /^([A-Za-z0-9][A-Za-z0-9-]{0,79})-(\d{1,9})\.(?:(sqlite)|(recent\.sqlite)|(sig)|jnl(?:\.by-([A-Za-z0-9-]{1,80}))?)$/;
const building = /\.building-([A-Za-z0-9-]{1,80})$/;

/** What a file of the store's folder is; `undefined` for everything that is not the store's. */
export function parseFileName(name: string): StoreFile | undefined {
  const partial = building.exec(name);
  if (partial) return { kind: 'building', name, builder: partial[1]! };
  const match = pattern.exec(name);
  if (!match) return undefined;
  const writer = match[1]!;
  const k = Number(match[2]);
  if (match[3]) return { kind: 'segment', name, writer, k, merged: writer.startsWith(mergedPrefix) || writer.startsWith(keptPrefix) };
  if (match[4]) return { kind: 'snapshot', name, writer, k };
  if (match[5]) return { kind: 'signatures', name, writer, k };
  return match[6] === undefined ? { kind: 'journal', name, writer, k } : { kind: 'journal', name, writer, k, adopter: match[6] };
}

export const journalName = (writer: string, k: number): string => `${writer}-${k}.jnl`;
export const adoptedName = (writer: string, k: number, adopter: string): string => `${writer}-${k}.jnl.by-${adopter}`;
export const segmentName = (writer: string, k: number): string => `${writer}-${k}.sqlite`;
/** The signatures that belong to a segment. */
export const signaturesName = (segment: string): string => segment.replace(/\.sqlite$/, '.sig');
export const keptName = (writer: string, k: number): string => `${keptPrefix}${writer}-${k}.sqlite`;
export const notesName = (writer: string): string => `${writer}.notes`;
export const mergedName = (writer: string, k: number): string => `${mergedPrefix}${writer}-${k}.sqlite`;
export const snapshotName = (writer: string, k: number): string => `${writer}-${k}.recent.sqlite`;
export const buildingName = (final: string, builder: string): string => `${final}.building-${builder}`;

/**
 * A new writer's name: the time it started, for people who look into the folder, and random letters, for uniqueness.
 * `random` may be any text; what does not belong in a file name is replaced.
 */
export function newWriterName(wallMs: number, random: string): string {
  const iso = new Date(wallMs).toISOString();
  const letters = random.toLowerCase().replace(/[^a-z0-9]/g, 'x').slice(0, 12);
  return `${iso.slice(0, 10).replaceAll('-', '')}-${iso.slice(11, 19).replaceAll(':', '')}-${letters}`;
}
