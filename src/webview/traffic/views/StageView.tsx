/** Owns what stands in the place of the list while there is no list: each state says what is so and what to do next. */
import type { VNode } from 'preact';
import type { ServerStatus } from '../../../extension/contract/status';
import { errorText } from '../../components/errorText';
import { ServerDot } from '../../components/ServerDot';
import { Stage } from '../../components/Stage';
import { visibleLine } from '../../components/visibleText';
import { Button } from '../../elements/Button';
import type { DropHint } from '../model/dropHints';
import type { Stage as StageKind } from '../model/stage';
import type { TrafficModel } from '../model/trafficModel';
import { listStrings } from '../listStrings';
import { strings } from '../strings';

const words = strings.stage;

export function StageView({ stage, model }: { readonly stage: StageKind; readonly model: TrafficModel }): VNode | null {
  switch (stage.kind) {
    case 'list':
      return null;
    case 'loading':
      return (
        <div class="stage loading" role="status">
          <p class="delayed">{words.loading}</p>
        </div>
      );
    case 'noAnswer':
      return (
        <Stage role="status" icon="error" title={words.noAnswerTitle(stage.error)} text={errorText(stage.error)}>
          <Button onPress={() => model.start()}>{words.retry}</Button>
          <Button appearance="secondary" onPress={() => model.actions.showLog()}>
            {words.showLog}
          </Button>
        </Stage>
      );
    case 'opening':
      return <Stage role="status" title={words.opening} text={words.openingText} />;
    case 'searching':
      return (
        <div class="stage loading" role="status">
          <p class="delayed">{words.searching}</p>
        </div>
      );
    case 'nothingMatches':
      return <NothingMatches stage={stage} model={model} />;
    case 'untrusted':
      return <Stage role="status" icon="shield" title={words.untrustedTitle} text={words.untrustedText} />;
    case 'nothingConfigured':
      return (
        <Stage role="status" title={words.nothingConfiguredTitle} text={words.nothingConfiguredText}>
          <Button onPress={() => model.actions.openConfig()}>{words.addServer}</Button>
        </Stage>
      );
    case 'routingOff':
      return (
        <Stage role="status" title={words.routingOffTitle} text={words.routingOffText}>
          <Button onPress={() => model.actions.setRouting(true)}>{words.turnOn}</Button>
        </Stage>
      );
    case 'idle':
      return (
        <Stage role="status" title={stage.gateway.kind === 'starting' ? words.startingTitle : words.idleTitle} text={words.idleText}>
          <ServerList servers={model.status.value?.servers ?? []} />
        </Stage>
      );
  }
}

/** What to take out of the filter, by how much it would help. */
function NothingMatches({ stage, model }: { readonly stage: Extract<StageKind, { kind: 'nothingMatches' }>; readonly model: TrafficModel }): VNode {
  const hints = model.dropHints.hints.value;
  const drop = listStrings.drop;
  const isFiltered = stage.filter !== '';
  const take = (hint: DropHint): void => {
    if (hint.kind === 'scope') model.settings.setScope('all');
    else model.filter.set(hint.filter);
  };
  return (
    <Stage role="status"
      title={isFiltered ? words.nothingMatchesTitle : drop.hereTitle}
      text={isFiltered ? words.nothingMatchesText(stage.filter, model.summaryFeed.outOf.value) : drop.hereText}
      below={
        hints.length > 0 && (
          <>
            {hints.some(({ kind }) => kind === 'term') && <p>{drop.title}</p>}
            <ul class="drop-hints">
              {hints.map((hint) => (
                <li key={`${hint.kind} ${hint.filter}`}>
                  <button type="button" class="link-button" onClick={() => take(hint)}>
                    {hint.kind === 'scope' ? drop.scope(hint.calls) : drop.term(visibleLine(hint.term), hint.calls)}
                  </button>
                </li>
              ))}
            </ul>
          </>
        )
      }
    >
      {isFiltered && (
        <Button appearance="secondary" onPress={() => model.filter.clear()}>
          {words.clearFilter}
        </Button>
      )}
    </Stage>
  );
}

function ServerList({ servers }: { readonly servers: readonly ServerStatus[] }): VNode | null {
  if (servers.length === 0) return null;
  return (
    <ul class="server-list" aria-label={words.serversLabel}>
      {servers.map((server) => (
        <li key={server.name}>
          <ServerDot name={server.name} />
          <span class="server-name">{visibleLine(server.name)}</span>
          <span class={`server-state ${server.state.kind}`}>{stateWords(server)}</span>
        </li>
      ))}
    </ul>
  );
}

function stateWords({ state }: ServerStatus): string {
  return state.kind === 'running' ? words.serverState.running(state.connections) : words.serverState[state.kind];
}
