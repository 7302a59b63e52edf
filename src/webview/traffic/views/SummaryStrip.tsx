/** Owns the line of numbers under the filter: what is shown, in five seconds. */
import type { VNode } from 'preact';
import type { TrafficModel } from '../model/trafficModel';
import { listStrings } from '../listStrings';
import { strings } from '../strings';

export function SummaryStrip({ model }: { readonly model: TrafficModel }): VNode {
  const summary = model.summaryFeed.summary.value;
  const outOf = model.summaryFeed.outOf.value;
  const words = strings.summary;
  const chosen = model.chosen.summary.value;
  if (chosen) {
    return (
      <div class="summary" role="group" aria-label={words.label}>
        <span class="summary-selected">{words.selected(chosen.calls)}</span>
        <span>{words.bytes(chosen.bytes)}</span>
        <span title={listStrings.summary.tokensTooltip}>{listStrings.summary.tokens(chosen.tokens)}</span>
        {chosen.p50Us !== undefined && <span>{words.p50(chosen.p50Us)}</span>}
        {chosen.p95Us !== undefined && <span title={words.p95Tooltip}>{words.p95(chosen.p95Us)}</span>}
      </div>
    );
  }
  return (
    <div class="summary" role="group" aria-label={words.label}>
      {summary && (
        <>
          <span>{!outOf ? words.calls(summary.calls) : words.callsOf(summary.calls, outOf)}</span>
          {summary.errors > 0 && <span class="summary-errors">{words.errors(summary.errors)}</span>}
          {summary.p95Us !== undefined && <span title={words.p95Tooltip}>{words.p95(summary.p95Us)}</span>}
          {summary.calls > 0 && <span>{words.bytes(summary.bytes)}</span>}
          {summary.running > 0 && <span>{words.running(summary.running)}</span>}
          {model.feed.isSearching.value && <span>{listStrings.summary.searching}</span>}
        </>
      )}
    </div>
  );
}
