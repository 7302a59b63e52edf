/**
 * Owns one file per server in which everything decided and seen about it is written down, one JSON line each: approvals,
 * refusals, definitions with their hashes. Lines are only ever appended, each in one write, so any number of windows may
 * write at once; what they say is always what the whole file says, read in its order. A line that was cut off by a crash
 * is left out.
 *
 * A server is known by its configuration file (absolute path) and its name: a copy of the workspace elsewhere is asked
 * for anew, as with Workspace Trust.
 */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readSync, statSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import type { DefinitionKind } from '../contract/governance';
import { AppError, messageOf } from '../util/errors';
import { isJsonObject, tryParseJson } from '../util/json';
import type { Logger } from '../util/logger';
import type { RunFact } from './approvalsDescription';

/** Version of the lines; a file that says a later one is not read and not written. */
export const LEDGER_VERSION = 1;
/** A file beyond this takes no more definitions; approvals still fit. */
export const MAX_LEDGER_BYTES = 16 * 1024 * 1024;

/** Times: Unix epoch, milliseconds. Short keys, as in the journal. */
export type LedgerLine =
  /** A decision on what runs. `h`: its hash. `f`: field, text, digest. */
  | { readonly e: 'server'; readonly t: number; readonly d: 'approved' | 'refused'; readonly h: string; readonly by: string; readonly f: readonly (readonly [string, string, string])[] }
  /** A definition that is new, or differs from what this name was before. */
  | { readonly e: 'def'; readonly t: number; readonly k: DefinitionKind; readonly n: string; readonly h: string }
  /** No longer listed. */
  | { readonly e: 'gone'; readonly t: number; readonly k: DefinitionKind; readonly n: string }
  /** Listed again as it was last known. */
  | { readonly e: 'back'; readonly t: number; readonly k: DefinitionKind; readonly n: string }
  /** The list of this kind was read and is as the lines before say; at most a few times a day. */
  | { readonly e: 'seen'; readonly t: number; readonly k: DefinitionKind }
  /** The first list of this kind: names with hashes, approved together with the server. Only the first line counts. */
  | { readonly e: 'base'; readonly t: number; readonly k: DefinitionKind; readonly d: readonly (readonly [string, string])[] }
  /** Definitions approved by the user: kind, name, hash. */
  | { readonly e: 'ok'; readonly t: number; readonly by: string; readonly d: readonly (readonly [DefinitionKind, string, string])[] };

/** Stable id of a configured server: 32 hex digits. */
export function serverId(file: string, name: string): string {
  return createHash('sha256').update(JSON.stringify([file, name])).digest('hex').slice(0, 32);
}

export function runFactsOf(line: Extract<LedgerLine, { e: 'server' }>): RunFact[] {
  return line.f.map(([field, text, digest]) => ({ field, text, digest }));
}

export class Ledger {
  readonly file: string;
  #offset = 0;
  /** Bytes after the last line end: a line that is not whole yet. */
  #rest = Buffer.alloc(0);
  #isNewer = false;

  /** `fold` is given every line once, in the file's order. Nothing is read before `refresh`. */
  constructor(
    dir: string,
    private readonly server: { readonly file: string; readonly name: string },
    private readonly fold: (line: LedgerLine) => void,
    private readonly logger: Logger,
  ) {
    this.file = path.join(dir, `${serverId(server.file, server.name)}.jsonl`);
  }

  /** Written by a later version: nothing in it may be taken for known. */
  get isNewer(): boolean {
    return this.#isNewer;
  }

  get size(): number {
    return this.#offset;
  }

  /** Reads what has been added, by whichever window. Gives whether there was anything. Never throws. */
  refresh(): boolean {
    try {
      const { size } = statSync(this.file);
      if (size === this.#offset) return false;
      // Somebody has put another file in its place: all of it is news, and nothing known may be forgotten unasked.
      const from = size < this.#offset ? 0 : this.#offset;
      if (from === 0) this.#rest = Buffer.alloc(0);
      const fd = openSync(this.file, 'r');
      try {
        const bytes = Buffer.alloc(size - from);
        const read = readSync(fd, bytes, 0, bytes.length, from);
        this.#take(bytes.subarray(0, read));
        this.#offset = from + read;
      } finally {
        closeSync(fd);
      }
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.logger.warn(`${this.file} cannot be read: ${messageOf(error)}`);
      return false;
    }
  }

  /** Appends the lines and takes them in. Throws AppError: `store.unavailable` where the disk refuses, `store.newerFormat`. */
  append(lines: readonly LedgerLine[]): void {
    this.refresh();
    if (this.#isNewer) {
      throw new AppError('store.newerFormat', `What was decided about server "${this.server.name}" was written by a later version of MCP Shark: update this one.`);
    }
    const texts = lines.map((line) => JSON.stringify(line));
    if (this.#offset === 0) texts.unshift(JSON.stringify({ v: LEDGER_VERSION, ...this.server }));
    try {
      mkdirSync(path.dirname(this.file), { recursive: true });
      const fd = openSync(this.file, 'a', 0o600);
      try {
        // After a line that a crash has cut off, a new one begins.
        const start = fstatSync(fd).size > 0 && this.#rest.length > 0 ? '\n' : '';
        writeFileSync(fd, `${start}${texts.join('\n')}\n`);
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      throw new AppError('store.unavailable', `${this.file} cannot be written: ${messageOf(error)}`, { cause: error });
    }
    this.refresh();
  }

  #take(bytes: Buffer): void {
    const all = Buffer.concat([this.#rest, bytes]);
    let from = 0;
    for (;;) {
      const end = all.indexOf(0x0a, from);
      if (end < 0) break;
      this.#line(all.toString('utf8', from, end));
      from = end + 1;
    }
    this.#rest = Buffer.from(all.subarray(from));
  }

  #line(text: string): void {
    if (text === '') return;
    const line = tryParseJson(text);
    if (!isJsonObject(line)) return;
    if (typeof line.v === 'number') {
      if (line.v > LEDGER_VERSION) this.#isNewer = true;
      return;
    }
    if (this.#isNewer) return;
    try {
      this.fold(line as unknown as LedgerLine);
    } catch (error) {
      this.logger.warn(`A line of ${this.file} cannot be understood: ${messageOf(error)}`);
    }
  }
}
