/**
 * Owns filing frames: at once into a file that is made, and into the table of a journal that is followed only when messages
 * are first asked for. A list of calls needs none of them, and they are the most of what there is to file; so a journal's
 * table is not there until then, and who asks without `Source.fileFrames` is told so instead of being given too little.
 */
import type { FrameMeta } from '../types';
import type { CallRecord } from './callRecords';
import { createFrameTable } from './schema';
import { marks } from './source';
import type { Database, SqlValue, Statement } from './sqlEngine';

export interface FrameRow {
  readonly n: number;
  readonly timeMs: number;
  readonly us: number;
  readonly meta: FrameMeta;
  readonly call: CallRecord | undefined;
  /** Its text, or the one it is to have in common with another, is not there whole. */
  readonly damaged: boolean;
  /** Its body is its own, and there is one. */
  readonly ownBody: boolean;
}

/** So many wait in memory, some 7 MB: then the table is made, asked for or not. */
const mostWaiting = 16_384;
/** Rows between two looks at the clock. */
const rowsTogether = 64;

export class FrameRows {
  #insert: Statement | undefined;
  /** `undefined`: rows go into the table at once. */
  #waiting: FrameRow[] | undefined;
  /** So many of those that waited are in the table. */
  #filed = 0;

  constructor(
    private readonly database: () => Database,
    when: 'atOnce' | 'whenAsked',
  ) {
    if (when === 'whenAsked') this.#waiting = [];
    else this.#insert = this.#prepare();
  }

  /** Rows go into the table as they come. */
  get isAtOnce(): boolean {
    return this.#waiting === undefined;
  }

  /** More wait than should. */
  get isOverdue(): boolean {
    return this.#waiting !== undefined && (this.#filed > 0 || this.#waiting.length > mostWaiting);
  }

  add(row: FrameRow): void {
    if (this.#waiting) this.#waiting.push(row);
    else this.#insert!.run(values(row));
  }

  /** Makes the table whole, from where it is added to at once; gives false where it was not done by then (`performance.now`). */
  file(until = Infinity): boolean {
    const waiting = this.#waiting;
    if (!waiting) return true;
    const db = this.database();
    if (!this.#insert) {
      createFrameTable(db);
      this.#insert = this.#prepare();
    }
    db.run('BEGIN');
    do {
      const end = Math.min(this.#filed + rowsTogether, waiting.length);
      while (this.#filed < end) this.#insert.run(values(waiting[this.#filed++]!));
    } while (this.#filed < waiting.length && performance.now() < until);
    db.run('COMMIT');
    if (this.#filed < waiting.length) return false;
    this.#waiting = undefined;
    return true;
  }

  dispose(): void {
    this.#insert?.free();
  }

  #prepare(): Statement {
    return this.database().prepare(`INSERT OR REPLACE INTO frame VALUES (${marks(21)})`);
  }
}

function values({ n, timeMs, us, meta, call, damaged, ownBody }: FrameRow): SqlValue[] {
  return [
    n,
    timeMs,
    us,
    meta.leg,
    meta.dir,
    meta.kind,
    meta.s,
    meta.srv ?? null,
    meta.id ?? null,
    meta.method ?? null,
    meta.fwd ?? null,
    meta.cause ?? null,
    meta.own ? 1 : 0,
    meta.headers ? JSON.stringify(meta.headers) : null,
    meta.size,
    meta.red ?? 0,
    damaged ? 1 : 0,
    call?.frame ?? null,
    call?.part ?? null,
    ownBody ? n : meta.same ? (meta.fwd ?? null) : null,
    meta.def ?? null,
  ];
}
