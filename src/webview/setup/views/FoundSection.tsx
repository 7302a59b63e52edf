/**
 * Owns what was found on this machine: each server once with its places, boxes to choose by, and what is to be known
 * before. Before the user has asked for it, only the button that does.
 */
import type { VNode } from 'preact';
import { useId } from 'preact/hooks';
import type { FoundPlace, FoundServerGroup } from '../../../extension/contract/setup';
import { Icon } from '../../components/Icon';
import { ServerDot } from '../../components/ServerDot';
import { visibleLine } from '../../components/visibleText';
import type { SetupModel } from '../model/setupModel';
import { rowKey } from '../model/viewState';
import { routeStrings } from '../routeStrings';
import { strings } from '../strings';
import { FindingsList } from './FindingsList';
import { Paged } from './Paged';
import { RowToggle } from './RowToggle';
import { toggledByPointer } from './ServerRow';
import { FileLink, TextButton } from './TextButton';

export function FindButton({ model, primary = false }: { readonly model: SetupModel; readonly primary?: boolean }): VNode {
  const isFinding = model.busy.value.has('find');
  return (
    <button type="button" class={primary ? 'text-button primary' : 'text-button small'} disabled={isFinding} onClick={() => void model.find()}>
      {isFinding ? routeStrings.finding : model.found.value ? routeStrings.findAgain : routeStrings.find}
    </button>
  );
}

export function FoundSection({ model, groups }: { readonly model: SetupModel; readonly groups: readonly FoundServerGroup[] }): VNode {
  const found = model.found.value;
  const hasFolder = model.state.value?.hasFolder !== false;
  if (!found) {
    return (
      <div class="section-empty">
        <p class="dim">{routeStrings.findHint}</p>
        {!hasFolder && <p class="dim">{routeStrings.noFolder}</p>}
        <div class="buttons">
          <FindButton model={model} primary />
        </div>
      </div>
    );
  }
  const open = groups.filter(({ routedAs }) => routedAs === undefined).flatMap(({ places }) => places.map(({ id }) => id));
  const chosen = model.chosen.value;
  return (
    <>
      <div class="section-tools">
        {open.length > 0 && (
          <label class="choose-all">
            <Box isChecked={open.every((id) => chosen.has(id))} isPartly={open.some((id) => chosen.has(id))} onChange={(on) => model.choose(open, on)} />
            <span>{routeStrings.chooseAll}</span>
          </label>
        )}
        <span class="spacer" />
        <span class="dim" role="status">
          {found.groups.length > 0 && routeStrings.foundSummary(found.groups.length, found.files)}
        </span>
        <FindButton model={model} />
      </div>
      {!hasFolder && <p class="section-empty dim">{routeStrings.noFolder}</p>}
      {found.problems.length > 0 && (
        <div class="section-empty">
          <p>
            <Icon name="warning" class="attention" /> {routeStrings.foundProblems(found.problems.length)}
          </p>
          <ul class="problems">
            {found.problems.map((problem) => (
              <li key={`${problem.file} ${problem.line} ${problem.message}`}>
                <FileLink model={model} file={problem.file} line={problem.line} label={problem.file} /> <span class="selectable">{visibleLine(problem.message)}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {found.groups.length === 0 ? (
        <p class="section-empty dim">{routeStrings.nothingFound(found.files)}</p>
      ) : (
        <Paged items={groups} label={strings.sections.found} class="rows" render={(group) => <FoundRow key={group.id} group={group} model={model} />} />
      )}
    </>
  );
}

function FoundRow({ group, model }: { readonly group: FoundServerGroup; readonly model: SetupModel }): VNode {
  const id = useId();
  const { name, places, findings, transport, commandLine, routedAs } = group;
  const others = [...new Set(places.map((place) => place.name))].filter((one) => one !== name).map(visibleLine);
  const key = rowKey.found(group.id);
  const isOpen = model.expanded.value.has(key);
  const chosen = model.chosen.value;
  const ids = places.map((place) => place.id);
  const clients = [...new Set(places.map(({ client }) => client))].join(', ');
  const isMarked = findings.some(({ severity }) => severity === 'high');
  const notes = places.reduce((sum, place) => sum + place.notes.length, 0);
  return (
    <li class={isOpen ? 'row open' : 'row'} data-row={key}>
      <div class="row-line found-line" onClick={(event) => toggledByPointer(event) && model.toggle(key)}>
        <Box isChecked={ids.every((place) => chosen.has(place))} isPartly={ids.some((place) => chosen.has(place))} label={routeStrings.choose(visibleLine(name))} onChange={(on) => model.choose(ids, on)} />
        <RowToggle isOpen={isOpen} controls={id} onToggle={(open) => model.toggle(key, open)}>
          <ServerDot name={name} />
          <span class="row-name" title={visibleLine(name)}>
            {visibleLine(name)}
          </span>
          {others.length > 0 && (
            <span class="row-also dim" title={others.join(', ')}>
              {routeStrings.also(others)}
            </span>
          )}
        </RowToggle>
        <span class="row-transport dim">{strings.transport[transport]}</span>
        <span class="row-what mono" title={visibleLine(commandLine)}>
          {visibleLine(commandLine)}
        </span>
        <span class={isMarked ? 'row-facts marked' : 'row-facts'}>
          {isMarked && <Icon name="warning" />}
          {[...(findings.length > 0 ? [strings.server.findings(findings.length)] : []), ...(notes > 0 ? [routeStrings.notes(notes)] : [])].join(', ')}
        </span>
        <span class="row-clients" title={visibleLine(clients)}>
          {routedAs === undefined ? visibleLine(clients) : routeStrings.routedAs(visibleLine(routedAs))}
        </span>
      </div>
      {isOpen && (
        <div class="row-detail" id={id}>
          <ul class="places" aria-label={routeStrings.places(places.length)}>
            {places.map((place) => (
              <Place key={place.id} place={place} isOnly={places.length === 1} name={name} isChosen={chosen.has(place.id)} model={model} />
            ))}
          </ul>
          {findings.length > 0 && (
            <section aria-label={strings.findings.title}>
              <h4>{strings.findings.title}</h4>
              <FindingsList findings={findings} model={model} labelOf={(file) => places.find((place) => place.file === file)?.fileLabel ?? file} />
            </section>
          )}
        </div>
      )}
    </li>
  );
}

interface PlaceProps {
  readonly place: FoundPlace;
  readonly isOnly: boolean;
  readonly name: string;
  readonly isChosen: boolean;
  readonly model: SetupModel;
}

function Place({ place, isOnly, name, isChosen, model }: PlaceProps): VNode {
  return (
    <li class="place">
      <div class="place-line">
        {!isOnly && <Box isChecked={isChosen} label={visibleLine(routeStrings.choosePlace(place))} onChange={(on) => model.choose([place.id], on)} />}
        <span>{visibleLine(place.client)}</span>
        <span class="dim">{routeStrings.scope[place.scope]}</span>
        <FileLink model={model} file={place.file} line={place.line} label={place.fileLabel} />
        {place.name !== name && <span class="mono">{visibleLine(place.name)}</span>}
        {place.isDisabled && <span class="dim">{routeStrings.disabled}</span>}
      </div>
      {place.notes.length > 0 && (
        <ul class="notes">
          {place.notes.map((note) => (
            <li key={note} class="selectable">
              <Icon name="info" /> <span>{visibleLine(note)}</span>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

interface BoxProps {
  readonly isChecked: boolean;
  readonly isPartly?: boolean;
  /** Without one the box stands in a label. */
  readonly label?: string;
  readonly onChange: (isChecked: boolean) => void;
}

export function Box({ isChecked, isPartly = false, label, onChange }: BoxProps): VNode {
  return <input type="checkbox" class="box" checked={isChecked} indeterminate={isPartly && !isChecked} aria-label={label} onChange={(event) => onChange(event.currentTarget.checked)} />;
}

/** What is done with what was chosen; always in view. */
export function ChosenBar({ model }: { readonly model: SetupModel }): VNode | null {
  const group = useId();
  const chosen = model.chosen.value;
  const found = model.found.value;
  if (chosen.size === 0 || !found) return null;
  const groups = found.groups.filter(({ places }) => places.some(({ id }) => chosen.has(id)));
  const others = new Map(found.clients.map(({ file, client }) => [file, client]));
  const clients = [...new Set(groups.flatMap(({ places }) => places.filter(({ id }) => chosen.has(id)).flatMap(({ file }) => others.get(file) ?? [])))];
  const { fixedPort, hasClientToken } = model.state.value ?? { fixedPort: 0, hasClientToken: false };
  const otherClients = clients.length === 0 ? 'leave' : model.otherClients.value;
  const isReady = otherClients === 'leave' || (fixedPort > 0 && hasClientToken);
  const isBusy = model.busy.value.has('plan');
  return (
    <div class="chosen-bar" role="region" aria-label={routeStrings.chosen(groups.length)}>
      {clients.length > 0 && (
        <div class="others" role="radiogroup" aria-label={routeStrings.others(clients)}>
          <span class="others-title">{visibleLine(routeStrings.others(clients))}</span>
          {(['leave', 'point'] as const).map((choice) => (
            <label key={choice} class="other">
              <input type="radio" class="radio" name={group} checked={otherClients === choice} onChange={() => (model.otherClients.value = choice)} />
              <span>
                {routeStrings[choice]} <span class="dim">{routeStrings[`${choice}Hint`]}</span>
              </span>
            </label>
          ))}
          {otherClients === 'point' && <EndpointSteps model={model} />}
        </div>
      )}
      <div class="chosen-line">
        <strong role="status">{routeStrings.chosen(groups.length)}</strong>
        <button type="button" class="link-button" onClick={() => (model.chosen.value = new Set())}>
          {routeStrings.clear}
        </button>
        <span class="spacer" />
        {!isReady && <span class="dim">{routeStrings.pointNotReady}</span>}
        <button type="button" class="text-button primary" disabled={!isReady || isBusy} onClick={() => void model.planChosen(otherClients)}>
          {isBusy ? routeStrings.previewing : routeStrings.preview}
        </button>
      </div>
    </div>
  );
}

/** What has to be there before another client can be pointed here, in order, each with the button that does it. */
export function EndpointSteps({ model }: { readonly model: SetupModel }): VNode {
  const state = model.state.value;
  const words = routeStrings.endpoint;
  const port = state?.fixedPort ?? 0;
  const inUse = state?.gateway.kind === 'on' && new URL(state.gateway.url).port === String(port);
  return (
    <>
      <ol class="steps" aria-label={words.title}>
        <Step isDone={port > 0} title={port > 0 ? words.portSet(port) : words.port} hint={port > 0 ? undefined : words.portHint}>
          <TextButton onPress={() => void model.act('setting', () => model.host.api.openSetting('mcpShark.endpoint.port'))}>{words.openSetting}</TextButton>
        </Step>
        <Step isDone={state?.hasClientToken === true} title={state?.hasClientToken ? words.tokenMade : words.token} hint={state?.hasClientToken ? undefined : words.tokenHint}>
          <TextButton onPress={() => void model.act('token', () => model.host.api.makeClientToken())}>{state?.hasClientToken ? words.newToken : words.makeToken}</TextButton>
        </Step>
        <Step isDone={port > 0 && inUse} title={port > 0 && inUse ? words.inUseDone : words.inUse} hint={port > 0 && !inUse ? words.inUseHint : undefined}>
          {port > 0 && !inUse && (
            <TextButton disabled={model.busy.value.has('routing')} onPress={() => void model.restartRouting()}>
              {words.restart}
            </TextButton>
          )}
        </Step>
      </ol>
      <TokenChoice model={model} />
    </>
  );
}

/** Where the token is written, or read from. */
function TokenChoice({ model }: { readonly model: SetupModel }): VNode {
  const group = useId();
  const words = routeStrings.endpoint;
  return (
    <div class="token-choice" role="radiogroup" aria-label={words.where}>
      <span>{words.where}</span>
      {(['file', 'variable'] as const).map((place) => (
        <label key={place} class="other">
          <input type="radio" class="radio" name={group} checked={model.tokenPlace.value === place} onChange={() => (model.tokenPlace.value = place)} />
          <span>
            {words.place[place].label} <span class="dim">{words.place[place].hint}</span>
          </span>
        </label>
      ))}
    </div>
  );
}

interface StepProps {
  readonly isDone: boolean;
  readonly title: string;
  readonly hint: string | undefined;
  readonly children: VNode | false;
}

function Step({ isDone, title, hint, children }: StepProps): VNode {
  const words = routeStrings.endpoint;
  return (
    <li class="step">
      <Icon name={isDone ? 'pass' : 'circle-outline'} class={isDone ? 'state-running' : ''} title={isDone ? words.done : words.open} />
      <span class="step-text">
        {title}
        {hint !== undefined && <span class="dim"> {hint}</span>}
      </span>
      {children}
    </li>
  );
}
