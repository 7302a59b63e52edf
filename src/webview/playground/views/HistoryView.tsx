/** Owns the list of earlier runs: each can be loaded into the arguments or found in the Traffic view. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { formatDateTime, formatDuration } from '../../components/format';
import { Icon, IconButton } from '../../components/Icon';
import { ServerDot } from '../../components/ServerDot';
import { Stage } from '../../components/Stage';
import { StatusIcon } from '../../components/StatusIcon';
import { visibleLine } from '../../components/visibleText';
import type { PlaygroundModel } from '../model/playgroundModel';
import { strings } from '../strings';

const words = strings.history;
const SHOWN_AT_FIRST = 100;

export function HistoryView({ model }: { readonly model: PlaygroundModel }): VNode {
  const [limit, setLimit] = useState(SHOWN_AT_FIRST);
  const entries = model.history.value;
  if (!entries) return <p class="panel-note delayed">{strings.stage.loading}</p>;
  const shown = model.runs.shown.value;
  if (entries.length === 0) return <Stage title={words.noneTitle} text={words.noneText} />;
  return (
    <>
      <div class="side-scroll">
        <ul class="side-list" aria-label={words.label}>
          {entries.slice(0, limit).map((entry) => (
            <li key={entry.id} class="side-item">
              <button type="button" class="side-item-main" title={`${words.load}\n${formatDateTime(entry.startedMs)}`} onClick={() => model.open(entry.target, entry.argumentsText)}>
                <StatusIcon status={entry.status} label={strings.status(entry.status)} />
                <ServerDot name={entry.target.server} />
                <span class="side-item-name">{visibleLine(entry.target.name)}</span>
                {entry.isRedacted && <Icon name="lock" title={words.redacted} />}
                <span class="side-item-end">{formatDuration(entry.elapsedMs * 1000)}</span>
              </button>
              {entry.call !== undefined && shown?.hasResult && shown.call !== entry.call && (
                <IconButton icon="diff" label={words.compare} onPress={() => void model.act(() => model.host.api.compareResults({ kind: 'call', id: entry.call ?? '' }, { kind: 'run', id: shown.id }))} />
              )}
              {entry.call !== undefined && <IconButton icon="list-flat" label={strings.result.showCall} onPress={() => void model.act(() => model.host.api.showCall(entry.call ?? ''))} />}
            </li>
          ))}
        </ul>
        {entries.length > limit && (
          <button type="button" class="link-button panel-note" onClick={() => setLimit(limit * 2)}>
            {strings.requests.showMore(entries.length - limit)}
          </button>
        )}
      </div>
      <div class="side-foot">
        <button type="button" class="link-button" onClick={() => void model.act(() => model.host.api.clearHistory())}>
          {words.clear}
        </button>
      </div>
    </>
  );
}
