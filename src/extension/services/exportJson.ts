/**
 * Owns a call as JSON: the row, its messages with their headers, and everything else that is known of it. A message too long to be held
 * in a `CallDetail` is read and written in parts, so that a call of any size takes little memory.
 */
import { isOtherText } from '../contract/frameTexts';
import type { CallDetail, CallRow, FrameText } from '../contract/traffic';
import type { PayloadPart } from '../contract/trafficApi';
import { exactJson } from '../util/json';
import { bodyParts, type BodySource } from './bodyParts';
import { throwIfAborted } from './exportPages';

const PARTS: readonly PayloadPart[] = ['request', 'response', 'upstreamRequest', 'upstreamResponse'];
/** Read and written at once, bytes. */
const PIECE = 4_000_000;

/** The call as one JSON object, where it fits into one text; else `undefined`. `detail` is absent where the call is gone from the log, or is no call. */
export function callJson(row: CallRow, detail: CallDetail | undefined): string | undefined {
  return detail && longParts(detail).length > 0 ? undefined : JSON.stringify(recordOf(row, detail));
}

/** The call as one JSON object in pieces: messages that were cut come last, whole, as strings. */
export async function* callJsonPieces(source: BodySource, row: CallRow, detail: CallDetail, signal: AbortSignal): AsyncGenerator<string> {
  yield JSON.stringify(recordOf(row, detail)).slice(0, -1);
  for (const part of longParts(detail)) {
    yield `,${JSON.stringify(part)}:"`;
    for await (const { text } of bodyParts(source, { id: row.id, part }, PIECE, signal)) {
      throwIfAborted(signal);
      yield JSON.stringify(text).slice(1, -1);
    }
    yield '"';
  }
  yield '}';
}

/** The messages shown, by their parts; of the server's side only what differs. */
function shownParts(detail: CallDetail): readonly (readonly [PayloadPart, FrameText])[] {
  return PARTS.flatMap((part) => {
    const frame = detail[part];
    const near = part === 'upstreamRequest' ? detail.request : part === 'upstreamResponse' ? detail.response : undefined;
    return frame && isOtherText(frame, near) ? [[part, frame] as const] : [];
  });
}

function longParts(detail: CallDetail): PayloadPart[] {
  return shownParts(detail).flatMap(([part, { truncated }]) => (truncated ? [part] : []));
}

function recordOf(row: CallRow, detail: CallDetail | undefined): object {
  return { ...(detail?.row ?? row), time: new Date(row.timeMs).toISOString(), ...(detail ? membersOf(detail) : {}) };
}

function membersOf(detail: CallDetail): object {
  const { related, errorMessage, errorStack, output = [] } = detail;
  const headers = PARTS.flatMap((part) => (detail[part]?.headers ? [[part, detail[part].headers] as const] : []));
  // Not all of these texts could be read: what is written of them is not what was recorded.
  const damaged = PARTS.filter((part) => detail[part]?.damaged);
  return {
    ...(errorMessage === undefined ? {} : { errorMessage }),
    ...(errorStack === undefined ? {} : { errorStack }),
    ...Object.fromEntries(shownParts(detail).flatMap(([part, frame]) => (frame.truncated ? [] : [[part, bodyOf(frame)]]))),
    ...(damaged.length > 0 ? { damaged } : {}),
    ...(headers.length > 0 ? { headers: Object.fromEntries(headers) } : {}),
    ...(related.length > 0 ? { related: related.map((frame) => ({ leg: frame.leg, direction: frame.direction, sinceRequestUs: frame.sinceRequestUs, message: bodyOf(frame), ...(frame.damaged ? { damaged: true } : {}) })) } : {}),
    ...(output.length > 0 ? { output: output.map(({ timeMs, stream, text }) => ({ time: new Date(timeMs).toISOString(), stream, text })) } : {}),
  };
}

/** The message itself where writing it again gives the same text; otherwise its text, so that no digit is lost. */
function bodyOf({ text, truncated }: FrameText): unknown {
  if (truncated) return { truncated: true, text };
  const value = exactJson(text);
  return value === undefined ? text : value;
}
