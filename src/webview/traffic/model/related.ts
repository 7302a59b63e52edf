/**
 * Owns what else belongs to a call, in the order it happened: progress, log messages, cancellation, and the calls nested
 * in it. Texts are from anyone: what is not as expected is shown by its method only. Pure.
 */
import type { CallDetail, CallRow, FrameText } from '../../../extension/contract/traffic';
import { REPEATED_METHOD } from '../../../extension/contract/traffic';
import { isJsonObject, isTooDeep, tryParseJson, type JsonValue } from '../../../extension/util/json';
import { withoutTwins } from './timing';

/** A message, or a nested call with its request (and answer) where they were recorded with this one. */
export interface RelatedFrame {
  /** Absent for a nested call whose request is not among the messages. */
  readonly frame?: FrameText;
  readonly sinceRequestUs: number;
  /** What it says, in a few words, where that is known. */
  readonly summary?: string;
  /** The call this began. */
  readonly callId?: string;
  readonly row?: CallRow;
  readonly answer?: FrameText;
}

/** Messages longer than this are not read for their summary. */
const MAX_READ = 100_000;

export function relatedOf(detail: CallDetail): RelatedFrame[] {
  const writer = detail.row.id.slice(0, detail.row.id.lastIndexOf('/'));
  const nested = new Map((detail.nested ?? []).map((row) => [row.id, row]));
  const answers = new Set<FrameText>();
  const frames = withoutTwins(detail.related);
  const entries = frames.map((frame): RelatedFrame => {
    const summary = summaryOf(frame);
    const callId = frame.kind === 'request' ? `${writer}/${firstOf(frame, detail.related)}` : undefined;
    const row = callId === undefined ? undefined : nested.get(callId);
    if (callId !== undefined) nested.delete(callId);
    const answer = callId === undefined ? undefined : answerOf(frame, frames);
    if (answer) answers.add(answer);
    return {
      frame,
      sinceRequestUs: frame.sinceRequestUs,
      ...(summary === undefined || summary === '' ? {} : { summary }),
      ...(callId === undefined ? {} : { callId }),
      ...(row ? { row } : {}),
      ...(answer ? { answer } : {}),
    };
  });
  const others = [...nested.values()].map((row): RelatedFrame => ({
    sinceRequestUs: Math.max(0, (row.timeMs - detail.row.timeMs) * 1000),
    ...(row.detail === undefined ? {} : { summary: row.detail }),
    callId: row.id,
    row,
  }));
  // An answer is said with what it answers.
  return [...entries.filter(({ frame }) => !frame || !answers.has(frame)), ...others].toSorted((a, b) => a.sinceRequestUs - b.sinceRequestUs);
}

/** A request that passed the gateway was recorded on either side of it; its call has the number of the first. */
function firstOf(frame: FrameText, all: readonly FrameText[]): number {
  const same = (leg: FrameText['leg']): FrameText[] =>
    all.filter((other) => other.leg === leg && other.kind === 'request' && other.method === frame.method && other.direction === frame.direction);
  const place = same(frame.leg).indexOf(frame);
  const twin = same(frame.leg === 'downstream' ? 'upstream' : 'downstream')[place];
  return twin ? Math.min(twin.frame, frame.frame) : frame.frame;
}

/** The first answer to a request of this id, the other way on the same leg. */
function answerOf(request: FrameText, frames: readonly FrameText[]): FrameText | undefined {
  if (request.rpcId === undefined) return undefined;
  return frames.find(
    (frame) =>
      (frame.kind === 'result' || frame.kind === 'error') &&
      frame.rpcId === request.rpcId &&
      frame.leg === request.leg &&
      frame.direction !== request.direction &&
      frame.frame > request.frame,
  );
}

function summaryOf(frame: FrameText): string | undefined {
  const message = frame.truncated || frame.text.length > MAX_READ ? undefined : tryParseJson(frame.text);
  if (!isJsonObject(message)) return undefined;
  if (frame.method === REPEATED_METHOD) return short(message['reason']);
  const error = message['error'];
  if (isJsonObject(error)) return short(error['message']);
  const params = message['params'];
  if (!isJsonObject(params)) return undefined;
  switch (frame.method) {
    case 'notifications/progress': {
      const { progress, total, message: text } = params;
      const amount = total === undefined ? short(progress) : `${short(progress)} of ${short(total)}`;
      return text === undefined ? amount : `${amount}, ${short(text)}`;
    }
    case 'notifications/message':
      return [params['level'], params['logger'], params['data']].filter((part) => part !== undefined).map(short).join(' · ');
    case 'notifications/cancelled':
      return short(params['reason']);
    case 'elicitation/create':
      return short(params['message']);
    default:
      return undefined;
  }
}

function short(value: JsonValue | undefined): string {
  if (value === undefined) return '';
  if (isTooDeep(value)) return '…';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}
