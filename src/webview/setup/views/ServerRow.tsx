/** Owns the row of a server that goes through MCP Shark: how it is, what runs, and the one thing to do about it. */
import type { VNode } from 'preact';
import { useId } from 'preact/hooks';
import type { SetupServer } from '../../../extension/contract/setup';
import { Icon } from '../../components/Icon';
import { pure } from '../../components/pure';
import { ServerDot } from '../../components/ServerDot';
import { visibleLine } from '../../components/visibleText';
import type { SetupModel } from '../model/setupModel';
import { rowKey } from '../model/viewState';
import { strings } from '../strings';
import { RowToggle } from './RowToggle';
import { ServerDetail } from './ServerDetail';
import { StateIcon } from './StateIcon';
import { TextButton } from './TextButton';

const words = strings.server;

export interface ServerRowProps {
  readonly server: SetupServer;
  readonly model: SetupModel;
  readonly isOpen: boolean;
}

export const ServerRow = pure<ServerRowProps>(({ server, model, isOpen }) => <ServerItem server={server} model={model} isOpen={isOpen} />, 'ServerRow');

function ServerItem({ server, model, isOpen }: ServerRowProps): VNode {
  const id = useId();
  const { name, state, definitions, findings, unapproved } = server;
  const key = rowKey.server(server.id);
  const tools = definitions.filter(({ kind, state: is }) => kind === 'tool' && is !== 'gone').length;
  const facts = [...(tools > 0 ? [words.tools(tools)] : []), ...(unapproved > 0 ? [words.changes(unapproved)] : []), ...(findings.length > 0 ? [words.findings(findings.length)] : [])];
  const isMarked = unapproved > 0 || findings.some(({ severity }) => severity === 'high');
  return (
    <li class={isOpen ? 'row open' : 'row'} data-row={key}>
      <div class="row-line" onClick={(event) => toggledByPointer(event) && model.toggle(key)}>
        <RowToggle isOpen={isOpen} controls={id} onToggle={(open) => model.toggle(key, open)}>
          <StateIcon state={state} />
          <ServerDot name={name} />
          <span class="row-name" title={visibleLine(name)}>
            {visibleLine(name)}
          </span>
          <span class="row-state">{strings.state(server)}</span>
        </RowToggle>
        <span class="row-transport dim">{strings.transport[server.transport]}</span>
        <span class="row-what mono" title={visibleLine(server.commandLine)}>
          {visibleLine(server.commandLine)}
        </span>
        <span class={isMarked ? 'row-facts marked' : 'row-facts'}>
          {isMarked && <Icon name="warning" />}
          {facts.join(', ')}
        </span>
        <span class="row-action">
          <MainAction server={server} model={model} />
        </span>
      </div>
      {state.kind === 'failed' && !isOpen && <p class="row-error failed selectable">{visibleLine(state.message)}</p>}
      {isOpen && <ServerDetail server={server} model={model} id={id} />}
    </li>
  );
}

/** A click beside the buttons, links and marked text of a row. */
export function toggledByPointer(event: MouseEvent): boolean {
  return event.target instanceof Element && event.target.closest('button, input, a, label') === null && (getSelection()?.isCollapsed ?? true);
}

function MainAction({ server, model }: { readonly server: SetupServer; readonly model: SetupModel }): VNode | null {
  const { id, name, state, gate, hash } = server;
  const { api } = model.host;
  const of = (label: string): string => `${label}: ${visibleLine(name)}`;
  const isBusy = model.busy.value.has(`restart ${name}`);
  if (gate.kind === 'disabled') {
    return (
      <TextButton label={of(words.turnOn)} onPress={() => void model.act(`edit ${id}`, () => api.edit(id, { isEnabled: true }))}>
        {words.turnOn}
      </TextButton>
    );
  }
  if (gate.kind === 'refused') {
    // Under an allow-list the list decides; else it was the user.
    const isListed = model.state.value?.policy === 'allowListOnly';
    const label = isListed ? words.openSetting : words.approve;
    return (
      <TextButton label={of(label)} onPress={() => void (isListed ? model.act('setting', () => api.openSetting('mcpShark.policy.allowList')) : model.act(`approve ${id}`, () => api.approve(id, hash)))}>
        {label}
      </TextButton>
    );
  }
  if (state.kind === 'failed' || state.kind === 'disabled') {
    const label = state.kind === 'failed' ? words.restart : words.start;
    return (
      <TextButton label={of(label)} disabled={isBusy} onPress={() => void model.act(`restart ${name}`, () => api.restart(name))}>
        {label}
      </TextButton>
    );
  }
  if (state.kind === 'starting' || gate.kind === 'waiting') return null;
  return (
    <TextButton label={of(words.playground)} onPress={() => void model.act('playground', () => api.openPlayground(name))}>
      {words.playground}
    </TextButton>
  );
}
