/**
 * Owns the Overview: in five seconds who called what on which server, with which arguments, what came back, how long it
 * took, what went wrong, what it caused. Long things are cut here; their own tabs have all of them.
 */
import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { CallDetail, CallRow } from '../../../extension/contract/traffic';
import { formatBytes, formatDateTime, formatDuration } from '../../components/format';
import { contentWords } from '../../components/content/contentStrings';
import { JsonTree } from '../../components/JsonTree';
import { Icon } from '../../components/Icon';
import { ServerDot } from '../../components/ServerDot';
import { StatusIcon } from '../../components/StatusIcon';
import { TextBlock } from '../../components/TextBlock';
import { visibleLine } from '../../components/visibleText';
import { isOnlyMessage, readExchange, type Exchange } from '../model/exchange';
import { relatedOf } from '../model/related';
import type { TrafficModel } from '../model/trafficModel';
import type { DetailTab } from '../model/viewState';
import { strings } from '../strings';
import { CheckedResult } from './BodyForms';
import { CallDuration } from './CallDuration';
import { isFailed } from './CallRowView';
import { DetailNote } from './DetailNote';
import { DefinitionFact } from './DefinitionFact';
import { detailStrings } from './detailStrings';
import { isTextless, TextHint } from './TextHint';

const words = detailStrings.overview;
/** Characters of a text shown here. */
const TEXT_LIMIT = 4_000;

export function OverviewView({ detail, model }: { readonly detail: CallDetail; readonly model: TrafficModel }): VNode {
  const exchange = useMemo(() => readExchange(detail), [detail]);
  const { row } = detail;
  const go = (tab: DetailTab): void => {
    model.tab.value = tab;
  };
  const failed = isFailed(row) || exchange.error !== undefined;
  // The failure's own text is said once: under "What went wrong", not again as the result.
  const hasResult = !failed || (exchange.result !== undefined && !isOnlyMessage(exchange)) || exchange.responseText !== undefined;
  return (
    <div class="overview" tabIndex={0} role="region" aria-label={strings.detail.tabs.overview}>
      {failed && <Failure row={row} exchange={exchange} stack={detail.errorStack} />}
      <Facts detail={detail} model={model} onRelated={() => go('related')} />
      <Findings row={row} model={model} />
      <DetailNote row={model.selectedRow.value?.id === row.id ? model.selectedRow.value : row} model={model} />
      <Section title={exchange.hasArguments ? words.arguments : words.params}>
        <Input detail={detail} exchange={exchange} model={model} onMore={() => go('request')} />
      </Section>
      {hasResult && (
        <Section title={words.result}>
          <Result detail={detail} exchange={exchange} model={model} onMore={() => go('response')} />
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

function Failure({ row, exchange, stack }: { readonly row: CallRow; readonly exchange: Exchange; readonly stack: string | undefined }): VNode {
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
      {error?.data !== undefined && <JsonTree value={error.data} label="data" words={contentWords.tree} isInline />}
      {stack !== undefined && stack !== '' && (
        <details class="failure-stack">
          <summary>{words.stack}</summary>
          <TextBlock class="boxed" text={stack.slice(0, 20_000)} />
        </details>
      )}
    </section>
  );
}

/** What the local checks say of the definition and of secrets in the messages; nothing where they say nothing. */
function Findings({ row, model }: { readonly row: CallRow; readonly model: TrafficModel }): VNode | null {
  const { detail } = model;
  useEffect(() => detail.askFindings(row), [detail, row.id, row.status]);
  const known = detail.findings.value;
  if (known?.id !== row.id || known.findings.length === 0) return null;
  return (
    <Section title={words.findings}>
      <ul class="findings">
        {known.findings.map(({ rule, severity, message, excerpt, calls }, index) => (
          <li key={index} class={severity}>
            <Icon name={severity === 'high' ? 'error' : severity === 'medium' ? 'warning' : 'info'} />
            <span>
              <span class="sr-only">{words.severity[severity]} </span>
              <bdi>{visibleLine(message)}</bdi>
              {excerpt !== undefined && <code>{visibleLine(excerpt)}</code>}
              <span class="dim">{rule}</span>
              {calls !== undefined && (
                <button type="button" class="link-button" title={visibleLine(calls)} onClick={() => model.filter.set(calls)}>
                  {words.showCalls}
                </button>
              )}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

interface FactsProps {
  readonly detail: CallDetail;
  readonly model: TrafficModel;
  readonly onRelated: () => void;
}

function Facts({ detail, model, onRelated }: FactsProps): VNode {
  const { row, session } = detail;
  const client = [session?.clientName ?? row.client, session?.clientVersion].filter((part) => part !== undefined).join(' ');
  const gatewayUs = row.durationUs === undefined || row.upstreamUs === undefined ? undefined : Math.max(0, row.durationUs - row.upstreamUs);
  const caused = useMemo(() => causedBy(detail), [detail]);
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
      {row.definition !== undefined && (
        <Fact label={words.definition}>
          <DefinitionFact row={row} hash={row.definition} model={model} />
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
      {caused.length > 0 && (
        <Fact label={words.caused}>
          <button type="button" class="link-button" onClick={onRelated}>
            {caused.join(', ')}
          </button>
        </Fact>
      )}
      {detail.output && detail.output.length > 0 && (
        <Fact label={words.meanwhile}>
          <button type="button" class="link-button" onClick={onRelated}>
            {words.output(detail.output.length)}
          </button>
        </Fact>
      )}
    </dl>
  );
}

function causedBy(detail: CallDetail): string[] {
  const entries = relatedOf(detail);
  const nested = entries.filter(({ callId }) => callId !== undefined).length;
  const messages = entries.length - nested;
  return [...(nested > 0 ? [words.nested(nested)] : []), ...(messages > 0 ? [words.messages(messages)] : [])];
}

function Fact({ label, children }: { readonly label: string; readonly children: ComponentChildren }): VNode {
  return (
    <>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </>
  );
}

interface PartProps {
  readonly detail: CallDetail;
  readonly exchange: Exchange;
  readonly model: TrafficModel;
  readonly onMore: () => void;
}

function Input({ detail, exchange, model, onMore }: PartProps): VNode {
  const where = strings.detail.tabs.request;
  if (isTextless(detail.request)) return <TextHint frame={detail.request} />;
  if (exchange.isRequestLong) return <MoreButton text={words.tooLong(detail.request.bytes, where)} onMore={onMore} />;
  if (exchange.requestText !== undefined) return <CutText text={exchange.requestText} where={where} onMore={onMore} />;
  if (exchange.inputContent) return <CheckedResult result={exchange.inputContent.value} pointer={exchange.inputContent.pointer} payload={{ id: detail.row.id, part: 'request' }} detail={detail} model={model} />;
  if (exchange.input === undefined) return <p class="dim">{words.noArguments}</p>;
  return <JsonTree value={exchange.input} label={words.arguments} words={contentWords.tree} isInline openLevels={2} />;
}

function Result({ detail, exchange, model, onMore }: PartProps): VNode {
  const { row } = detail;
  const where = strings.detail.tabs.response;
  if (row.status === 'running') return <p class="dim">{words.running}</p>;
  if (isTextless(detail.response)) return <TextHint frame={detail.response} />;
  if (exchange.isResponseLong) return <MoreButton text={words.tooLong(detail.response?.bytes ?? 0, where)} onMore={onMore} />;
  if (exchange.responseText !== undefined) return <CutText text={exchange.responseText} where={where} onMore={onMore} />;
  if (row.responseBytes === undefined) return <p class="dim">{words.noResult}</p>;
  if (!exchange.result) return <p class="dim">{words.empty}</p>;
  return <CheckedResult result={exchange.result.value} pointer={exchange.result.pointer} payload={{ id: row.id, part: 'response' }} detail={detail} model={model} />;
}

function CutText({ text, where, onMore }: { readonly text: string; readonly where: string; readonly onMore: () => void }): VNode {
  return (
    <>
      <TextBlock class="boxed" text={cut(text)} />
      {text.length > TEXT_LIMIT && <MoreButton text={words.cut(where)} onMore={onMore} />}
    </>
  );
}

function MoreButton({ text, onMore }: { readonly text: string; readonly onMore: () => void }): VNode {
  return (
    <button type="button" class="link-button" onClick={onMore}>
      {text}
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
