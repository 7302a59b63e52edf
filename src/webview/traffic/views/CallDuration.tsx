/**
 * Owns how long a call took, in words: its duration, the time gone by while it runs, nothing where it ended without
 * one (a connection that died has no answer to measure to).
 */
import type { ReadonlySignal } from '@preact/signals';
import type { VNode } from 'preact';
import type { CallRow } from '../../../extension/contract/traffic';
import { formatDuration, formatElapsed } from '../../components/format';

export interface CallDurationProps {
  readonly row: CallRow;
  readonly nowMs: ReadonlySignal<number>;
}

export function CallDuration({ row, nowMs }: CallDurationProps): VNode | null {
  if (row.durationUs !== undefined) return <>{formatDuration(row.durationUs)}</>;
  // The clock is read only here, so that settled rows are never drawn again for it.
  return row.status === 'running' ? <>{formatElapsed(nowMs.value - row.timeMs)}</> : null;
}
