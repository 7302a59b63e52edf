/**
 * Owns filing journal entries into a database: frames, events, and the calls and sessions the correlator makes of them.
 * The memory table of a live journal and the file of a sealed one are filled by this same code; they differ only in
 * where bodies go.
 */
import type { JournalEntry } from '../journalFormat';
import type { EventMeta, FrameMeta } from '../types';
import { isJsonObject, tryParseJson } from '../../util/json';
import { Correlator } from './correlator';
import type { CallRecord, SessionRecord } from './callRecords';
import { FrameRows } from './frameRows';
import { bucketOf } from './histogram';
import { marks } from './source';
import type { Database, SqlValue, Statement } from './sqlEngine';

/** What a journal hands to the next one of the same writer: what is still open. */
export interface Carry {
  readonly sessions: readonly SessionRecord[];
  readonly entries: readonly CarriedEntry[];
}

export interface CarriedEntry {
  readonly n: number;
  readonly timeMs: number;
  readonly us: number;
  readonly meta: FrameMeta;
  readonly body: Buffer;
}

/** Puts a frame's body where the database's readers find it. */
export type BodySink = (entry: { readonly n: number; readonly body: Buffer; readonly id?: string; readonly bodyOffset?: number }) => void;

const batch = 500;
const callColumns = 29;
/** Texts of some length are bound as bytes, which are made and passed to SQLite at once and not letter by letter. */
const [detailColumn, errorColumn] = [11, 19];
const callMarks = Array.from({ length: callColumns }, (_, index) => (index + 1 === detailColumn || index + 1 === errorColumn ? 'CAST(? AS TEXT)' : '?')).join(',');

export class Filer {
  readonly #correlator = new Correlator();
  readonly #frameRows: FrameRows;
  readonly #insertEvent: Statement;
  readonly #upsertCall: Statement;
  readonly #upsertSession: Statement;
  #inTransaction = 0;
  /** Number of the last entry filed. */
  last = 0;
  frames = 0;
  events = 0;
  damaged = 0;

  constructor(
    private readonly db: Database,
    writer: string,
    private readonly keepBody: BodySink,
    fileFrames: 'atOnce' | 'whenAsked' = 'atOnce',
  ) {
    db.run('INSERT INTO writer(w, name) VALUES (0, ?)', [writer]);
    this.#frameRows = new FrameRows(db, fileFrames);
    this.#insertEvent = db.prepare(`INSERT OR REPLACE INTO event VALUES (${marks(7)})`);
    this.#upsertCall = db.prepare(`INSERT OR REPLACE INTO call VALUES (${callMarks})`);
    this.#upsertSession = db.prepare(`INSERT OR REPLACE INTO session VALUES (${marks(7)})`);
  }

  /** Continues what the journal before left open. */
  begin(carry: Carry): void {
    for (const session of carry.sessions) this.#correlator.importSession(session);
    for (const entry of carry.entries) this.#frame(entry, entry.meta, entry.body, false);
    this.flush();
  }

  file(entry: JournalEntry): void {
    if (this.#inTransaction === 0) this.db.run('BEGIN');
    this.last = entry.n;
    if (entry.damaged) this.damaged++;
    if (entry.meta.k === 'frame') {
      this.frames++;
      this.#frame(entry, entry.meta, entry.body, entry.damaged);
    } else if (entry.meta.k === 'event') {
      this.events++;
      this.#event(entry, entry.meta);
    }
    if (++this.#inTransaction >= batch) this.flush();
  }

  /** Makes everything filed so far visible to queries. */
  flush(): void {
    const { calls, sessions } = this.#correlator.takeChanges();
    for (const call of calls) this.#upsertCall.run(callValues(call));
    for (const session of sessions) this.#upsertSession.run(sessionValues(session));
    if (this.#inTransaction > 0) this.db.run('COMMIT');
    this.#inTransaction = 0;
  }

  /** More frames wait to be filed than should. */
  get isOverdue(): boolean {
    return this.#frameRows.isOverdue;
  }

  /** Files the frames that wait for being asked for; gives false where that was not done by then (`performance.now`). */
  fileFrames(until?: number): boolean {
    this.flush();
    return this.#frameRows.file(until);
  }

  /** Ends the writer's history: what is open will never be answered. */
  writerEnded(): void {
    this.#correlator.writerEnded();
    this.flush();
  }

  /** Removes what is still open, for the next journal to go on with; gives the numbers of the frames it needs. */
  handOver(): { frames: number[]; sessions: SessionRecord[] } {
    this.flush();
    const { calls, frames, sessions } = this.#correlator.carry();
    const remove = this.db.prepare('DELETE FROM call WHERE frame = ? AND part = ?');
    for (const { frame, part } of calls) remove.run([frame, part]);
    remove.free();
    return { frames, sessions };
  }

  /** Frees the statements; the database stays open. */
  dispose(): void {
    this.#frameRows.dispose();
    for (const statement of [this.#insertEvent, this.#upsertCall, this.#upsertSession]) statement.free();
  }

  #frame(entry: { n: number; timeMs: number; us: number; bodyOffset?: number }, meta: FrameMeta, body: Buffer, damaged: boolean): void {
    const { n, timeMs, us } = entry;
    const call = this.#correlator.frame({ n, timeMs, us, meta, body });
    const ownBody = body.length > 0;
    if (ownBody) this.keepBody({ n, body, id: meta.id, bodyOffset: entry.bodyOffset });
    this.#frameRows.add({ n, timeMs, us, meta, call, damaged, ownBody });
  }

  #event(entry: JournalEntry, meta: Omit<EventMeta, 'data'>): void {
    const { n, timeMs, us } = entry;
    const text = entry.body.toString('utf8') || '{}';
    const data = tryParseJson(text);
    this.#correlator.event({ n, timeMs, us, meta, data: isJsonObject(data) ? data : {} });
    this.#insertEvent.run([n, timeMs, us, meta.type, meta.s ?? null, meta.srv ?? null, text]);
  }
}

function callValues(call: CallRecord): SqlValue[] {
  return [
    call.frame,
    call.part,
    call.timeMs,
    call.startUs,
    call.origin,
    call.session,
    call.client ?? null,
    call.server ?? null,
    call.method,
    call.name ?? null,
    bytesOf(call.detail),
    call.status,
    call.durationUs ?? null,
    call.durationUs === undefined ? null : bucketOf(call.durationUs),
    call.upstreamUs ?? null,
    call.requestBytes,
    call.responseBytes ?? null,
    call.errorCode ?? null,
    bytesOf(call.errorMessage),
    call.leg,
    call.responseFrame ?? null,
    call.otherRequestFrame ?? null,
    call.otherResponseFrame ?? null,
    call.parentFrame ?? null,
    call.conversation ?? null,
    call.prompt ?? null,
    call.traceparent ?? null,
    call.definition ?? null,
    call.requestBytes + (call.responseBytes ?? 0),
  ];
}

function bytesOf(text: string | undefined): Uint8Array | null {
  return text === undefined ? null : Buffer.from(text);
}

function sessionValues(session: SessionRecord): SqlValue[] {
  const { id, startedMs, endedMs, clientName, clientVersion, protocolVersion, kind } = session;
  return [id, startedMs, endedMs ?? null, clientName ?? null, clientVersion ?? null, protocolVersion ?? null, kind ?? null];
}
