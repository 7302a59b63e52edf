/**
 * Owns a damaged segment as a source of queries: the rows that could be read of it (salvage.ts) in memory, its texts where they are in the
 * file. It is the file that was there when it was read: whether that has changed since, it can be asked.
 */
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { PageFile } from './pageFile';
import type { Missing, SalvageOptions } from './salvage';
import { SealedSource } from './sealedSource';
import { readExtent, type Extent } from './source';
import type { Database, SqlValue } from './sqlEngine';

export interface Salvaged {
  readonly writers: readonly string[];
  readonly replaces: readonly string[];
  readonly missing: Missing;
  /** Part and key of bodies that are lost, whole or in part. */
  readonly lostTexts: readonly (readonly [key: number, part: number])[];
  /** About so much memory. */
  readonly bytes: number;
}

export class SalvagedSegment extends SealedSource {
  readonly name: string;
  readonly hasRolls = true;
  readonly fault = undefined;
  readonly writers: readonly string[];
  readonly replaces: readonly string[];
  readonly extent: Extent;
  readonly missing: Missing;
  readonly bytes: number;
  readonly #path: string;
  readonly #stamp: string;

  constructor(
    { path, notes, warn }: Pick<SalvageOptions, 'path' | 'notes' | 'warn'>,
    private readonly file: PageFile,
    readonly db: Database,
    { writers, replaces, missing, lostTexts, bytes }: Salvaged,
  ) {
    super(path, notes, warn);
    this.name = basename(path);
    this.#path = path;
    this.#stamp = stampOf(path);
    this.writers = writers;
    this.replaces = replaces;
    this.missing = missing;
    this.bytes = bytes;
    this.extent = readExtent(db);
    for (const [key, part] of lostTexts) this.damaged.add(key, part);
  }

  /** Another file may be in its place. */
  hasChanged(): boolean {
    return stampOf(this.#path) !== this.#stamp;
  }

  /** The row in memory says where in the file the bytes are. */
  protected dataOf(value: SqlValue): Uint8Array {
    const data = this.file.recordAt(value as number)?.[4];
    if (!(data instanceof Uint8Array)) throw new Error('the text is lost');
    return data;
  }

  override close(): void {
    super.close();
    this.db.close();
    this.file.close();
  }
}

function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return `${stat?.size} ${stat?.mtimeMs}`;
}
