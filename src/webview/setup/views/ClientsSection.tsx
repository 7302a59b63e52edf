/** Owns the other clients whose files can be pointed at the gateway, and what that needs. */
import type { VNode } from 'preact';
import type { OtherClient } from '../../../extension/contract/setup';
import { Icon } from '../../components/Icon';
import { visibleLine } from '../../components/visibleText';
import type { SetupModel } from '../model/setupModel';
import { routeStrings } from '../routeStrings';
import { strings } from '../strings';
import { EndpointSteps } from './FoundSection';
import { Paged } from './Paged';
import { FileLink, TextButton } from './TextButton';

const words = routeStrings.clients;

export function ClientsSection({ model, clients }: { readonly model: SetupModel; readonly clients: readonly OtherClient[] }): VNode {
  const state = model.state.value;
  const isReady = state !== undefined && state.fixedPort > 0 && state.hasClientToken;
  return (
    <>
      <div class="section-empty">
        <p class="dim">{words.text}</p>
        <EndpointSteps model={model} />
      </div>
      <Paged
        items={clients}
        label={strings.sections.clients}
        class="rows"
        render={(client) => <ClientRow key={client.id} client={client} isReady={isReady} model={model} />}
      />
    </>
  );
}

function ClientRow({ client: { id, client, file, fileLabel, isPointed, isNew }, isReady, model }: { readonly client: OtherClient; readonly isReady: boolean; readonly model: SetupModel }): VNode {
  const isOutdated = isPointed && model.state.value?.outdatedClients.includes(id) === true;
  const isDone = isPointed && !isOutdated;
  const labelOf = isOutdated ? words.updateLabel : words.pointLabel;
  return (
    <li class="row">
      <div class="change-line">
        <Icon name={isOutdated ? 'warning' : isDone ? 'pass' : 'circle-outline'} class={isOutdated ? 'attention' : isDone ? 'state-running' : 'dim'} />
        <span class="change-what">{visibleLine(client)}</span>
        <span class="change-files">{isNew ? <span title={file}>{visibleLine(fileLabel)}</span> : <FileLink model={model} file={file} line={1} label={fileLabel} />}</span>
        {isDone && <span class="dim">{words.isPointed}</span>}
        {isOutdated && <span>{words.isOutdated}</span>}
        {isNew && <span class="dim">{words.isNew}</span>}
        {!isDone && (
          <TextButton label={labelOf(visibleLine(client), visibleLine(fileLabel))} disabled={!isReady} onPress={() => void model.planPoint(id)}>
            {isOutdated ? words.update : words.point}
          </TextButton>
        )}
      </div>
    </li>
  );
}
