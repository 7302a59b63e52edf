/**
 * Owns the overview above the lanes: how many calls there were when, which part of it is in view, and brushing a period,
 * which then stands in the filter.
 */
import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { IconButton } from '../../components/Icon';
import { hasPeriod, type Period } from '../model/period';
import { OVERVIEW_BUCKETS, type TimelineFeed } from '../model/timelineFeed';
import { listStrings } from '../listStrings';

const words = listStrings.timeline;
const HEIGHT = 40;
/** A press that moves less is no brush. */
const BRUSH_FROM = 4;

export interface TimelineOverviewProps {
  readonly feed: TimelineFeed;
  readonly filter: string;
  /** `undefined`: no period any more. */
  readonly onBrush: (period: Period | undefined) => void;
}

export function TimelineOverview({ feed, filter, onBrush }: TimelineOverviewProps): VNode {
  const strip = useRef<HTMLDivElement>(null);
  const [brush, setBrush] = useState<{ readonly from: number; readonly to: number } | undefined>(undefined);
  const overview = feed.overview.value;
  const { fromMs, toMs } = feed.period;
  void feed.revision.value;
  const length = overview ? Math.max(1, overview.toMs - overview.fromMs) : 1;
  const shareAt = (clientX: number): number => {
    const box = strip.current?.getBoundingClientRect();
    return box && box.width > 0 ? Math.min(1, Math.max(0, (clientX - box.left) / box.width)) : 0;
  };
  const timeAt = (share: number): number => (overview?.fromMs ?? 0) + share * length;
  const onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0 || !overview) return;
    (event.currentTarget as HTMLElement).setPointerCapture?.(event.pointerId);
    const at = shareAt(event.clientX);
    setBrush({ from: at, to: at });
  };
  const onPointerUp = (): void => {
    const now = brush;
    setBrush(undefined);
    if (!now) return;
    const wide = (strip.current?.offsetWidth ?? 0) * Math.abs(now.to - now.from) >= BRUSH_FROM;
    if (wide) onBrush({ fromMs: timeAt(Math.min(now.from, now.to)), toMs: timeAt(Math.max(now.from, now.to)) });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowLeft') feed.panBy(-0.25);
    else if (event.key === 'ArrowRight') feed.panBy(0.25);
    else if (event.key === 'ArrowUp' || event.key === '+') feed.zoomBy(0.7);
    else if (event.key === 'ArrowDown' || event.key === '-') feed.zoomBy(1 / 0.7);
    else if (event.key === 'Enter') onBrush({ fromMs, toMs });
    else if (event.key === 'Escape' && hasPeriod(filter)) onBrush(undefined);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const sums = new Map<number, { calls: number; errors: number }>();
  for (const { index, calls, errors } of overview?.buckets ?? []) {
    const sum = sums.get(index) ?? { calls: 0, errors: 0 };
    sums.set(index, { calls: sum.calls + calls, errors: sum.errors + errors });
  }
  const most = Math.max(1, ...[...sums.values()].map(({ calls }) => calls));
  const percent = (ms: number): number => Math.min(100, Math.max(0, ((ms - (overview?.fromMs ?? 0)) / length) * 100));
  const shown = brush ? { from: Math.min(brush.from, brush.to) * 100, to: Math.max(brush.from, brush.to) * 100 } : { from: percent(fromMs), to: percent(toMs) };
  return (
    <div class="timeline-overview">
      <div
        ref={strip}
        class="timeline-strip"
        role="slider"
        tabIndex={0}
        aria-label={words.overview}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round((shown.from + shown.to) / 2)}
        aria-valuetext={words.period(fromMs, toMs)}
        title={words.overview}
        onKeyDown={onKeyDown}
        onPointerDown={onPointerDown}
        onPointerMove={(event) => brush && setBrush({ ...brush, to: shareAt(event.clientX) })}
        onPointerUp={onPointerUp}
        onPointerCancel={() => setBrush(undefined)}
      >
        <svg viewBox={`0 0 ${OVERVIEW_BUCKETS} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          {[...sums].map(([index, { calls, errors }]) => (
            <g key={index}>
              <rect class="strip-calls" x={index} y={HEIGHT - height(calls, most)} width={0.9} height={height(calls, most)} />
              {errors > 0 && <rect class="strip-errors" x={index} y={HEIGHT - height(errors, most)} width={0.9} height={height(errors, most)} />}
            </g>
          ))}
        </svg>
        <div class="strip-shade" style={{ left: 0, width: `${shown.from}%` }} />
        <div class="strip-shade" style={{ left: `${shown.to}%`, right: 0 }} />
        <div class="strip-window" style={{ left: `${shown.from}%`, width: `${Math.max(0.2, shown.to - shown.from)}%` }} />
      </div>
      {hasPeriod(filter) && <IconButton icon="close" label={words.clearPeriod} onPress={() => onBrush(undefined)} />}
    </div>
  );
}

function height(count: number, most: number): number {
  return Math.max(2, (count / most) * (HEIGHT - 4));
}
