/**
 * Owns what else belongs to a call, in the order it happened: progress, log messages, cancellation, and the calls nested
 * in it with the ids they have of their own. Texts are from anyone: what is not as expected is shown by its method only. Pure.
 */
import type { CallDetail, FrameText } from '../../../extension/contract/traffic';
import { isJsonObject, isTooDeep, tryParseJson, type JsonValue } from '../../../extension/util/json';
import { withoutTwins } from './timing';

export interface RelatedFrame {
  readonly frame: FrameText;
  /** What it says, in a few words, where that is known. */
  readonly summary?: string;
  /** The call this request began. */
  readonly callId?: string;
}

/** Messages longer than this are not read for their summary. */
const MAX_READ = 100_000;

export function relatedOf(detail: CallDetail): RelatedFrame[] {
  const writer = detail.row.id.slice(0, detail.row.id.lastIndexOf('/'));
  return withoutTwins(detail.related).map((frame) => {
    const summary = summaryOf(frame);
    return {
      frame,
      ...(summary === undefined || summary === '' ? {} : { summary }),
      ...(frame.kind === 'request' ? { callId: `${writer}/${firstOf(frame, detail.related)}` } : {}),
    };
  });
}

/** A request that passed the gateway was recorded on either side of it; its call has the number of the first. */
function firstOf(frame: FrameText, all: readonly FrameText[]): number {
  const same = (leg: FrameText['leg']): FrameText[] =>
    all.filter((other) => other.leg === leg && other.kind === 'request' && other.method === frame.method && other.direction === frame.direction);
  const place = same(frame.leg).indexOf(frame);
  const twin = same(frame.leg === 'downstream' ? 'upstream' : 'downstream')[place];
  return twin ? Math.min(twin.frame, frame.frame) : frame.frame;
}

function summaryOf(frame: FrameText): string | undefined {
  const message = frame.truncated || frame.text.length > MAX_READ ? undefined : tryParseJson(frame.text);
  if (!isJsonObject(message)) return undefined;
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
