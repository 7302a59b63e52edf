/** Owns what calls, sessions and events are as rows: writing them into the tables of a database, and calls as those give them back. */
import type { CallRecord, SessionRecord } from './callRecords';
import { bucketOf } from './histogram';
import { callColumns } from './places';
import { marks, storedText } from './source';
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

/** Columns of table `call`, in the order of `callValues`. */
const written = `frame, part, time_ms, start_us, origin, session, client, server, method, name, detail, status, duration_us, bucket, upstream_us, request_bytes, response_bytes,
  error_code, error_message, leg, response_frame, other_request_frame, other_response_frame, parent_frame, conversation, prompt, traceparent, definition, size`.split(/,\s+/);
/** Texts of some length are bound as bytes, which are made and passed to SQLite at once and not letter by letter. */
const callMarks = written.map((column) => (column === 'detail' || column === 'error_message' ? 'CAST(? AS TEXT)' : '?')).join(',');
/** Where those stand that questions read. */
const shown = callColumns.split(/,\s+/).map((column) => written.indexOf(column));

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
    this.#upsertCall = db.prepare(`INSERT OR REPLACE INTO call(${written.join(',')}) VALUES (${callMarks})`);
    this.#upsertSession = db.prepare(`INSERT OR REPLACE INTO session VALUES (${marks(7)})`);
  }

  call(call: CallRecord): void {
    this.#upsertCall.run(callValues(call, bytesOf));
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

/** A call as table `call` would give it, in the order of `callColumns` (places.ts). */
export function rowOf(call: CallRecord): SqlValue[] {
  const values = callValues(call, storedText);
  return shown.map((at) => values[at]!);
}

/** `long`: makes values of texts of some length. */
function callValues(call: CallRecord, long: (text: string | undefined) => SqlValue): SqlValue[] {
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
    long(call.detail),
    call.status,
    call.durationUs ?? null,
    call.durationUs === undefined ? null : bucketOf(call.durationUs),
    call.upstreamUs ?? null,
    call.requestBytes,
    call.responseBytes ?? null,
    // Minus zero is none in SQL.
    call.errorCode === undefined ? null : call.errorCode + 0,
    long(call.errorMessage),
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
