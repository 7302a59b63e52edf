/** Owns how a call's time falls into phases and what happened on the way, on one scale. Pure; microseconds since the request. */
import type { CallDetail, CallRow, FrameText } from '../../../extension/contract/traffic';

export type PhaseKind = 'gatewayIn' | 'server' | 'streaming' | 'gatewayOut' | 'gateway';

export interface Phase {
  readonly kind: PhaseKind;
  readonly startUs: number;
  readonly endUs: number;
}

/** A call made in the course of this one. */
export interface NestedSpan {
  readonly row: CallRow;
  readonly startUs: number;
  /** Absent while it runs, or where it was never answered. */
  readonly endUs?: number;
}

export interface Timing {
  readonly totalUs: number;
  readonly isRunning: boolean;
  readonly phases: readonly Phase[];
  readonly events: readonly FrameText[];
  readonly nested: readonly NestedSpan[];
}

/** `elapsedUs`: how long a call that still runs has been running, as far as is known. */
export function timingOf(detail: CallDetail, elapsedUs: number): Timing {
  const { row, response, upstreamRequest, upstreamResponse, related } = detail;
  const isRunning = row.status === 'running';
  const lastEvent = related.reduce((latest, frame) => Math.max(latest, frame.sinceRequestUs), 0);
  const totalUs = Math.max(1, row.durationUs ?? response?.sinceRequestUs ?? Math.max(elapsedUs, lastEvent));
  const phase = (kind: PhaseKind, startUs: number, endUs: number): Phase => {
    const start = Math.min(Math.max(0, startUs), totalUs);
    return { kind, startUs: start, endUs: Math.min(Math.max(start, endUs), totalUs) };
  };
  const asked = upstreamRequest?.sinceRequestUs;
  const answered = upstreamResponse?.sinceRequestUs;
  let phases: Phase[];
  if (asked !== undefined) {
    const end = answered ?? totalUs;
    const first = firstFromServer(related, asked);
    phases = [phase('gatewayIn', 0, asked), phase('server', asked, Math.min(first ?? end, end))];
    if (first !== undefined && first < end) phases.push(phase('streaming', first, end));
    if (answered !== undefined) phases.push(phase('gatewayOut', answered, totalUs));
  } else if (row.upstreamUs !== undefined) {
    const own = Math.max(0, totalUs - row.upstreamUs);
    phases = [phase('gateway', 0, own), phase('server', own, totalUs)];
  } else phases = [phase('gateway', 0, totalUs)];
  return { totalUs, isRunning, phases, events: withoutTwins(related), nested: nestedSpans(detail) };
}

/** When the server first let hear of itself in this call. */
function firstFromServer(related: readonly FrameText[], asked: number): number | undefined {
  return related
    .filter(({ leg, direction, sinceRequestUs }) => leg === 'upstream' && direction === 'toClient' && sinceRequestUs >= asked)
    .reduce<number | undefined>((first, { sinceRequestUs }) => (first === undefined ? sinceRequestUs : Math.min(first, sinceRequestUs)), undefined);
}

/** Where the request of a nested call was recorded with this one its time is exact; else it is as good as the wall clock. */
function nestedSpans({ row, related, nested = [] }: CallDetail): NestedSpan[] {
  return nested.map((inner) => {
    const request = related.find((frame) => frame.kind === 'request' && frame.frame === inner.frame);
    const startUs = request?.sinceRequestUs ?? Math.max(0, (inner.timeMs - row.timeMs) * 1000);
    return { row: inner, startUs, ...(inner.durationUs === undefined ? {} : { endUs: startUs + inner.durationUs }) };
  });
}

/** What passed the gateway was recorded on either side of it: keeps one, of the side that has all of its kind. */
export function withoutTwins(frames: readonly FrameText[]): readonly FrameText[] {
  const kindOf = (frame: FrameText): string => `${frame.direction} ${frame.kind} ${frame.method ?? ''}`;
  const counts = new Map<string, number>();
  for (const frame of frames) {
    const key = `${frame.leg} ${kindOf(frame)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return frames.filter((frame) => {
    const near = counts.get(`downstream ${kindOf(frame)}`) ?? 0;
    const far = counts.get(`upstream ${kindOf(frame)}`) ?? 0;
    return frame.leg === (far > near ? 'upstream' : 'downstream');
  });
}
