/** Owns the lines above the list: what did not work, what was done, what is wrong, each with its next step. */
import type { ComponentChildren, VNode } from 'preact';
import type { ConfigProblem } from '../../../extension/contract/status';
import { errorText } from '../../components/errorText';
import { Icon, IconButton } from '../../components/Icon';
import { visibleLine } from '../../components/visibleText';
import type { SetupModel } from '../model/setupModel';
import { routeStrings } from '../routeStrings';
import { strings } from '../strings';
import { FileLink, TextButton } from './TextButton';

const words = strings.notice;
const MAX_PROBLEMS = 20;

interface LineProps {
  readonly icon: string;
  readonly tone: 'error' | 'warning' | 'info' | 'good';
  readonly children: ComponentChildren;
  readonly end?: ComponentChildren;
  readonly role?: 'alert' | 'status';
}

function Line({ icon, tone, children, end, role }: LineProps): VNode {
  return (
    <div class={`notice ${tone}`} role={role}>
      <Icon name={icon} />
      <div class="notice-text">{children}</div>
      {end}
    </div>
  );
}

/** What the last action came to. Shown over the preview too. */
export function FailureLine({ model }: { readonly model: SetupModel }): VNode | null {
  const failure = model.failure.value;
  const gone = model.gone.value;
  if (gone !== undefined && model.state.value) {
    return (
      <Line icon="error" tone="error" role="alert" end={<TextButton onPress={() => model.start()}>{strings.retry}</TextButton>}>
        {visibleLine(errorText(gone))}
      </Line>
    );
  }
  if (failure === undefined) return null;
  return (
    <Line icon="error" tone="error" role="alert" end={<IconButton icon="close" label={strings.dismiss} onPress={() => (model.failure.value = undefined)} />}>
      <span class="selectable">{visibleLine(strings.failed(failure))}</span>
    </Line>
  );
}

export function Notices({ model }: { readonly model: SetupModel }): VNode {
  const state = model.state.value;
  const { api } = model.host;
  return (
    <div class="notices">
      <OutcomeLine model={model} />
      {state && !state.isRouting && (
        <Line icon="debug-disconnect" tone="warning" end={<TextButton onPress={() => void model.act('routing', () => api.setRouting(true))}>{words.turnRoutingOn}</TextButton>}>
          {words.routingOff}
        </Line>
      )}
      {state?.isRouting && state.gateway.kind === 'failed' && (
        <Line icon="error" tone="error" role="alert" end={<TextButton onPress={() => void model.act('setting', () => api.openSetting('mcpShark.endpoint.port'))}>{words.openPort}</TextButton>}>
          {visibleLine(words.gatewayFailed(state.gateway.message))}
        </Line>
      )}
      {state && state.problems.length > 0 && <Problems model={model} title={words.problems(state.problems.length)} problems={state.problems} isOpen />}
      {state && state.notes.length > 0 && <Problems model={model} title={words.notes(state.notes.length)} problems={state.notes} />}
    </div>
  );
}

function OutcomeLine({ model }: { readonly model: SetupModel }): VNode | null {
  const outcome = model.outcome.value;
  if (!outcome) return null;
  const record = model.recordOf(outcome);
  const waiting = model.state.value?.pending.length ?? 0;
  return (
    <Line
      icon="pass"
      tone="good"
      role="status"
      end={
        <>
          {record && <TextButton onPress={() => void model.undo([record.id])}>{routeStrings.changes.undo}</TextButton>}
          <IconButton icon="close" label={strings.dismiss} onPress={() => (model.outcome.value = undefined)} />
        </>
      }
    >
      {visibleLine(routeStrings.outcome(outcome))} {outcome.kind === 'route' && waiting > 0 && routeStrings.approveNext(waiting)}
    </Line>
  );
}

interface ProblemsProps {
  readonly model: SetupModel;
  readonly title: string;
  readonly problems: readonly ConfigProblem[];
  readonly isOpen?: boolean;
}

function Problems({ model, title, problems, isOpen = false }: ProblemsProps): VNode {
  const labels = new Map(model.state.value?.servers.map(({ file, fileLabel }) => [file, fileLabel]));
  return (
    <details class={isOpen ? 'notice-details warning' : 'notice-details info'} open={isOpen}>
      <summary>
        <Icon name={isOpen ? 'warning' : 'info'} /> {title}
      </summary>
      <ul class="problems">
        {problems.slice(0, MAX_PROBLEMS).map((problem) => (
          <li key={`${problem.file} ${problem.line} ${problem.column} ${problem.message}`}>
            <FileLink model={model} file={problem.file} line={problem.line} label={labels.get(problem.file) ?? problem.file} /> <span class="selectable">{visibleLine(problem.message)}</span>
          </li>
        ))}
        {problems.length > MAX_PROBLEMS && <li class="dim">{strings.findings.more(problems.length - MAX_PROBLEMS)}</li>}
      </ul>
    </details>
  );
}
