/** Owns writing calls, sessions and events into the tables of a database. */
import type { CallRecord, SessionRecord } from './callRecords';
import { bucketOf } from './histogram';
import { storedText } from './recentCalls';
import { marks } from './source';
import type { Database, SqlValue, Statement } from './sqlEngine';

export interface EventRow {
  readonly n: number;
  readonly timeMs: number;
  readonly us: number;
  readonly type: string;
  readonly session: string | undefined;
  readonly server: string | undefined;
  /** JSON. */
  readonly data: string;
}

const callColumns = 29;
/** Texts of some length are bound as bytes, which are made and passed to SQLite at once and not letter by letter. */
const [detailColumn, errorColumn] = [11, 19];
const callMarks = Array.from({ length: callColumns }, (_, index) => (index + 1 === detailColumn || index + 1 === errorColumn ? 'CAST(? AS TEXT)' : '?')).join(',');

export class CallRows {
  readonly #insertEvent: Statement;
  readonly #upsertCall: Statement;
  readonly #upsertSession: Statement;

  constructor(
    private readonly db: Database,
    writer: string,
  ) {
    db.run('INSERT INTO writer(w, name) VALUES (0, ?)', [writer]);
    this.#insertEvent = db.prepare(`INSERT OR REPLACE INTO event VALUES (${marks(7)})`);
    this.#upsertCall = db.prepare(`INSERT OR REPLACE INTO call VALUES (${callMarks})`);
    this.#upsertSession = db.prepare(`INSERT OR REPLACE INTO session VALUES (${marks(7)})`);
  }

  call(call: CallRecord): void {
    this.#upsertCall.run(callValues(call));
  }

  session(session: SessionRecord): void {
    const { id, startedMs, endedMs, clientName, clientVersion, protocolVersion, kind } = session;
    this.#upsertSession.run([id, startedMs, endedMs ?? null, storedText(clientName), storedText(clientVersion), storedText(protocolVersion), kind ?? null]);
  }

  event({ n, timeMs, us, type, session, server, data }: EventRow): void {
    this.#insertEvent.run([n, timeMs, us, type, session ?? null, server ?? null, data]);
  }

  remove(calls: readonly Pick<CallRecord, 'frame' | 'part'>[]): void {
    const remove = this.db.prepare('DELETE FROM call WHERE frame = ? AND part = ?');
    for (const { frame, part } of calls) remove.run([frame, part]);
    remove.free();
  }

  /** Frees the statements; the database stays open. */
  dispose(): void {
    for (const statement of [this.#insertEvent, this.#upsertCall, this.#upsertSession]) statement.free();
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
    storedText(call.client),
    storedText(call.server),
    storedText(call.method),
    storedText(call.name),
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
    storedText(call.conversation),
    storedText(call.prompt),
    storedText(call.traceparent),
    call.definition ?? null,
    call.requestBytes + (call.responseBytes ?? 0),
  ];
}

function bytesOf(text: string | undefined): Uint8Array | null {
  return text === undefined ? null : Buffer.from(text);
}
