/**
 * Owns what users put on calls (pin, colour, comment), as all windows together have left it. Each change stands as a
 * record with its time; of two about the same thing the later one holds, of two at the same moment that of the writer
 * whose name comes later. So records may be read in any order and any number of times, which is what lets every window
 * write a file of its own, and files be put together without a word to anyone.
 *
 * A file of notes is text: "#mcp-shark-notes 1", then per record the CRC-32 of its JSON in eight hex digits, a space, and
 * the JSON: t (time, ms), w (writer), id (of the call), and what changed: pin, color, comment; null takes away. A line
 * that does not fit its checksum is passed over, so what a kill leaves in the middle of a line costs that line.
 */
import { crc32 } from 'node:zlib';
import { NOTE_COLORS, MAX_COMMENT, type CallNote, type NoteChange, type NoteColor } from '../../contract/traffic';
import { isJsonObject, tryParseJson } from '../../util/json';

export const notesHead = '#mcp-shark-notes ';
export const notesVersion = 1;

export interface NoteRecord {
  /** Unix epoch, milliseconds; at most one record of a writer and call has it. */
  readonly t: number;
  readonly w: string;
  /** `<writer>/<number>` or `<writer>/<number>.<part>`. */
  readonly id: string;
  readonly pin?: boolean;
  readonly color?: NoteColor | null;
  readonly comment?: string | null;
}

type Field = 'pin' | 'color' | 'comment';
const fields: readonly Field[] = ['pin', 'color', 'comment'];

interface Stamped {
  readonly t: number;
  readonly w: string;
  readonly value: unknown;
}

/** A call's note with the place of the call within its writer. */
export interface PlacedNote {
  readonly n: number;
  readonly part: number;
  readonly note: CallNote;
}

interface Entry {
  readonly stamps: Map<Field, Stamped>;
  placed: PlacedNote | undefined;
}

export class NoteBook {
  /** By writer of the call, then by its id. */
  readonly #writers = new Map<string, Map<string, Entry>>();
  #version = 0;
  /** Time of the latest record. */
  #latest = 0;

  /** Another one whenever something has changed. */
  get version(): number {
    return this.#version;
  }

  /** A time for a new record, later than all that are known: a clock that was set back must not undo the next change. */
  next(nowMs: number): number {
    return Math.max(nowMs, this.#latest + 1);
  }

  note(writer: string, id: string): CallNote | undefined {
    return this.#writers.get(writer)?.get(id)?.placed?.note;
  }

  /** Calls of a writer that have a note. */
  of(writer: string): PlacedNote[] {
    return [...(this.#writers.get(writer)?.values() ?? [])].flatMap(({ placed }) => placed ?? []);
  }

  /** Takes a record in; false where it says nothing that is new. */
  take(record: NoteRecord): boolean {
    const place = /^(.+)\/(\d{1,12})(?:\.(\d{1,4}))?$/.exec(record.id);
    if (!place) return false;
    const [, writer = '', n, part] = place;
    const entries = this.#writers.get(writer) ?? new Map<string, Entry>();
    const entry = entries.get(record.id) ?? { stamps: new Map<Field, Stamped>(), placed: undefined };
    let isNew = false;
    for (const field of fields) {
      const value = record[field];
      const before = entry.stamps.get(field);
      if (value === undefined || (before && (before.t > record.t || (before.t === record.t && before.w >= record.w)))) continue;
      entry.stamps.set(field, { t: record.t, w: record.w, value });
      isNew = true;
    }
    this.#latest = Math.max(this.#latest, record.t);
    if (!isNew) return false;
    const note = noteOf(entry.stamps);
    entry.placed = note && { n: Number(n), part: Number(part ?? 0), note };
    entries.set(record.id, entry);
    this.#writers.set(writer, entries);
    this.#version++;
    return true;
  }

  /** Everything that is known, as few records: also what was taken away, since others may still hold it. */
  *records(): Iterable<NoteRecord> {
    for (const entries of this.#writers.values()) {
      for (const [id, { stamps }] of entries) {
        for (const [field, { t, w, value }] of stamps) yield { t, w, id, [field]: value };
      }
    }
  }
}

/** An empty one. */
export const noteBook = (): NoteBook => new NoteBook();

/** The record of a change. */
export function recordOf(id: string, { isPinned, color, comment }: NoteChange, t: number, w: string): NoteRecord {
  return {
    t,
    w,
    id,
    ...(isPinned === undefined ? {} : { pin: isPinned }),
    ...(color === undefined ? {} : { color }),
    ...(comment === undefined ? {} : { comment: comment === '' ? null : (comment?.slice(0, MAX_COMMENT) ?? null) }),
  };
}

/** A line of its own even where what stands before it was never completed. */
export function encodeNote(record: NoteRecord): string {
  const json = JSON.stringify(record);
  return `\n${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
}

/** `undefined`: the line is damaged, empty, or of a kind that is not known. */
export function decodeNote(line: string): NoteRecord | undefined {
  const json = line.slice(9);
  if (line[8] !== ' ' || crc32(json).toString(16).padStart(8, '0') !== line.slice(0, 8)) return undefined;
  const value = tryParseJson(json);
  if (!isJsonObject(value)) return undefined;
  const { t, w, id, pin, color, comment } = value;
  if (typeof t !== 'number' || !Number.isSafeInteger(t) || typeof w !== 'string' || typeof id !== 'string') return undefined;
  return {
    t,
    w,
    id,
    ...(typeof pin === 'boolean' ? { pin } : {}),
    ...(color === null || (NOTE_COLORS as readonly unknown[]).includes(color) ? { color: color as NoteColor | null } : {}),
    ...(comment === null || typeof comment === 'string' ? { comment } : {}),
  };
}

function noteOf(stamps: ReadonlyMap<Field, Stamped>): CallNote | undefined {
  const pin = stamps.get('pin')?.value;
  const color = stamps.get('color')?.value;
  const comment = stamps.get('comment')?.value;
  if (pin !== true && typeof color !== 'string' && typeof comment !== 'string') return undefined;
  return {
    ...(pin === true ? { isPinned: true as const } : {}),
    ...(typeof color === 'string' ? { color: color as NoteColor } : {}),
    ...(typeof comment === 'string' ? { comment } : {}),
  };
}
