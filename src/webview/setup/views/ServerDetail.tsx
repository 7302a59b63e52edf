/** Owns what an expanded server shows: what can be done, how it is doing, what it is for, what it defines. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { SetupServer } from '../../../extension/contract/setup';
import { formatDateTime, formatElapsed } from '../../components/format';
import { Icon } from '../../components/Icon';
import { TextBlock } from '../../components/TextBlock';
import { visibleLine } from '../../components/visibleText';
import type { SetupModel } from '../model/setupModel';
import { strings } from '../strings';
import { DefinitionsTable } from './DefinitionsTable';
import { DoctorReportView } from './DoctorReportView';
import { EditForm } from './EditForm';
import { Facts } from './Facts';
import { FindingsList } from './FindingsList';
import { FileLink, TextButton } from './TextButton';

const words = strings.server;

export function ServerDetail({ server, model, id }: { readonly server: SetupServer; readonly model: SetupModel; readonly id: string }): VNode {
  const { state, findings } = server;
  const report = model.reports.value.get(server.name);
  return (
    <div class="row-detail" id={id}>
      <ServerButtons server={server} model={model} />
      {report && <DoctorReportView report={report} server={server.name} model={model} />}
      {'message' in state && (
        <p class={state.kind === 'failed' ? 'failed selectable' : 'selectable'}>
          <Icon name={state.kind === 'failed' ? 'error' : 'info'} /> {visibleLine(state.message)}
        </p>
      )}
      {state.kind === 'failed' && state.stderr.length > 0 && (
        <section aria-label={words.lastWords}>
          <h4>{words.lastWords}</h4>
          <TextBlock class="stderr" text={state.stderr.join('\n')} />
        </section>
      )}
      <About server={server} model={model} />
      {findings.length > 0 && (
        <section aria-label={strings.findings.title}>
          <h4>{strings.findings.title}</h4>
          <FindingsList findings={findings} model={model} labelOf={() => server.fileLabel} server={server.id} />
        </section>
      )}
      <DefinitionsTable server={server} model={model} />
      <Health server={server} model={model} />
    </div>
  );
}

/** All that can be done but the main thing, which stands in the row. */
function ServerButtons({ server, model }: { readonly server: SetupServer; readonly model: SetupModel }): VNode {
  const { name, state, gate } = server;
  const { api } = model.host;
  const mayRun = gate.kind === 'open';
  // Under an allow-list the row offers the list; who refused it before can still take that back.
  const isListed = model.state.value?.policy === 'allowListOnly';
  const isChecking = model.busy.value.has(`examine ${name}`);
  return (
    <div class="buttons">
      {state.kind === 'running' && <TextButton onPress={() => void model.act(`restart ${name}`, () => api.restart(name))}>{words.restart}</TextButton>}
      {(state.kind === 'running' || state.kind === 'starting') && <TextButton onPress={() => void model.act(`stop ${name}`, () => api.stop(name))}>{words.stop}</TextButton>}
      {mayRun && state.kind === 'failed' && <TextButton onPress={() => void model.act('playground', () => api.openPlayground(name))}>{words.playground}</TextButton>}
      <TextButton disabled={isChecking} onPress={() => void model.examine(name)}>
        {isChecking ? words.checking : words.check}
      </TextButton>
      <TextButton onPress={() => void model.act('output', () => api.showOutput(name))}>{words.output}</TextButton>
      {gate.kind === 'refused' && isListed && <TextButton onPress={() => void model.act(`approve ${server.id}`, () => api.approve(server.id, server.hash))}>{words.approve}</TextButton>}
      {server.isEnabled && <TextButton onPress={() => void model.act(`edit ${server.id}`, () => api.edit(server.id, { isEnabled: false }))}>{words.turnOff}</TextButton>}
    </div>
  );
}

function About({ server, model }: { readonly server: SetupServer; readonly model: SetupModel }): VNode {
  const [isEditing, setEditing] = useState(false);
  const { about, approvedMs, approvedBy, hide, deny } = server;
  const names = words.facts;
  const nowMs = model.nowMs.value;
  const text = (value: string | undefined): VNode | undefined => (value === undefined ? undefined : <span class="selectable">{visibleLine(value)}</span>);
  return (
    <section aria-label={words.about}>
      <div class="part-head">
        <h4>{words.about}</h4>
        <span class="spacer" />
        {!isEditing && (
          <button type="button" class="link-button" onClick={() => setEditing(true)}>
            {words.edit}
          </button>
        )}
      </div>
      <Facts
        facts={[
          { name: names.runs[server.transport], value: <span class="mono selectable">{visibleLine(server.commandLine)}</span> },
          { name: names.configuration, value: <FileLink model={model} file={server.file} line={server.line} label={server.fileLabel} /> },
          approvedMs === undefined ? undefined : { name: names.approved, value: <span title={formatDateTime(approvedMs)}>{words.approved(approvedMs, nowMs, approvedBy && visibleLine(approvedBy))}</span> },
          ...(isEditing
            ? []
            : [
                { name: names.purpose, value: text(about.purpose) },
                { name: names.owner, value: text(about.owner) },
                { name: names.permissions, value: text(about.permissions?.join(', ')) },
                { name: names.note, value: text(about.note) },
                { name: names.hide, value: hide.length > 0 ? <span class="mono selectable">{visibleLine(hide.join(', '))}</span> : undefined },
                { name: names.deny, value: deny.length > 0 ? <span class="mono selectable">{visibleLine(deny.join(', '))}</span> : undefined },
              ]),
        ]}
      />
      {isEditing && <EditForm server={server} model={model} onClose={() => setEditing(false)} />}
    </section>
  );
}

function Health({ server, model }: { readonly server: SetupServer; readonly model: SetupModel }): VNode {
  const { health, state } = server;
  const { handshake, latency, lastError, upSinceMs, restarts } = health;
  const names = strings.health;
  const nowMs = model.nowMs.value;
  const isKnown = handshake !== undefined || lastError !== undefined || health.connections > 0;
  const serverWords = [handshake?.serverTitle ?? handshake?.serverName, handshake?.serverVersion].filter((part) => part !== undefined).map(visibleLine);
  return (
    <section aria-label={names.title}>
      <h4>{names.title}</h4>
      {isKnown ? (
        <Facts
          facts={[
            { name: names.state, value: state.kind === 'running' ? strings.stateLong(state) : strings.state(server) },
            upSinceMs === undefined ? undefined : { name: names.up, value: <span title={formatDateTime(upSinceMs)}>{formatElapsed(nowMs - upSinceMs)}</span> },
            { name: names.restarts, value: String(restarts) },
            lastError && { name: names.error, value: <span class="selectable" title={formatDateTime(lastError.atMs)}>{`${visibleLine(lastError.message)} (${strings.ago(lastError.atMs, nowMs)})`}</span> },
            latency && { name: names.latency, value: names.latencyText(latency) },
            { name: names.server, value: serverWords.join(' ') },
            { name: names.protocol, value: handshake?.protocolVersion === undefined ? undefined : visibleLine(handshake.protocolVersion) },
            handshake && { name: names.capabilities, value: handshake.capabilities.map(visibleLine).join(', ') || names.none },
            handshake && { name: names.extensions, value: handshake.extensions.map(visibleLine).join(', ') || names.none },
          ]}
        />
      ) : (
        <p class="dim">{names.unknown}</p>
      )}
    </section>
  );
}
