/**
 * Owns the lines above the list that say what is wrong and what to do about it. A line per matter, the first few shown,
 * the rest behind one more line, so that ten dead servers do not push the traffic off the screen.
 */
import type { ComponentChildren, VNode } from 'preact';
import { useState } from 'preact/hooks';
import { Icon, IconButton } from '../../components/Icon';
import { ServerDot } from '../../components/ServerDot';
import { TextBlock } from '../../components/TextBlock';
import { visibleLine } from '../../components/visibleText';
import type { Notice } from '../model/stage';
import type { TrafficModel } from '../model/trafficModel';
import { listStrings } from '../listStrings';
import { strings } from '../strings';

const SHOWN_AT_FIRST = 3;
const words = strings.notice;

export function Notices({ model }: { readonly model: TrafficModel }): VNode | null {
  const notices = model.notices.value;
  const [isAll, setAll] = useState(false);
  const failedAction = model.actions.failure.value;
  if (notices.length === 0 && failedAction === undefined) return null;
  const paused = notices.find((notice) => notice.kind === 'notRecording');
  const others = notices.filter((notice) => notice !== paused);
  const hidden = others.length - SHOWN_AT_FIRST;
  const shown = isAll || hidden <= 1 ? others : others.slice(0, SHOWN_AT_FIRST);
  return (
    <section class="notices" aria-label={words.label}>
      {paused?.kind === 'notRecording' && <NotRecordingLine notice={paused} model={model} />}
      <div aria-live="polite">
        {failedAction !== undefined && (
          <Line icon="error" severity="error" end={<IconButton icon="close" label={words.dismiss} onPress={() => (model.actions.failure.value = undefined)} />}>
            {words.actionFailed(failedAction)}
          </Line>
        )}
        {shown.map((notice) => (
          <NoticeLine key={keyOf(notice)} notice={notice} model={model} />
        ))}
        {hidden > 1 && (
          <div class="notice more">
            <LinkButton onPress={() => setAll(!isAll)}>{isAll ? words.fewer : words.more(hidden)}</LinkButton>
          </div>
        )}
      </div>
    </section>
  );
}

/** What it says is said once; how much has passed changes by the second and is not. */
function NotRecordingLine({ notice, model }: { readonly notice: Extract<Notice, { kind: 'notRecording' }>; readonly model: TrafficModel }): VNode {
  const { sinceMs, frames } = notice.recording;
  return (
    <Line
      icon="debug-pause"
      severity="warning"
      end={<LinkButton onPress={() => model.actions.setRecording(true)}>{listStrings.recording.resume}</LinkButton>}
    >
      <strong role="status">{listStrings.recording.notice(sinceMs)}</strong>
      <span>{listStrings.recording.count(frames)}</span>
    </Line>
  );
}

function NoticeLine({ notice, model }: { readonly notice: Notice; readonly model: TrafficModel }): VNode {
  switch (notice.kind) {
    case 'notRecording':
      return <NotRecordingLine notice={notice} model={model} />;
    case 'noAnswer':
      return (
        <Line icon="error" severity="error" end={<LinkButton onPress={() => model.start()}>{strings.stage.retry}</LinkButton>}>
          {words.listFailed(notice.error)}
        </Line>
      );
    case 'untrusted':
      return (
        <Line icon="shield" severity="warning">
          {words.untrusted}
        </Line>
      );
    case 'store': {
      const { store } = notice;
      const text = store.kind === 'failed' ? words.storeFailed(store.message) : store.isKept ? store.message : words.storeDegraded(store.message, store.missingFrames);
      return (
        <Line icon={store.kind === 'failed' ? 'error' : 'warning'} severity={store.kind === 'failed' ? 'error' : 'warning'} end={<ShowLog model={model} />}>
          {text}
        </Line>
      );
    }
    case 'gatewayFailed':
      return (
        <Line icon="error" severity="error" end={<ShowLog model={model} />}>
          {words.gatewayFailed(notice.message)}
        </Line>
      );
    case 'configProblem': {
      const { file, line, message } = notice.problem;
      return (
        <Line icon="error" severity="error" end={<LinkButton onPress={() => model.actions.openConfig(line)}>{words.openLine(line)}</LinkButton>}>
          {words.configProblem(baseName(file), line, visibleLine(message))}
        </Line>
      );
    }
    case 'configNote': {
      const { file, line, message } = notice.problem;
      const putAway = (): void => {
        model.readNotes.value = new Set([...model.readNotes.value, message]);
      };
      return (
        <Line
          icon="info"
          severity="info"
          end={
            <>
              <LinkButton onPress={() => model.actions.openConfig(line)}>{words.openLine(line)}</LinkButton>
              <IconButton icon="close" label={words.dismiss} onPress={putAway} />
            </>
          }
        >
          {words.configProblem(baseName(file), line, visibleLine(message))}
        </Line>
      );
    }
    case 'serverFailed':
      return <ServerFailedLine notice={notice} model={model} />;
    case 'routingOff':
      return (
        <Line icon="info" severity="info" end={<LinkButton onPress={() => model.actions.setRouting(true)}>{strings.stage.turnOn}</LinkButton>}>
          {words.routingOff}
        </Line>
      );
  }
}

function ServerFailedLine({ notice, model }: { readonly notice: Extract<Notice, { kind: 'serverFailed' }>; readonly model: TrafficModel }): VNode {
  const [isOpen, setOpen] = useState(false);
  const { name, state } = notice;
  const hasOutput = state.stderr.length > 0;
  return (
    <>
      <Line
        icon="error"
        severity="error"
        end={
          <>
            {hasOutput && (
              <LinkButton expanded={isOpen} onPress={() => setOpen(!isOpen)}>
                {isOpen ? words.hideOutput : words.showOutput}
              </LinkButton>
            )}
            <LinkButton onPress={() => model.actions.openConfig()}>{words.openConfig}</LinkButton>
          </>
        }
      >
        <ServerDot name={name} />
        {state.message.includes(`"${name}"`) ? (
          visibleLine(state.message)
        ) : (
          <>
            <strong>{visibleLine(name)}</strong>
            {words.serverFailed(visibleLine(state.message))}
          </>
        )}
      </Line>
      {isOpen && hasOutput && <TextBlock class="stderr" text={state.stderr.join('\n')} />}
    </>
  );
}

function ShowLog({ model }: { readonly model: TrafficModel }): VNode {
  return <LinkButton onPress={() => model.actions.showLog()}>{strings.stage.showLog}</LinkButton>;
}

interface LineProps {
  readonly icon: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly children: ComponentChildren;
  readonly end?: ComponentChildren;
}

function Line({ icon, severity, children, end }: LineProps): VNode {
  return (
    <div class={`notice ${severity}`}>
      <Icon name={icon} />
      <span class="notice-text">{children}</span>
      {end && <span class="notice-actions">{end}</span>}
    </div>
  );
}

function LinkButton({ children, onPress, expanded }: { readonly children: ComponentChildren; readonly onPress: () => void; readonly expanded?: boolean }): VNode {
  return (
    <button type="button" class="link-button" aria-expanded={expanded} onClick={onPress}>
      {children}
    </button>
  );
}

function keyOf(notice: Notice): string {
  if (notice.kind === 'serverFailed') return `server ${notice.name}`;
  if (notice.kind === 'configProblem' || notice.kind === 'configNote') return `${notice.kind} ${notice.problem.line} ${notice.problem.message}`;
  return notice.kind;
}

function baseName(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}
