/**
 * Owns the files of notes: folder `notes` with one file per writer, which only that writer adds to, and files that
 * several of dead writers were put together in. Reading follows each from where it ended; nothing here is ever taken
 * back, so a file that goes away takes nothing with it.
 */
import { closeSync, fdatasyncSync, fstatSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, messageOf } from '../../util/errors';
import { notesFolder, notesName } from '../fileNames';
import { readAtOf } from '../journalReader';
import { putFile } from './fileBuilder';
import { freeNumber } from './merger';
import { decodeNote, encodeNote, NoteBook, notesHead, notesVersion, type NoteRecord } from './notes';

const head = `${notesHead}${notesVersion}\n`;
/** Files are read by pieces of this size; a line is much shorter. */
const pieceBytes = 1 << 20;

/** Follows the notes of all windows. */
export class NoteReader {
  readonly book = new NoteBook();
  /** How far each file has been read. */
  readonly #ends = new Map<string, number>();
  readonly #refused = new Set<string>();
  #isComplete = false;

  constructor(
    private readonly dir: string,
    private readonly warn: (message: string) => void,
  ) {}

  /** Whether the last look has read everything there is. Where not, there may be notes that nobody here knows of. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Reads what is new; gives whether that was anything. Never throws: what cannot be read is tried again, but for newer formats. */
  read(): boolean {
    const folder = join(this.dir, notesFolder);
    const { version } = this.book;
    let names: string[] = [];
    this.#isComplete = true;
    try {
      names = namesIn(folder);
    } catch {
      this.#isComplete = false;
    }
    for (const name of names) {
      if (this.#refused.has(name)) {
        this.#isComplete = false;
        continue;
      }
      try {
        this.#follow(name, join(folder, name));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
        this.#isComplete = false;
        if (error instanceof AppError) this.#refused.add(name);
        this.warn(error instanceof AppError ? error.message : `The notes in ${name} cannot be read: ${messageOf(error)}`);
      }
    }
    return this.book.version !== version;
  }

  #follow(name: string, path: string): void {
    const size = statSync(path).size;
    let end = this.#ends.get(name) ?? 0;
    // Somebody has cut it: what it holds is read again, which changes nothing.
    if (size < end) end = 0;
    if (size === end) return;
    const fd = openSync(path, 'r');
    try {
      const readAt = readAtOf(fd);
      while (end < size) {
        const piece = Buffer.allocUnsafe(Math.min(pieceBytes, size - end));
        const got = readAt(piece, 0, piece.length, end);
        const lines = piece.lastIndexOf(10, got - 1) + 1;
        // A line that has not been written to its end; or none at all, in a whole piece.
        if (lines === 0 && got < pieceBytes) break;
        this.#take(name, piece.toString('utf8', 0, lines), end === 0);
        end += lines || got;
      }
    } finally {
      closeSync(fd);
    }
    this.#ends.set(name, end);
  }

  #take(name: string, text: string, isStart: boolean): void {
    const version = isStart && text.startsWith(notesHead) ? Number(/^\d+/.exec(text.slice(notesHead.length))?.[0]) : notesVersion;
    if (version > notesVersion) throw new AppError('store.newerFormat', `The notes in ${name} were written by a newer MCP Shark (format ${version}). They are left alone; update MCP Shark to see them.`);
    for (const line of text.split('\n')) {
      const record = line === '' || line.startsWith('#') ? undefined : decodeNote(line);
      if (record) this.book.take(record);
    }
  }
}

/** Adds to this writer's notes; synced when it returns. Throws `store.unavailable` with what the disk said. */
export function appendNotes(dir: string, writer: string, records: readonly NoteRecord[]): void {
  try {
    mkdirSync(join(dir, notesFolder), { recursive: true, mode: 0o700 });
    const fd = openSync(join(dir, notesFolder, notesName(writer)), 'a', 0o600);
    try {
      const bytes = Buffer.from((fstatSync(fd).size === 0 ? head : '') + records.map(encodeNote).join(''));
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      fdatasyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw new AppError('store.unavailable', `The note could not be written: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * Lets the other windows know that this one is there: they watch the folder, and a file that comes and goes is enough.
 * Where it cannot be written to, they look for themselves. Makes no store where there is none.
 */
export function announce(dir: string, writer: string): void {
  try {
    const folder = join(dir, notesFolder);
    if (!statSync(folder, { throwIfNoEntry: false })) mkdirSync(folder, { mode: 0o700 });
    const sign = join(folder, `${writer}.here`);
    closeSync(openSync(sign, 'w', 0o600));
    rmSync(sign, { force: true });
  } catch {
    // Seen a little later, then.
  }
}

/**
 * Puts the files of writers that `isOver` says are dead into one. Each step may be the last: until a file goes, what it
 * holds is in the new one too. Throws I/O errors.
 */
export async function mergeNotes(dir: string, me: string, least: number, isOver: (writer: string) => Promise<boolean>, warn: (message: string) => void): Promise<void> {
  const folder = join(dir, notesFolder);
  const over: string[] = [];
  for (const name of namesIn(folder)) {
    const owner = name.slice(0, -notesName('').length);
    if (owner !== me && (owner.startsWith(mergedPrefix) || (await isOver(owner)))) over.push(name);
  }
  for (const name of unfinishedIn(folder)) if (await isOver(name.replace(/^.*\.building-/, ''))) rmSync(join(folder, name), { force: true });
  const held = over.filter((name) => readFileSync(join(folder, name)).length > head.length);
  for (const name of over) if (!held.includes(name)) rmSync(join(folder, name), { force: true });
  if (held.length < least) return;
  const book = new NoteBook();
  const read: string[] = [];
  for (const name of held) {
    const text = readFileSync(join(folder, name), 'utf8');
    if (text.startsWith(notesHead) && !text.startsWith(head)) {
      warn(`The notes in ${name} were written by a newer MCP Shark and are left alone.`);
      continue;
    }
    for (const line of text.split('\n')) {
      const record = decodeNote(line);
      if (record) book.take(record);
    }
    read.push(name);
  }
  const nameOf = (k: number): string => notesName(`${mergedPrefix}${me}-${k}`);
  const merged = nameOf(freeNumber(folder, nameOf));
  putFile(folder, merged, me, [Buffer.from(head + [...book.records()].map(encodeNote).join(''))]);
  for (const name of read) rmSync(join(folder, name), { force: true });
}

const mergedPrefix = 'merged-';

function unfinishedIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.includes(`${notesName('')}.building-`));
  } catch {
    return [];
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(notesName('')))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
