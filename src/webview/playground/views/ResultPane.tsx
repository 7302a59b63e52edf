/** Owns the right pane: requests of servers first, then the runs as tabs, one or two of them in full. */
import type { VNode } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { PlaygroundRun } from '../../../extension/contract/playgroundRuns';
import { formatDuration, formatTime } from '../../components/format';
import { Icon } from '../../components/Icon';
import { ServerDot } from '../../components/ServerDot';
import { SplitPane } from '../../components/SplitPane';
import { Stage } from '../../components/Stage';
import { StatusIcon } from '../../components/StatusIcon';
import { visibleLine } from '../../components/visibleText';
import { strings } from '../strings';
import type { PaneProps } from './MiddlePane';
import { RequestCards } from './RequestCards';
import { RunView } from './RunView';

const words = strings.result;
/** Two results stand beside each other from this width on, below each other otherwise. */
const BESIDE_FROM = 520;

export function ResultPane({ model, menus }: PaneProps): VNode {
  const panelId = useId();
  const [share, setShare] = useState(0.5);
  const runs = model.runs.runs.value;
  const selected = model.runs.shown.value;
  const beside = model.runs.find(model.runs.beside.value);
  const isTwo = beside !== undefined && selected !== undefined && beside.id !== selected.id;
  return (
    <section class="result" aria-label={words.label}>
      <RequestCards model={model} menus={menus} />
      {runs.length > 0 && <RunTabs model={model} runs={runs} selected={selected?.id} panelId={panelId} />}
      {!selected ? (
        <Stage title={words.noneTitle} text={words.noneText} />
      ) : (
        <div class="result-panel" id={panelId} role="tabpanel" aria-label={nameOf(selected)}>
          <SplitPane
            first={isTwo ? <RunView key={beside.id} run={beside} model={model} other={selected} /> : <RunView key={selected.id} run={selected} model={model} />}
            second={isTwo && <RunView key={selected.id} run={selected} model={model} />}
            wideFrom={BESIDE_FROM}
            shareRight={share}
            shareBelow={share}
            onShare={(_side, next) => setShare(next)}
            label={strings.separator.beside}
          />
        </div>
      )}
    </section>
  );
}

interface RunTabsProps extends Pick<PaneProps, 'model'> {
  readonly runs: readonly PlaygroundRun[];
  readonly selected: string | undefined;
  readonly panelId: string;
}

/** Newest first; arrows move among them, Delete closes one. */
function RunTabs({ model, runs, selected, panelId }: RunTabsProps): VNode {
  const list = useRef<HTMLDivElement>(null);
  // A new run pushes the others to the side: the one that is shown stays in view.
  const first = runs[0]?.id;
  useEffect(() => list.current?.querySelector('[aria-selected=true]')?.parentElement?.scrollIntoView?.({ block: 'nearest', inline: 'nearest' }), [selected, first]);
  const select = (run: PlaygroundRun | undefined): void => {
    if (run) model.runs.selected.value = run.id;
  };
  const close = (run: PlaygroundRun): void => {
    if (run.status === 'running') return;
    const at = runs.findIndex(({ id }) => id === run.id);
    if (run.id === selected) select(runs[at + 1] ?? runs[at - 1]);
    void model.act(() => model.host.api.dismiss(run.id));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = runs.findIndex(({ id }) => id === selected);
    const last = runs.length - 1;
    const next = { ArrowRight: Math.min(last, at + 1), ArrowLeft: Math.max(0, at - 1), Home: 0, End: last }[event.key];
    const run = runs[at];
    if (next !== undefined) {
      select(runs[next]);
      (event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus();
    } else if (event.key === 'Delete' && run) close(run);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="run-tabs" ref={list} role="tablist" aria-label={words.tabs} onKeyDown={onKeyDown}>
      {runs.map((run) => {
        const isSelected = run.id === selected;
        return (
          <span key={run.id} class={`run-tab${isSelected ? ' selected' : ''}${run.id === model.runs.beside.value ? ' beside' : ''}`} role="presentation">
            <button
              type="button"
              role="tab"
              class="run-tab-main"
              aria-selected={isSelected}
              aria-controls={panelId}
              tabIndex={isSelected ? 0 : -1}
              title={`${visibleLine(run.target.server)} · ${nameOf(run)} · ${formatTime(run.startedMs)}${words.origin[run.origin] === '' ? '' : ` · ${words.origin[run.origin]}`}`}
              onClick={() => select(run)}
            >
              <StatusIcon status={run.status} label={strings.status(run.status)} />
              <ServerDot name={run.target.server} />
              <span class="run-tab-name">{nameOf(run)}</span>
              {run.elapsedMs !== undefined && <span class="run-tab-time">{formatDuration(run.elapsedMs * 1000)}</span>}
            </button>
            {run.status !== 'running' && (
              <button type="button" class="run-tab-close" tabIndex={-1} aria-hidden="true" title={words.dismiss(nameOf(run))} onClick={() => close(run)}>
                <Icon name="close" />
              </button>
            )}
          </span>
        );
      })}
    </div>
  );
}

export function nameOf(run: PlaygroundRun): string {
  return visibleLine(run.target.name);
}

