/** Owns how a call's time falls into phases and what happened on the way, on one scale. Pure; microseconds since the request. */
import type { CallDetail, FrameText } from '../../../extension/contract/traffic';

export type PhaseKind = 'gatewayIn' | 'server' | 'gatewayOut' | 'gateway';

export interface Phase {
  readonly kind: PhaseKind;
  readonly startUs: number;
  readonly endUs: number;
}

export interface Timing {
  readonly totalUs: number;
  readonly isRunning: boolean;
  readonly phases: readonly Phase[];
  readonly events: readonly FrameText[];
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
    phases = [phase('gatewayIn', 0, asked), phase('server', asked, answered ?? totalUs)];
    if (answered !== undefined) phases.push(phase('gatewayOut', answered, totalUs));
  } else if (row.upstreamUs !== undefined) {
    const own = Math.max(0, totalUs - row.upstreamUs);
    phases = [phase('gateway', 0, own), phase('server', own, totalUs)];
  } else phases = [phase('gateway', 0, totalUs)];
  return { totalUs, isRunning, phases, events: withoutTwins(related) };
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
