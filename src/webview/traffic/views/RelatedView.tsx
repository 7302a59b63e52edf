/** Owns the Related tab: everything else that was said in the call, each message to be opened, nested calls to be gone to. */
import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { CallDetail, FrameText } from '../../../extension/contract/traffic';
import { tryParseJson } from '../../../extension/util/json';
import { formatBytes, formatDuration } from '../../components/format';
import { Icon } from '../../components/Icon';
import { JsonTree } from '../../components/JsonTree';
import { TextBlock } from '../../components/TextBlock';
import { visibleLine } from '../../components/visibleText';
import { relatedOf, type RelatedFrame } from '../model/related';
import { strings } from '../strings';

const words = strings.related;
const LIMIT = 500;
const MAX_TEXT = 20_000;

export interface RelatedViewProps {
  readonly detail: CallDetail;
  readonly onJump: (id: string) => void;
}

export function RelatedView({ detail, onJump }: RelatedViewProps): VNode {
  const all = useMemo(() => relatedOf(detail), [detail]);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const toggle = (frame: number): void => {
    const next = new Set(open);
    if (!next.delete(frame)) next.add(frame);
    setOpen(next);
  };
  if (all.length === 0) return <p class="panel-message">{detail.row.status === 'running' ? words.noneYet : words.none}</p>;
  return (
    <div class="related" tabIndex={0} role="region" aria-label={strings.detail.tabs.related}>
      <ul>
        {all.slice(0, LIMIT).map((entry) => (
          <Entry key={entry.frame.frame} entry={entry} isOpen={open.has(entry.frame.frame)} onToggle={() => toggle(entry.frame.frame)} onJump={onJump} />
        ))}
      </ul>
      {all.length > LIMIT && <p class="dim">{words.more(all.length - LIMIT)}</p>}
    </div>
  );
}

interface EntryProps {
  readonly entry: RelatedFrame;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  readonly onJump: (id: string) => void;
}

function Entry({ entry: { frame, summary, callId }, isOpen, onToggle, onJump }: EntryProps): VNode {
  const what = visibleLine(frame.method ?? words.kinds[frame.kind]);
  return (
    <li class={frame.kind === 'error' ? 'related-entry failed' : 'related-entry'}>
      <div class="related-line">
        <button type="button" class="related-toggle" aria-expanded={isOpen} onClick={onToggle}>
          <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} />
          <span class="event-time">{strings.timing.at(formatDuration(frame.sinceRequestUs))}</span>
          <Icon name={frame.direction === 'toServer' ? 'arrow-right' : 'arrow-left'} title={words.direction[frame.direction]} />
          <span class="related-method" title={what}>
            {what.replace(/^notifications\//, '')}
          </span>
          <bdi class="related-summary">{summary === undefined ? '' : visibleLine(summary)}</bdi>
          <span class="event-size">{formatBytes(frame.bytes)}</span>
        </button>
        {callId !== undefined && (
          <button type="button" class="link-button" onClick={() => onJump(callId)}>
            {words.openCall}
          </button>
        )}
      </div>
      {isOpen && <Message frame={frame} label={what} />}
    </li>
  );
}

function Message({ frame, label }: { readonly frame: FrameText; readonly label: string }): VNode {
  const value = useMemo(() => (frame.truncated || frame.text.length > MAX_TEXT ? undefined : tryParseJson(frame.text)), [frame]);
  return (
    <div class="related-message">
      {value === undefined ? <TextBlock class="boxed" text={frame.text.slice(0, MAX_TEXT)} /> : <JsonTree value={value} label={label} words={strings.json} isInline />}
    </div>
  );
}
