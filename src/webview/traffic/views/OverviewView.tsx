/**
 * Owns the Overview: in five seconds who called what on which server, with which arguments, what came back, how long it
 * took, what went wrong. Long things are cut here; their own tabs have all of them.
 */
import type { ComponentChildren, VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { CallDetail, CallRow } from '../../../extension/contract/traffic';
import { formatBytes, formatDateTime, formatDuration } from '../../components/format';
import { JsonTree } from '../../components/JsonTree';
import { ServerDot } from '../../components/ServerDot';
import { StatusIcon } from '../../components/StatusIcon';
import { TextBlock } from '../../components/TextBlock';
import { visibleLine } from '../../components/visibleText';
import { readExchange, type Exchange, type ResultPart } from '../model/exchange';
import type { TrafficModel } from '../model/trafficModel';
import type { DetailTab } from '../model/viewState';
import { strings } from '../strings';
import { CallDuration } from './CallDuration';
import { isFailed } from './CallRowView';

const words = strings.overview;
/** Characters of a text shown here. */
const TEXT_LIMIT = 4_000;
const PARTS_LIMIT = 20;

export function OverviewView({ detail, model }: { readonly detail: CallDetail; readonly model: TrafficModel }): VNode {
  const exchange = useMemo(() => readExchange(detail), [detail]);
  const { row } = detail;
  const go = (tab: DetailTab): void => {
    model.tab.value = tab;
  };
  const failed = isFailed(row) || exchange.error !== undefined;
  // The failure's own text is said once: under "What went wrong", not again as the result.
  const parts = failed ? exchange.parts.filter((part) => part.kind !== 'text' || part.text !== exchange.error?.message) : exchange.parts;
  return (
    <div class="overview" tabIndex={0} role="region" aria-label={strings.detail.tabs.overview}>
      {failed && <Failure row={row} exchange={exchange} />}
      <Facts detail={detail} model={model} />
      <Section title={exchange.hasArguments ? words.arguments : words.params}>
        <Input exchange={exchange} onMore={() => go('request')} />
      </Section>
      {(parts.length > 0 || !failed) && (
        <Section title={words.result}>
          <Result row={row} parts={parts} text={exchange.responseText} onMore={() => go('response')} />
        </Section>
      )}
    </div>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ComponentChildren }): VNode {
  return (
    <section>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Failure({ row, exchange }: { readonly row: CallRow; readonly exchange: Exchange }): VNode {
  const { error } = exchange;
  const message = error?.message ?? row.detail ?? '';
  return (
    <section class="failure">
      <h3>{words.whatWentWrong}</h3>
      <p class="failure-status">
        <StatusIcon status={row.status} label={strings.status(row)} />
        <span>{strings.status({ status: row.status, errorCode: error?.code ?? row.errorCode })}</span>
      </p>
      {message !== '' && <TextBlock class="failure-message" text={cut(message)} />}
      {error?.data !== undefined && <JsonTree value={error.data} label="data" words={strings.json} isInline />}
    </section>
  );
}

function Facts({ detail, model }: { readonly detail: CallDetail; readonly model: TrafficModel }): VNode {
  const { row, session } = detail;
  const client = [session?.clientName ?? row.client, session?.clientVersion].filter((part) => part !== undefined).join(' ');
  const gatewayUs = row.durationUs === undefined || row.upstreamUs === undefined ? undefined : Math.max(0, row.durationUs - row.upstreamUs);
  return (
    <dl class="facts">
      {row.name !== undefined && <Fact label={nameLabel(row.method)}>{<bdi class="selectable">{visibleLine(row.name)}</bdi>}</Fact>}
      <Fact label={words.method}>{visibleLine(row.method)}</Fact>
      {row.server !== undefined && (
        <Fact label={words.server}>
          <ServerDot name={row.server} />
          <bdi>{visibleLine(row.server)}</bdi>
        </Fact>
      )}
      <Fact label={row.origin === 'client' ? words.client : words.asked}>
        {row.origin === 'client' ? visibleLine(client) || strings.origin('client') : strings.origin(row.origin)}
        {session?.protocolVersion !== undefined && <span class="dim">{words.session(visibleLine(session.protocolVersion))}</span>}
      </Fact>
      <Fact label={words.status}>{strings.status(row)}</Fact>
      <Fact label={words.started}>{formatDateTime(row.timeMs)}</Fact>
      {(row.durationUs !== undefined || row.status === 'running') && (
        <Fact label={words.duration}>
          <CallDuration row={row} nowMs={model.visible.nowMs} />
          {gatewayUs !== undefined && row.upstreamUs !== undefined && (
            <span class="dim">{words.split(formatDuration(row.upstreamUs), formatDuration(gatewayUs))}</span>
          )}
        </Fact>
      )}
      <Fact label={words.size}>
        {formatBytes(row.requestBytes + (row.responseBytes ?? 0))}
        <span class="dim">
          {words.sizes(formatBytes(row.requestBytes), row.responseBytes === undefined ? undefined : formatBytes(row.responseBytes))}
        </span>
      </Fact>
    </dl>
  );
}

function Fact({ label, children }: { readonly label: string; readonly children: ComponentChildren }): VNode {
  return (
    <>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Input({ exchange, onMore }: { readonly exchange: Exchange; readonly onMore: () => void }): VNode {
  if (exchange.requestText !== undefined) return <CutText text={exchange.requestText} where={strings.detail.tabs.request} onMore={onMore} />;
  if (exchange.input === undefined) return <p class="dim">{words.noArguments}</p>;
  return <JsonTree value={exchange.input} label={words.arguments} words={strings.json} isInline openLevels={2} />;
}

interface ResultProps {
  readonly row: CallRow;
  readonly parts: readonly ResultPart[];
  readonly text: string | undefined;
  readonly onMore: () => void;
}

function Result({ row, parts, text, onMore }: ResultProps): VNode {
  const where = strings.detail.tabs.response;
  if (row.status === 'running') return <p class="dim">{words.running}</p>;
  if (text !== undefined) return <CutText text={text} where={where} onMore={onMore} />;
  if (row.responseBytes === undefined) return <p class="dim">{words.noResult}</p>;
  if (parts.length === 0) return <p class="dim">{words.empty}</p>;
  return (
    <>
      {parts.slice(0, PARTS_LIMIT).map((part, index) => (
        <Part key={index} index={index} part={part} where={where} onMore={onMore} />
      ))}
      {parts.length > PARTS_LIMIT && <MoreButton where={where} onMore={onMore} />}
    </>
  );
}

interface PartProps {
  readonly part: ResultPart;
  readonly index: number;
  readonly where: string;
  readonly onMore: () => void;
}

function Part({ part, index, where, onMore }: PartProps): VNode {
  switch (part.kind) {
    case 'text':
      return <CutText text={part.text} where={where} onMore={onMore} />;
    case 'media':
      return <p class="media">{words.media(visibleLine(part.type), visibleLine(part.mime), formatBytes(part.bytes))}</p>;
    case 'structured':
      return (
        <>
          <h4>{words.structured}</h4>
          <JsonTree value={part.value} label={words.structured} words={strings.json} isInline openLevels={2} />
        </>
      );
    case 'json':
      return <JsonTree value={part.value} label={`${words.result} ${index + 1}`} words={strings.json} isInline openLevels={2} />;
  }
}

function CutText({ text, where, onMore }: { readonly text: string; readonly where: string; readonly onMore: () => void }): VNode {
  return (
    <>
      <TextBlock class="boxed" text={cut(text)} />
      {text.length > TEXT_LIMIT && <MoreButton where={where} onMore={onMore} />}
    </>
  );
}

function MoreButton({ where, onMore }: { readonly where: string; readonly onMore: () => void }): VNode {
  return (
    <button type="button" class="link-button" onClick={onMore}>
      {words.cut(where)}
    </button>
  );
}

function cut(text: string): string {
  return text.length > TEXT_LIMIT ? `${text.slice(0, TEXT_LIMIT)}…` : text;
}

function nameLabel(method: string): string {
  if (method.startsWith('tools/')) return words.tool;
  if (method.startsWith('prompts/')) return words.prompt;
  if (method.startsWith('resources/')) return words.resource;
  return words.name;
}
