/**
 * Owns the way from the gateway to the journal: both clocks, redaction, and the facts of a frame, before the caller may
 * pass it on. Synchronous and short: it runs for every frame on the forwarding path. What is recorded is a copy; the
 * caller's bytes are never changed.
 */
import { crc32 } from 'node:zlib';
import type { Envelope } from '../mcp/envelope';
import { leastCutBytes } from '../store/journalFormat';
import type { EventMeta, FrameMeta, Journal } from '../store/types';
import type { Clock } from '../util/clock';
import { isJsonObject, tryParseJson } from '../util/json';
import { RecordingGate } from './recordingGate';
import { createRedactor, type Redaction, type Redactor } from './redactor';
import type { CapturedEvent, CapturedEventType, CapturedFrame, EditedBytes, Recorder } from './types';

export interface RecorderOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly redactor?: Redactor;
  /** Shared by all recorders of one window; absent: everything is recorded. */
  readonly gate?: RecordingGate;
  /** Hears every event, redacted, also one that a pause keeps out of the log. Must not throw. */
  readonly onEvent?: (event: CapturedEvent) => void;
}

/** Names in a journal's head lines are cut here: hostile ones may be as long as a message. */
const maxName = 500;
/** Bodies from this size on are not looked through again, nor kept twice, when a few values in them were replaced. */
const largeBytes = leastCutBytes;
/** So much around a replaced value is looked through: no secret format needs to see further to be told. */
const nearBytes = 512;
/** What servers print is content, which a pause keeps out of the log; MCP Shark's own doings are not. */
const CONTENT_EVENTS: ReadonlySet<CapturedEventType> = new Set(['server.stderr', 'server.strayStdout']);
/** They end calls: which of those had ended before, in a pause, must be known by then. */
const ENDING_EVENTS: ReadonlySet<CapturedEventType> = new Set(['session.closed', 'server.stopped', 'server.failed', 'gateway.stopped', 'recording.resumed']);

export function createRecorder({ journal, clock, redactor = createRedactor(), gate = new RecordingGate(), onEvent }: RecorderOptions): Recorder {
  let sends: (() => void)[] = [];
  let isBusyTurn = false;
  /** Large bodies in which nothing was found, and the frames that have kept them whole. */
  const spotless = new WeakMap<Uint8Array, number>();
  /** Whether nothing is to be redacted in a large body because nothing was in what it was made of. */
  const staysClean = (bytes: Uint8Array, { from, places }: EditedBytes): boolean =>
    redactor.isLocal === true &&
    spotless.has(from) &&
    places.every(({ start, end }) => redactor.body(bytes.subarray(Math.max(0, start - nearBytes), end + nearBytes)).count === 0);
  /** What is kept of the bytes of a frame: as a rule all; only what differs, where what they were made of is kept in the same file. */
  const keep = ({ bytes, edited }: CapturedFrame, forwards: number | undefined): Kept => {
    if (bytes.length < largeBytes || !edited || !staysClean(bytes, edited)) return redactor.body(bytes);
    const isNear = forwards !== undefined && spotless.get(edited.from) === forwards && journal.canReferTo(forwards);
    return (isNear && differing(bytes, edited)) || { bytes, count: 0 };
  };
  const cleaned = (event: CapturedEvent): CapturedEvent => ({ ...event, data: clean(event.data, redactor) });
  const write = ({ type, session, server, data }: CapturedEvent): number => {
    const meta: EventMeta = { k: 'event', type, s: session, srv: server, data };
    return journal.append(meta, clock.wallMs(), clock.monotonicUs(), undefined);
  };
  const flush = (): void => {
    const due = sends;
    sends = [];
    for (const send of due) {
      // Mostly the first writes everything; a send that makes a record is rare.
      journal.flush();
      try {
        send();
      } catch (error) {
        // One that fails must not keep the others back.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
    journal.flush();
  };
  const endTurn = (): void => {
    isBusyTurn = false;
    flush();
  };
  /**
   * What comes first in a turn of the event loop is written and sent at once: mostly it is all there is. What comes after it
   * in the same turn is written together, in one call, at its end.
   */
  const sendSoon = (send: () => void): void => {
    sends.push(send);
    if (isBusyTurn) return;
    isBusyTurn = true;
    process.nextTick(flush);
    setImmediate(endTurn);
  };
  return {
    flush,
    frame(frame, send) {
      const leftOut = gate.admit(frame);
      if (leftOut) {
        // In its turn: what was recorded before it is sent before it.
        if (send) sendSoon(send);
        return leftOut.number;
      }
      const wallMs = clock.wallMs();
      const us = clock.monotonicUs();
      const { envelope, bytes, headers } = frame;
      const forwards = recorded(frame.forwards);
      // The same bytes are kept once, as long as both records are in one file.
      const same = frame.unchanged === true && forwards !== undefined && journal.canReferTo(forwards);
      const kept = same ? undefined : keep(frame, forwards);
      const cleanHeaders = headers && redactor.headers(headers);
      const count = (kept?.count ?? 0) + (cleanHeaders?.count ?? 0);
      const meta: FrameMeta = {
        k: 'frame',
        leg: frame.leg,
        dir: frame.direction,
        kind: envelope.kind,
        s: frame.session,
        srv: frame.server,
        id: idOf(envelope),
        method: envelope.method === undefined ? undefined : envelope.method.slice(0, maxName),
        fwd: forwards,
        same: same ? true : undefined,
        cut: kept?.cut,
        cause: recorded(frame.cause),
        own: frame.ownMessage ? true : undefined,
        def: frame.definition,
        name: frame.name === undefined ? undefined : Buffer.from(redactor.body(Buffer.from(frame.name)).bytes).toString().slice(0, maxName),
        headers: cleanHeaders?.headers,
        size: bytes.length,
        red: count > 0 ? count : undefined,
      };
      const n = journal.append(meta, wallMs, us, kept?.bytes, frame.arrived || send !== undefined);
      if (kept?.bytes === bytes && bytes.length >= largeBytes) spotless.set(bytes, n);
      if (send) sendSoon(send);
      return n;
    },
    event(raw) {
      const event = cleaned(raw);
      onEvent?.(event);
      if (CONTENT_EVENTS.has(event.type) && gate.state.kind === 'paused') return 0;
      if (ENDING_EVENTS.has(event.type)) {
        const ended = gate.takeEnded();
        if (ended.length > 0) write(cleaned({ type: 'recording.ended', data: { ended: ended.map((ref) => ({ ...ref, id: idOf(ref) })) } }));
      }
      if (event.type === 'session.closed' && event.session !== undefined) gate.forget(event.session);
      return write(event);
    },
  };
}

/** Bytes to be written for a frame, and what they stand for; see `FrameMeta.cut`. */
interface Kept extends Redaction {
  readonly cut?: FrameMeta['cut'];
}

/** What differs between bytes and those they were made of, from the first place to the last; `undefined`: not much less than all. */
function differing(bytes: Uint8Array, { from, places }: EditedBytes): Kept | undefined {
  const start = places[0]?.start ?? 0;
  const end = places.at(-1)?.end ?? 0;
  if (end <= start || end - start > bytes.length / 2) return undefined;
  return { bytes: bytes.subarray(start, end), count: 0, cut: [start, from.length - (bytes.length - end) - start] };
}

/** A frame that was left out cannot be referred to. */
function recorded(number: number | undefined): number | undefined {
  return number !== undefined && number < 0 ? undefined : number;
}

function idOf({ id }: Pick<Envelope, 'id'>): string | undefined {
  if (id === undefined || id.length <= maxName) return id;
  // Still one id to one text, as far as anybody's ids go.
  return `${id.slice(0, maxName)}#${id.length}#${crc32(id)}`;
}

function clean(data: Readonly<Record<string, unknown>>, redactor: Redactor): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = JSON.stringify(data);
  } catch {
    return { unrecordable: 'the event holds something that is no JSON' };
  }
  const { bytes, count } = redactor.body(Buffer.from(text));
  if (count === 0) return JSON.parse(text) as Record<string, unknown>;
  const parsed = tryParseJson(Buffer.from(bytes).toString());
  return isJsonObject(parsed) ? parsed : { unrecordable: 'the event could not be redacted' };
}
