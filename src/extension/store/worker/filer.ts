/**
 * Owns filing journal entries into a database: frames, events, and the calls and sessions the correlator makes of them.
 * The memory table of a live journal and the file of a sealed one are filled by this same code; they differ in where bodies
 * go, and in when rows are written: into a file as they come, into memory when they are asked for. A journal's newest page
 * needs none of its tables (recentCalls.ts).
 */
import type { JournalCut, JournalEntry } from '../journalFormat';
import type { EventMeta, FrameMeta } from '../types';
import { isJsonObject, tryParseJson } from '../../util/json';
import { Correlator } from './correlator';
import type { CallRecord, SessionRecord } from './callRecords';
import { CallRows, type EventRow } from './callRows';
import { FrameRows } from './frameRows';
import { RecentCalls } from './recentCalls';
import type { Database } from './sqlEngine';

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
  /** As in `JournalEntry`. */
  readonly damaged: boolean;
  readonly isAbsent?: true;
}

/** Puts a frame's body where the database's readers find it. `bodyOffset`, `cut`: as in `JournalEntry`; a carried one has none. */
export type BodySink = (entry: { readonly n: number; readonly body: Buffer; readonly id?: string; readonly bodyOffset?: number; readonly cut?: JournalCut }) => void;

const batch = 500;
/** So many calls, or events, wait in memory: then they are written, asked for or not. Frames that wait have them anyway (frameRows.ts). */
const mostWaiting = 8192;
/** Or so many characters of what events say. */
const mostWaitingText = 4 << 20;
/** Rows between two looks at the clock. */
const rowsTogether = 32;

export class Filer {
  readonly #correlator = new Correlator();
  readonly #frameRows: FrameRows;
  readonly #recent: RecentCalls | undefined;
  /** What journals say of sessions, by id; only where rows are written when they are asked for. */
  readonly sessions = new Map<string, SessionRecord>();
  #rows: CallRows | undefined;
  readonly #waitingCalls = new Set<CallRecord>();
  readonly #waitingSessions = new Set<SessionRecord>();
  readonly #waitingEvents = new Set<EventRow>();
  #waitingText = 0;
  /** More waited than should, and not all of it is written yet. */
  #isCatchingUp = false;
  #isInTransaction = false;
  #sinceFlush = 0;
  /** Number of the last entry filed. */
  last = 0;
  frames = 0;
  events = 0;

  /** `database`: with its tables; asked for when rows are first written. */
  constructor(
    private readonly database: () => Database,
    private readonly writer: string,
    private readonly keepBody: BodySink,
    when: 'atOnce' | 'whenAsked' = 'atOnce',
  ) {
    this.#frameRows = new FrameRows(database, when);
    if (when === 'whenAsked') this.#recent = new RecentCalls();
  }

  /** Continues what the journal before left open. */
  begin(carry: Carry): void {
    for (const session of carry.sessions) this.#correlator.importSession(session);
    for (const entry of carry.entries) this.#frame(entry, entry.meta);
    this.flush();
  }

  file(entry: JournalEntry): void {
    if (!this.#isInTransaction && this.#frameRows.isAtOnce) {
      this.database().run('BEGIN');
      this.#isInTransaction = true;
    }
    this.last = entry.n;
    if (entry.meta.k === 'frame') {
      this.frames++;
      this.#frame(entry, entry.meta);
    } else if (entry.meta.k === 'event') {
      this.events++;
      this.#event(entry, entry.meta);
    }
    if (++this.#sinceFlush >= batch) this.flush();
  }

  /** Makes everything filed so far visible to questions. */
  flush(): void {
    const { calls, sessions } = this.#correlator.takeChanges();
    for (const call of calls) this.#waitingCalls.add(call);
    for (const session of sessions) this.#waitingSessions.add(session);
    if (this.#recent) {
      for (const call of calls) this.#recent.add(call);
      for (const session of sessions) this.sessions.set(session.id, session);
    } else this.#writeWaiting(Infinity);
    if (this.#isInTransaction) this.database().run('COMMIT');
    this.#isInTransaction = false;
    this.#sinceFlush = 0;
  }

  /** Writes the rows that wait for being asked for, but for those of frames; gives false where that was not done by then (`performance.now`). */
  write(until = Infinity): boolean {
    if (this.#rows && this.#waitingCalls.size + this.#waitingSessions.size + this.#waitingEvents.size === 0) return true;
    const db = this.database();
    db.run('BEGIN');
    const isDone = this.#writeWaiting(until);
    db.run('COMMIT');
    if (isDone) this.#isCatchingUp = false;
    return isDone;
  }

  /** More waits than should. */
  get isOverdue(): boolean {
    this.#isCatchingUp ||= Math.max(this.#waitingCalls.size, this.#waitingEvents.size) > mostWaiting || this.#waitingText > mostWaitingText;
    return this.#isCatchingUp || this.#frameRows.isOverdue;
  }

  /** Writes what waits longer than it should; gives false where that was not done by then (`performance.now`). */
  catchUp(until: number): boolean {
    if (this.#isCatchingUp && !this.write(until)) return false;
    return !this.#frameRows.isOverdue || this.fileFrames(until);
  }

  /** Writes frames, too; gives false where that was not done by then (`performance.now`). */
  fileFrames(until?: number): boolean {
    this.flush();
    return this.#frameRows.file(until);
  }

  /** Calls as they are known without the tables; only where rows are written when they are asked for. */
  get recent(): RecentCalls {
    return this.#recent!;
  }

  /** Ends the writer's history: what is open will never be answered. */
  writerEnded(): void {
    this.#correlator.writerEnded();
    this.flush();
  }

  /** Removes what is still open from the tables, for the next journal to go on with; gives the numbers of the frames it needs. */
  handOver(): { frames: number[]; sessions: SessionRecord[] } {
    this.flush();
    this.write();
    const { calls, frames, sessions } = this.#correlator.carry();
    this.#rows!.remove(calls);
    return { frames, sessions };
  }

  /** Frees the statements; the database stays open. */
  dispose(): void {
    this.#frameRows.dispose();
    this.#rows?.dispose();
  }

  #writeWaiting(until: number): boolean {
    const rows = (this.#rows ??= new CallRows(this.database(), this.writer));
    return (
      drain(this.#waitingSessions, (session) => rows.session(session), until) &&
      drain(this.#waitingCalls, (call) => rows.call(call), until) &&
      drain(this.#waitingEvents, (event) => {
        rows.event(event);
        this.#waitingText -= event.data.length;
      }, until)
    );
  }

  #frame(entry: Omit<CarriedEntry, 'meta'> & { bodyOffset?: number; cut?: JournalCut }, meta: FrameMeta): void {
    const { n, timeMs, us, body, bodyOffset, cut, isAbsent } = entry;
    const ownBody = body.length > 0;
    // Bytes passed, and nothing says what they were.
    const isLost = entry.damaged || isAbsent === true || (meta.size > 0 && !ownBody && !meta.same);
    const call = this.#correlator.frame({ n, timeMs, us, meta, body, isLost });
    if (ownBody) this.keepBody({ n, body, id: meta.id, bodyOffset, cut });
    this.#frameRows.add({ n, timeMs, us, meta, call, damaged: isLost && !isAbsent, ownBody });
  }

  #event(entry: JournalEntry, meta: Omit<EventMeta, 'data'>): void {
    const { n, timeMs, us } = entry;
    const text = entry.body.toString('utf8') || '{}';
    const data = tryParseJson(text);
    this.#correlator.event({ n, timeMs, us, meta, data: isJsonObject(data) ? data : {} });
    this.#waitingEvents.add({ n, timeMs, us, type: meta.type, session: meta.s, server: meta.srv, data: text });
    this.#waitingText += text.length;
  }
}

/** Writes each and takes it away; gives false where time was over before the last. */
function drain<T>(waiting: Set<T>, write: (one: T) => void, until: number): boolean {
  let written = 0;
  for (const one of waiting) {
    write(one);
    waiting.delete(one);
    if (++written % rowsTogether === 0 && performance.now() >= until) return waiting.size === 0;
  }
  return true;
}
