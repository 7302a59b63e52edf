/** Owns the question whether a server may run: what would run, in full, and why it is asked; and definitions that changed. */
import type { VNode } from 'preact';
import type { FieldChange, PendingServer } from '../../../extension/contract/governance';
import type { SetupServer } from '../../../extension/contract/setup';
import { Icon } from '../../components/Icon';
import { ServerDot } from '../../components/ServerDot';
import { visibleLine } from '../../components/visibleText';
import { isUnapproved, orderedDefinitions, type WaitingServer } from '../model/sections';
import type { SetupModel } from '../model/setupModel';
import { rowKey } from '../model/viewState';
import { strings } from '../strings';
import { approve, DefinitionButtons } from './DefinitionsTable';
import { Facts } from './Facts';
import { FindingsList } from './FindingsList';
import { FileLink, TextButton } from './TextButton';

const words = strings.waiting;
const MAX_DEFINITIONS = 8;
/** Characters that fit without scrolling in the narrowest view. */
const LONG = 150;

export function WaitingCard({ waiting: { pending, server }, model }: { readonly waiting: WaitingServer; readonly model: SetupModel }): VNode {
  const { id, name, hash, why, transport, commandLine, about, fields } = pending;
  const { api } = model.host;
  const busy = model.busy.value;
  const isBusy = busy.has(`approve ${id}`) || busy.has(`refuse ${id}`);
  const shown = visibleLine(name);
  const label = server?.fileLabel ?? pending.file;
  const facts = strings.server.facts;
  return (
    <li class="card">
      <div class="card-head">
        <Icon name="shield" class="attention" />
        <ServerDot name={name} />
        <h3>{shown}</h3>
        <span class="dim">{strings.transport[transport]}</span>
        <FileLink model={model} file={pending.file} line={pending.line} label={label} />
      </div>
      <p>{why.kind === 'new' ? words.new : words.changed(why.approvedMs, model.nowMs.value)}</p>
      <p class="dim">{transport === 'stdio' ? words.program : words.address}</p>
      <ScrollText class="runs" text={commandLine} label={transport === 'stdio' ? words.program : words.address} />
      {why.kind === 'changed' && <Changes changes={why.changes} />}
      <Fields fields={fields} isOpen={why.kind === 'new'} />
      <Facts
        facts={[
          { name: facts.purpose, value: about.purpose && visibleLine(about.purpose) },
          { name: facts.owner, value: about.owner && visibleLine(about.owner) },
          { name: facts.permissions, value: about.permissions && visibleLine(about.permissions.join(', ')) },
          { name: facts.note, value: about.note && visibleLine(about.note) },
        ]}
      />
      {server && server.findings.length > 0 && <FindingsList findings={server.findings} model={model} labelOf={() => label} server={id} />}
      <div class="buttons">
        <TextButton primary label={words.approveLabel(shown)} disabled={isBusy} onPress={() => void model.act(`approve ${id}`, () => api.approve(id, hash))}>
          {words.approve}
        </TextButton>
        <TextButton label={words.refuseLabel(shown)} disabled={isBusy} onPress={() => void model.act(`refuse ${id}`, () => api.refuse(id, hash))}>
          {words.refuse}
        </TextButton>
      </div>
    </li>
  );
}

function Changes({ changes }: { readonly changes: readonly FieldChange[] }): VNode {
  return (
    <table class="changes">
      <caption>{words.changes}</caption>
      <thead>
        <tr>
          <th scope="col">{words.fields.field}</th>
          <th scope="col">{words.fields.before}</th>
          <th scope="col">{words.fields.after}</th>
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => {
          const isSecret = change.before !== undefined && change.before === change.after;
          const side = (text: string | undefined, name: 'before' | 'after'): VNode =>
            text === undefined ? <td class="dim">{words.absent}</td> : isSecret ? <td class="dim">{words.secretChanged}</td> : (
              <td class={name}>
                <ScrollText class="cell mono" text={text} label={`${change.field}: ${words.fields[name]}`} />
              </td>
            );
          return (
            <tr key={change.field}>
              <th scope="row">
                <ScrollText class="cell mono" text={change.field} label={words.fields.field} /> <span class="dim">{words.change(change)}</span>
              </th>
              {side(change.before, 'before')}
              {side(change.after, 'after')}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** A text that may be longer than fits; one that is can be scrolled with keys too. */
function ScrollText({ text, label, class: name }: { readonly text: string; readonly label: string; readonly class: string }): VNode {
  const isLong = text.length > LONG;
  return (
    <div class={name} {...(isLong ? { tabIndex: 0, role: 'group', 'aria-label': visibleLine(label) } : {})}>
      {visibleLine(text)}
    </div>
  );
}

function Fields({ fields, isOpen }: { readonly fields: PendingServer['fields']; readonly isOpen: boolean }): VNode | null {
  if (fields.length === 0) return null;
  return (
    <details class="fields" open={isOpen}>
      <summary>{words.everything}</summary>
      <Facts facts={fields.map(({ field, text }) => ({ name: visibleLine(field), value: <span class="mono selectable">{visibleLine(text)}</span> }))} />
    </details>
  );
}

export function ChangedCard({ server, model }: { readonly server: SetupServer; readonly model: SetupModel }): VNode {
  const rows = orderedDefinitions(server.definitions.filter(isUnapproved), '');
  const review = (): void => {
    const key = rowKey.server(server.id);
    model.toggle(key, true);
    setTimeout(() => document.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"] .row-toggle`)?.focus());
  };
  return (
    <li class="card">
      <div class="card-head">
        <Icon name="diff-modified" class="attention" />
        <ServerDot name={server.name} />
        <h3>{visibleLine(server.name)}</h3>
      </div>
      <p>{words.definitions(server)}</p>
      <ul class="changed-definitions" aria-label={strings.definitions.title}>
        {rows.slice(0, MAX_DEFINITIONS).map((row) => (
          <li key={`${row.kind} ${row.name}`} class="changed-definition">
            <span class="definition-state">
              <Icon name={row.state === 'new' ? 'add' : 'diff-modified'} class={`definition-${row.state}`} />
              {strings.definitions.state[row.state]}
            </span>
            <span class="definition-name" title={visibleLine(row.name)}>
              {visibleLine(strings.definitions.name(row))}
            </span>
            {row.blocked !== undefined && (
              <span class="dim">
                <Icon name="lock" /> {strings.definitions.blocked(visibleLine(row.blocked))}
              </span>
            )}
            <span class="buttons">
              <DefinitionButtons row={row} server={server} model={model} />
            </span>
          </li>
        ))}
      </ul>
      <div class="buttons">
        {rows.length > 1 && <TextButton onPress={() => void approve(model, server, rows)}>{strings.definitions.approveAll(rows.length)}</TextButton>}
        <TextButton onPress={review}>{words.review}</TextButton>
      </div>
    </li>
  );
}
