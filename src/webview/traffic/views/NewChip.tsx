/** Owns the chip over the calls that says how many came in where nobody looks, and leads there. */
import type { VNode } from 'preact';
import { Icon } from '../../components/Icon';
import type { TrafficModel } from '../model/trafficModel';
import { listStrings } from '../listStrings';
import { strings } from '../strings';

export function NewChip({ model }: { readonly model: TrafficModel }): VNode | null {
  const isPaused = model.layouts.isPaused.value;
  const newCount = model.newCount.value;
  const paused = listStrings.paused;
  if (isPaused) {
    return (
      <button type="button" class="new-chip paused" title={paused.tooltip} onClick={() => model.setPaused(false)}>
        <Icon name="debug-pause" />
        {paused.news(model.feed.pausedNew.value)}
      </button>
    );
  }
  if (newCount === 0) return null;
  return (
    <button type="button" class="new-chip" title={strings.newCallsTooltip} onClick={() => model.follow()}>
      <Icon name={model.feed.isNewestLast ? 'arrow-down' : 'arrow-up'} />
      {strings.newCalls(newCount)}
    </button>
  );
}
