/** Owns what is known of a server and done with it as a whole: its connection, its log level and its log. */
import type { VNode } from 'preact';
import type { PlaygroundServer } from '../../../extension/contract/playground';
import { LOG_LEVELS, type LogLevel } from '../../../extension/contract/playgroundRuns';
import { Icon } from '../../components/Icon';
import { ServerDot } from '../../components/ServerDot';
import { TextBlock } from '../../components/TextBlock';
import { visibleBlock, visibleLine } from '../../components/visibleText';
import type { PlaygroundModel } from '../model/playgroundModel';
import { strings } from '../strings';
import { LogList } from './LogList';
import { Steps } from './Steps';

const words = strings.server;

interface ServerProps {
  readonly server: PlaygroundServer;
  readonly model: PlaygroundModel;
}

export function ServerView({ server, model }: ServerProps): VNode {
  const { connection, info, can } = server;
  const { api } = model.host;
  const isReady = connection.kind === 'ready';
  const offers = (['complete', 'log', 'subscribe', 'tasks'] as const).filter((what) => can[what]).map((what) => words.can[what]);
  return (
    <div class="page-scroll">
      <h2 class="server-head">
        <ServerDot name={server.name} /> {visibleLine(info?.title ?? info?.name ?? server.name)}
      </h2>
      <p class={connection.kind === 'failed' ? 'failed selectable' : 'dim'}>
        {connection.kind === 'failed' && <Icon name="error" />} {visibleLine(strings.catalog.connection(connection))}
      </p>
      <div class="run-buttons">
        {'steps' in connection && connection.steps.length > 0 ? (
          <Steps model={model} steps={connection.steps} server={server.name} />
        ) : isReady ? (
          <>
            <button type="button" class="text-button" onClick={() => void model.act(() => api.refresh(server.name))}>
              {words.refresh}
            </button>
            <Disconnect server={server} model={model} />
          </>
        ) : connection.kind === 'connecting' ? (
          <Disconnect server={server} model={model} />
        ) : (
          connection.kind === 'idle' && (
            <button type="button" class="text-button primary" onClick={() => void model.connect(server.name)}>
              {words.connect}
            </button>
          )
        )}
      </div>
      {connection.kind === 'failed' && connection.stderr.length > 0 && (
        <section>
          <h3>{words.stderr}</h3>
          <TextBlock class="stderr" text={connection.stderr.join('\n')} />
        </section>
      )}
      {isReady && (
        <dl class="facts">
          {info?.version !== undefined && <Fact name={words.facts.version} value={`${info.name ?? ''} ${info.version}`} />}
          {server.protocolVersion !== undefined && <Fact name={words.facts.protocol} value={words.protocol(server.protocolVersion)} />}
          <Fact name={words.facts.lists} value={words.counts(server.counts)} />
          {offers.length > 0 && <Fact name={words.facts.can} value={offers.join(', ')} />}
        </dl>
      )}
      {server.problems.length > 0 && (
        <section>
          <h3>{words.problems}</h3>
          {server.problems.map((problem) => (
            <p key={problem} class="field-problem">
              <Icon name="warning" /> <span>{visibleLine(problem)}</span>
            </p>
          ))}
        </section>
      )}
      {server.instructions !== undefined && (
        <section>
          <h3>{words.instructions}</h3>
          <p class="instructions">{visibleBlock(server.instructions)}</p>
        </section>
      )}
      {isReady && (
        <section>
          <div class="section-head">
            <h3>{words.logs}</h3>
            <span class="spacer" />
            {can.log && (
              <label class="level-picker">
                <span>{words.logLevel}</span>
                <select class="select-box" value={server.logLevel ?? ''} onChange={(event) => event.currentTarget.value !== '' && void model.act(() => api.setLogLevel(server.name, event.currentTarget.value as LogLevel))}>
                  {server.logLevel === undefined && <option value="">{words.ownLevel}</option>}
                  {LOG_LEVELS.map((level) => (
                    <option key={level} value={level}>
                      {words.level(level)}
                    </option>
                  ))}
                </select>
              </label>
            )}
          </div>
          <LogList messages={model.logs.byServer.value.get(server.name) ?? []} empty={can.log ? words.noLogs : words.noLogging} />
        </section>
      )}
    </div>
  );
}

function Disconnect({ server, model }: ServerProps): VNode {
  return (
    <button type="button" class="text-button" onClick={() => void model.disconnect(server.name)}>
      {words.disconnect}
    </button>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }): VNode {
  return (
    <>
      <dt>{name}</dt>
      <dd>{visibleLine(value)}</dd>
    </>
  );
}
