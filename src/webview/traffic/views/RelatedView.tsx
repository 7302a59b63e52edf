/**
 * Owns the Related tab: the call as one exchange with everything else that was said in it (each message to be opened, nested calls to be
 * gone to), other attempts at the same, and what the server wrote meanwhile.
 */
import type { VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { CallDetail, CallRow, FrameText } from '../../../extension/contract/traffic';
import { contentWords } from '../../components/content/contentStrings';
import { parseExact } from '../../components/exactNumbers';
import { formatBytes, formatDuration } from '../../components/format';
import { Icon } from '../../components/Icon';
import { JsonTree } from '../../components/JsonTree';
import { StatusIcon } from '../../components/StatusIcon';
import { TextBlock } from '../../components/TextBlock';
import { visibleLine } from '../../components/visibleText';
import { relatedOf, type RelatedFrame } from '../model/related';
import type { TrafficModel } from '../model/trafficModel';
import { strings } from '../strings';
import { detailStrings } from './detailStrings';
import { ServerOutputView } from './ServerOutputView';
import { isTextless, TextHint } from './TextHint';

const words = detailStrings.related;
const at = detailStrings.timing.at;
const LIMIT = 500;
const MAX_TEXT = 20_000;

export interface RelatedViewProps {
  readonly detail: CallDetail;
  readonly model: TrafficModel;
  readonly onJump: (id: string) => void;
}

export function RelatedView({ detail, model, onJump }: RelatedViewProps): VNode {
  const all = useMemo(() => relatedOf(detail), [detail]);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  useEffect(() => model.detail.findAttempts(detail), [detail.row.id, detail.row.status, model]);
  const found = model.detail.attempts.value;
  const attempts = found?.id === detail.row.id ? found.rows : [];
  const { output = [], row } = detail;
  const parent = row.parent;
  const toggle = (key: number): void => {
    const next = new Set(open);
    if (!next.delete(key)) next.add(key);
    setOpen(next);
  };
  if (all.length === 0 && output.length === 0 && attempts.length === 0 && parent === undefined) {
    return <p class="panel-message">{row.status === 'running' ? words.noneYet : words.none}</p>;
  }
  return (
    <div class="related" tabIndex={0} role="region" aria-label={strings.detail.tabs.related}>
      {parent !== undefined && (
        <p>
          {words.parent}{' '}
          <button type="button" class="link-button" onClick={() => onJump(parent)}>
            {words.openParent}
          </button>
        </p>
      )}
      {all.length > 0 && (
        <section>
          <h3>{words.exchange}</h3>
          <ul>
            <End frame={detail.request} label={words.request} onOpen={() => (model.tab.value = 'request')} />
            {all.slice(0, LIMIT).map((entry, index) => (
              <Entry key={entry.frame?.frame ?? entry.callId ?? index} entry={entry} isOpen={open.has(index)} onToggle={() => toggle(index)} onJump={onJump} />
            ))}
            {all.length > LIMIT && <li class="related-more">{words.more(all.length - LIMIT)}</li>}
            {detail.response && <End frame={detail.response} label={words.response} onOpen={() => (model.tab.value = 'response')} />}
          </ul>
        </section>
      )}
      {attempts.length > 0 && (
        <section>
          <h3>{words.attempts}</h3>
          <ul>
            {attempts.slice(0, LIMIT).map((other) => (
              <Attempt key={other.id} other={other} row={row} onJump={onJump} />
            ))}
          </ul>
        </section>
      )}
      {output.length > 0 && <ServerOutputView lines={output} onCopy={(text) => model.actions.copyText(text)} />}
    </div>
  );
}

/** The request or the answer itself, which have tabs of their own. */
function End({ frame, label, onOpen }: { readonly frame: FrameText; readonly label: string; readonly onOpen: () => void }): VNode {
  return (
    <li class="related-entry end">
      <div class="related-line">
        <button type="button" class="related-toggle" onClick={onOpen}>
          <Icon name="blank" />
          <span class="event-time">{at(formatDuration(frame.sinceRequestUs))}</span>
          <Direction frame={frame} />
          <span class="related-method">{label}</span>
          <span class="related-summary" />
          <span class="event-size">{formatBytes(frame.bytes)}</span>
        </button>
      </div>
    </li>
  );
}

function Direction({ frame }: { readonly frame: FrameText }): VNode {
  return <Icon name={frame.direction === 'toServer' ? 'arrow-right' : 'arrow-left'} title={words.direction[frame.direction]} />;
}

interface EntryProps {
  readonly entry: RelatedFrame;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  readonly onJump: (id: string) => void;
}

function Entry({ entry, isOpen, onToggle, onJump }: EntryProps): VNode {
  const { frame, summary, callId, row, answer } = entry;
  const what = visibleLine(frame?.method ?? row?.name ?? row?.method ?? (frame ? words.kinds[frame.kind] : words.nested));
  const isFailed = frame?.kind === 'error' || answer?.kind === 'error' || (row !== undefined && row.status !== 'ok' && row.status !== 'running');
  return (
    <li class={isFailed ? 'related-entry failed' : 'related-entry'}>
      <div class="related-line">
        <button type="button" class="related-toggle" aria-expanded={frame ? isOpen : undefined} onClick={() => (frame ? onToggle() : callId !== undefined && onJump(callId))}>
          <Icon name={!frame ? 'blank' : isOpen ? 'chevron-down' : 'chevron-right'} />
          <span class="event-time">{at(formatDuration(entry.sinceRequestUs))}</span>
          {row ? <StatusIcon status={row.status} label={strings.status(row)} /> : frame && <Direction frame={frame} />}
          <span class="related-method" title={what}>
            {what.replace(/^notifications\//, '')}
          </span>
          <bdi class="related-summary">{summary === undefined ? '' : visibleLine(summary)}</bdi>
          <span class="event-size">{row?.durationUs !== undefined ? formatDuration(row.durationUs) : frame ? formatBytes(frame.bytes) : ''}</span>
        </button>
        {callId !== undefined && (
          <button type="button" class="link-button" onClick={() => onJump(callId)}>
            {words.openCall}
          </button>
        )}
      </div>
      {isOpen && frame && <Message frame={frame} label={what} />}
      {isOpen && answer && <Message frame={answer} label={words.kinds[answer.kind]} />}
    </li>
  );
}

function Attempt({ other, row, onJump }: { readonly other: CallRow; readonly row: CallRow; readonly onJump: (id: string) => void }): VNode {
  const apart = formatDuration(Math.abs(other.timeMs - row.timeMs) * 1000);
  return (
    <li class="related-entry">
      <div class="related-line">
        <button type="button" class="related-toggle" onClick={() => onJump(other.id)}>
          <Icon name="blank" />
          <span class="event-time">{other.timeMs < row.timeMs ? words.attemptBefore(apart) : words.attemptAfter(apart)}</span>
          <StatusIcon status={other.status} label={strings.status(other)} />
          <span class="related-method">{visibleLine(other.name ?? other.method)}</span>
          <bdi class="related-summary">{visibleLine(other.detail ?? '')}</bdi>
          <span class="event-size">{other.durationUs === undefined ? '' : formatDuration(other.durationUs)}</span>
        </button>
      </div>
    </li>
  );
}

function Message({ frame, label }: { readonly frame: FrameText; readonly label: string }): VNode {
  const value = useMemo(() => (frame.truncated || frame.text.length > MAX_TEXT ? undefined : parseExact(frame.text)), [frame]);
  return (
    <div class="related-message">
      <TextHint frame={frame} />
      {isTextless(frame) ? null : value === undefined ? <TextBlock class="boxed" text={frame.text.slice(0, MAX_TEXT)} /> : <JsonTree value={value} label={label} words={contentWords.tree} isInline />}
    </div>
  );
}
