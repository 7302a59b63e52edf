/** Owns one run in full: how it stands, its progress, what came back, its log, and the way to its recorded call. */
import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { PlaygroundRun, RunResult } from '../../../extension/contract/playgroundRuns';
import { contentWords } from '../../components/content/contentStrings';
import { CheckLine, ToolResultView } from '../../components/content/ToolResultView';
import { parseExact } from '../../components/exactNumbers';
import { formatBytes, formatDuration, formatElapsed } from '../../components/format';
import { Icon, IconButton } from '../../components/Icon';
import { JsonTree } from '../../components/JsonTree';
import { Segmented } from '../../components/Segmented';
import { StatusIcon } from '../../components/StatusIcon';
import { TextBlock } from '../../components/TextBlock';
import { visibleLine } from '../../components/visibleText';
import type { PlaygroundModel } from '../model/playgroundModel';
import { resultForms, type ResultForm } from '../model/viewState';
import { strings } from '../strings';
import { ErrorResult } from './ErrorResult';
import { LogList } from './LogList';

const words = strings.result;
/** Characters shown of a raw result; the editor shows all. */
const MAX_RAW = 1_000_000;

export interface RunViewProps {
  readonly run: PlaygroundRun;
  readonly model: PlaygroundModel;
  /** The run it stands beside. */
  readonly other?: PlaygroundRun;
}

export function RunView({ run, model, other }: RunViewProps): VNode {
  const loaded = model.runs.resultOf(run.id);
  const result = loaded?.kind === 'result' ? loaded.result : undefined;
  const form = model.resultForm.value;
  return (
    <div class="run" aria-busy={run.status === 'running' ? 'true' : undefined}>
      <RunHead run={run} model={model} {...(other ? { other } : {})} />
      {run.status === 'running' && <Progress run={run} />}
      {run.message !== undefined && run.status !== 'running' && run.status !== 'ok' && !result && <p class="run-message failed">{visibleLine(run.message)}</p>}
      {run.stderr && run.stderr.length > 0 && (
        <section class="run-stderr">
          <h3>{words.stderr}</h3>
          <TextBlock class="stderr" text={run.stderr.join('\n')} />
        </section>
      )}
      {(result || run.timing) && (
        <div class="pane-tools">
          {result && (
            <Segmented<ResultForm>
              label={words.formLabel}
              options={resultForms.map((id) => ({ id, label: id === 'logs' ? words.logsTab(result.logs.length) : words.forms[id] }))}
              selected={form}
              onSelect={(next) => (model.resultForm.value = next)}
            />
          )}
          {run.timing && (
            <span class="dim run-timing" title={words.timingTooltip(run.timing)}>
              {words.timing(run.timing)}
            </span>
          )}
        </div>
      )}
      {result ? (
        <Result run={run} result={result} form={form} model={model} />
      ) : (
        <p class="panel-note delayed">{run.status === 'running' ? (run.waitsFor ? words.waiting[run.waitsFor] : words.running) : !run.hasResult ? (run.call === undefined ? words.none : run.message === undefined ? words.gone : '') : loaded?.kind === 'failed' ? words.failed(loaded.error) : loaded?.kind === 'gone' ? words.gone : words.loading}</p>
      )}
    </div>
  );
}

function RunHead({ run, model, other }: RunViewProps): VNode {
  const { api } = model.host;
  const [isCancelling, setCancelling] = useState(false);
  const isRunning = run.status === 'running';
  const elapsed = run.elapsedMs ?? Math.max(0, model.nowMs.value - run.startedMs);
  const isBeside = model.runs.beside.value === run.id;
  return (
    <header class="run-head">
      <StatusIcon status={run.status} label={strings.status(run.status)} />
      <span class={run.status === 'ok' || isRunning ? 'run-status' : 'run-status failed'}>{strings.status(run.status)}</span>
      <span class="run-elapsed">{isRunning ? formatElapsed(elapsed) : formatDuration(elapsed * 1000)}</span>
      {run.task && <span class="dim run-task">{words.task(visibleLine(run.task.id).slice(0, 12), visibleLine(run.task.status))}</span>}
      {run.resultBytes !== undefined && <span class="dim run-size">{formatBytes(run.resultBytes)}</span>}
      <span class="spacer" />
      {isRunning && (
        <button
          type="button"
          class="text-button small"
          disabled={isCancelling}
          onClick={() => {
            setCancelling(true);
            void model.act(() => api.cancel(run.id)).then(() => setCancelling(false));
          }}
        >
          {isCancelling ? words.cancelling : words.cancel}
        </button>
      )}
      {other && other.hasResult && run.hasResult && (
        <IconButton icon="diff" label={words.compare} onPress={() => void model.act(() => api.compareResults({ kind: 'run', id: run.id }, { kind: 'run', id: other.id }))} />
      )}
      {!run.isCut && <IconButton icon="reply" label={words.again} onPress={() => model.open(run.target, run.argumentsText)} />}
      {!isRunning && <IconButton icon="split-horizontal" label={isBeside ? words.unbeside : words.beside} pressed={isBeside} onPress={() => (model.runs.beside.value = isBeside ? undefined : run.id)} />}
      {run.hasResult && <IconButton icon="go-to-file" label={words.open} onPress={() => void model.act(() => api.openResult({ kind: 'run', id: run.id }))} />}
      {run.hasResult && <CopyResult run={run} model={model} />}
      {run.call !== undefined && <IconButton icon="list-flat" label={words.showCall} onPress={() => void model.act(() => api.showCall(run.call ?? ''))} />}
    </header>
  );
}

function CopyResult({ run, model }: { readonly run: PlaygroundRun; readonly model: PlaygroundModel }): VNode | null {
  const loaded = model.runs.resultOf(run.id);
  if (loaded?.kind !== 'result' || loaded.result.truncated) return null;
  return <IconButton icon="copy" label={words.copy} onPress={() => void model.act(() => model.host.api.copyText(loaded.result.text))} />;
}

function Progress({ run }: { readonly run: PlaygroundRun }): VNode {
  const { progress } = run;
  const isKnown = progress?.total !== undefined && progress.total > 0;
  const share = isKnown ? Math.min(1, Math.max(0, progress.progress / progress.total!)) : undefined;
  return (
    <div class="run-progress">
      <div
        class="progress-track"
        role="progressbar"
        aria-label={words.progress}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={share === undefined ? undefined : Math.round(share * 100)}
      >
        {share === undefined ? <div class="busy-bar" /> : <div class="progress-bar" style={{ width: `${share * 100}%` }} />}
      </div>
      {progress && (
        <p class="progress-text" role="status">
          <span class="progress-number">{words.progressOf(progress.progress, progress.total)}</span> {progress.message !== undefined && visibleLine(progress.message)}
        </p>
      )}
      {run.task?.message !== undefined && <p class="progress-text">{visibleLine(run.task.message)}</p>}
    </div>
  );
}

interface ResultProps {
  readonly run: PlaygroundRun;
  readonly result: RunResult;
  readonly form: ResultForm;
  readonly model: PlaygroundModel;
}

function Result({ run, result, form, model }: ResultProps): VNode {
  const value = useMemo(() => (result.truncated ? undefined : parseExact(result.text)), [result]);
  const { api } = model.host;
  const actions = useMemo(
    () => ({
      openLink: (url: string) => void model.act(() => api.openLink(url)),
      copyText: (text: string) => void model.act(() => api.copyText(text)),
      openContent: (pointer: string, how: 'open' | 'save') => void model.act(() => api.openContent(run.id, pointer, how)),
      openResource: (uri: string) => model.open({ server: run.target.server, kind: 'resource', name: uri }, undefined),
    }),
    [model, run.id, run.target.server],
  );
  if (form === 'logs') {
    return (
      <div class="result-scroll">
        <LogList messages={result.logs} empty={words.noLogs} />
      </div>
    );
  }
  if (form === 'raw' || value === undefined) {
    const shown = result.text.slice(0, MAX_RAW);
    return (
      <div class="result-scroll" tabIndex={0} role="region" aria-label={words.content}>
        {form !== 'raw' && result.output && <CheckLine check={result.output} onGo={() => undefined} />}
        {(result.truncated || shown.length < result.text.length) && (
          <p class="run-note">
            <Icon name="info" /> <span>{words.truncated(shown.length, run.resultBytes)}</span>
          </p>
        )}
        <TextBlock text={shown} />
      </div>
    );
  }
  if (form === 'tree') return <JsonTree value={value} label={words.content} words={contentWords.tree} />;
  return (
    <div class="result-scroll" tabIndex={0} role="region" aria-label={words.content}>
      {result.kind === 'error' ? <ErrorResult value={value} /> : <ToolResultView result={value} outputCheck={result.output} actions={actions} />}
    </div>
  );
}
