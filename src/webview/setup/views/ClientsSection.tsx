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
        render={({ id, client, file, fileLabel, isPointed }) => (
          <li key={id} class="row">
            <div class="change-line">
              <Icon name={isPointed ? 'pass' : 'circle-outline'} class={isPointed ? 'state-running' : 'dim'} />
              <span class="change-what">{visibleLine(client)}</span>
              <span class="change-files">
                <FileLink model={model} file={file} line={1} label={fileLabel} />
              </span>
              {isPointed ? (
                <span class="dim">{words.isPointed}</span>
              ) : (
                <TextButton label={words.pointLabel(visibleLine(client), visibleLine(fileLabel))} disabled={!isReady} onPress={() => void model.plan({ kind: 'point', clients: [id] })}>
                  {words.point}
                </TextButton>
              )}
            </div>
          </li>
        )}
      />
    </>
  );
}
