/**
 * Owns the way from the gateway to the journal: both clocks, redaction, and the facts of a frame, before the caller may
 * pass it on. Synchronous and short: it runs for every frame on the forwarding path. What is recorded is a copy; the
 * caller's bytes are never changed.
 */
import { crc32 } from 'node:zlib';
import type { Envelope } from '../mcp/envelope';
import type { EventMeta, FrameMeta, Journal } from '../store/types';
import type { Clock } from '../util/clock';
import { isJsonObject, tryParseJson } from '../util/json';
import { createRedactor, type Redactor } from './redactor';
import type { Recorder } from './types';

export interface RecorderOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly redactor?: Redactor;
}

/** Names in a journal's head lines are cut here: hostile ones may be as long as a message. */
const maxName = 500;

export function createRecorder({ journal, clock, redactor = createRedactor() }: RecorderOptions): Recorder {
  let sends: (() => void)[] = [];
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
  return {
    flush,
    frame(frame, send) {
      const wallMs = clock.wallMs();
      const us = clock.monotonicUs();
      const { envelope, bytes, forwards, headers } = frame;
      // The same bytes are kept once, as long as both records are in one file.
      const same = frame.unchanged === true && forwards !== undefined && journal.canReferTo(forwards);
      const redacted = same ? undefined : redactor.body(bytes);
      const cleanHeaders = headers && redactor.headers(headers);
      const count = (redacted?.count ?? 0) + (cleanHeaders?.count ?? 0);
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
        cause: frame.cause,
        own: frame.ownMessage ? true : undefined,
        headers: cleanHeaders?.headers,
        size: bytes.length,
        red: count > 0 ? count : undefined,
      };
      const n = journal.append(meta, wallMs, us, redacted?.bytes, frame.arrived || send !== undefined);
      if (send && sends.push(send) === 1) setImmediate(flush);
      return n;
    },
    event(event) {
      const meta: EventMeta = { k: 'event', type: event.type, s: event.session, srv: event.server, data: clean(event.data, redactor) };
      return journal.append(meta, clock.wallMs(), clock.monotonicUs(), undefined);
    },
  };
}

function idOf({ id }: Envelope): string | undefined {
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
