/**
 * Owns a recorded message in full: which side of the gateway, which form of it, what can be done with it. The forms themselves are
 * in BodyForms.tsx, those of a body that comes in parts in LongBody.tsx.
 */
import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { isOtherText } from '../../../extension/contract/frameTexts';
import type { CallDetail, FrameText } from '../../../extension/contract/traffic';
import type { PayloadPart, PayloadRef } from '../../../extension/contract/trafficApi';
import { tryParseJson } from '../../../extension/util/json';
import { formatBytes } from '../../components/format';
import { IconButton } from '../../components/Icon';
import { Segmented } from '../../components/Segmented';
import { contentOf } from '../model/exchange';
import type { TrafficModel } from '../model/trafficModel';
import type { BodyForm } from '../model/viewState';
import { strings } from '../strings';
import { ShortBody } from './BodyForms';
import { detailStrings } from './detailStrings';
import { HeadersTable } from './HeadersTable';
import { LegsView } from './LegsView';
import { LongBody } from './LongBody';
import { isTextless, TextHint } from './TextHint';

const words = detailStrings.body;
const COPIED_MS = 1_500;

export interface BodyViewProps {
  readonly detail: CallDetail;
  readonly side: 'request' | 'response';
  readonly model: TrafficModel;
}

type LegChoice = 'downstream' | 'upstream' | 'both';

/** Forms in which there is something to find. */
const FOUND_IN: ReadonlySet<BodyForm> = new Set<BodyForm>(['tree', 'raw']);

export function BodyView({ detail, side, model }: BodyViewProps): VNode {
  const [leg, setLeg] = useState<LegChoice>('downstream');
  const [isFinding, setFinding] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const near = side === 'request' ? detail.request : detail.response;
  const far = side === 'request' ? detail.upstreamRequest : detail.upstreamResponse;
  const farPart = side === 'request' ? 'upstreamRequest' : 'upstreamResponse';
  const hasBoth = near !== undefined && far !== undefined && isOtherText(near, far);
  // Headers are of one leg each, whatever the bodies say.
  const hasOtherHeaders = near !== undefined && far?.headers !== undefined;
  const isFar = near === undefined || ((hasBoth || hasOtherHeaders) && leg === 'upstream');
  const frame = isFar ? far : near;
  const forms = useMemo(() => (frame ? formsOf(frame, side) : []), [frame, side]);
  const wanted = model.bodyForm.value;
  const form = forms.includes(wanted) ? wanted : 'tree';
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'f' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || !FOUND_IN.has(form) || leg === 'both') return;
    setFinding(true);
    root.current?.querySelector<HTMLInputElement>('.find-bar input')?.select();
    event.preventDefault();
    event.stopPropagation();
  };
  if (!frame) {
    return <p class="panel-message">{detail.row.status === 'running' ? words.noResponseYet : words.noResponse}</p>;
  }
  const part: PayloadPart = isFar ? farPart : side;
  const ref: PayloadRef = { id: detail.row.id, part };
  const isBoth = leg === 'both' && hasBoth;
  const onCloseFind = (): void => {
    setFinding(false);
    root.current?.querySelector<HTMLElement>('[role=tree], [role=grid], .body-text')?.focus();
  };
  return (
    <div class="body-view" ref={root} onKeyDown={onKeyDown}>
      <div class="body-toolbar">
        {!isBoth && (
          <Segmented<BodyForm> label={words.formLabel} options={forms.map((id) => ({ id, label: words.forms[id] }))} selected={form} onSelect={(next) => (model.bodyForm.value = next)} />
        )}
        {(hasBoth || hasOtherHeaders) && (
          <Segmented<LegChoice>
            label={words.legLabel}
            options={[
              { id: 'downstream', label: words.client, tooltip: words.clientSide },
              { id: 'upstream', label: words.server, tooltip: words.serverSide },
              ...(hasBoth ? [{ id: 'both' as const, label: words.both, tooltip: words.bothTooltip }] : []),
            ]}
            selected={leg}
            onSelect={setLeg}
          />
        )}
        <span class="spacer" />
        <span class="body-size">{formatBytes(frame.bytes)}</span>
        <span class="icon-group">
          {FOUND_IN.has(form) && !isBoth && (
            <IconButton icon="search" label={detailStrings.find.open} pressed={isFinding} onPress={() => setFinding(!isFinding)} />
          )}
          {hasBoth && (
            <IconButton icon="diff" label={strings.actions.compareSides} onPress={() => model.actions.compare({ id: detail.row.id, part: side }, { id: detail.row.id, part: farPart })} />
          )}
          <IconButton icon="go-to-file" label={words.openInEditor} onPress={() => model.actions.openPayload(detail.row.id, part)} />
          <CopyButton onCopy={() => model.actions.copyPayload(detail.row.id, part)} />
        </span>
      </div>
      <TextHint frame={frame} />
      {isBoth ? (
        <LegsView client={near} server={far} />
      ) : form === 'headers' ? (
        <HeadersTable headers={frame.headers ?? {}} label={words.headersLabel(strings.detail.tabs[side])} />
      ) : isTextless(frame) ? null : frame.truncated ? (
        <LongBody key={part} payload={ref} form={form} side={side} detail={detail} model={model} isFinding={isFinding} onCloseFind={onCloseFind} />
      ) : (
        <ShortBody key={part} text={frame.text} payload={ref} form={form} side={side} detail={detail} model={model} isFinding={isFinding} onCloseFind={onCloseFind} />
      )}
    </div>
  );
}

function formsOf(frame: FrameText, side: 'request' | 'response'): BodyForm[] {
  // Of a long one, what it holds is known only when it is here.
  const isRendered = frame.truncated ? side === 'response' : contentOf(tryParseJson(frame.text), side) !== undefined;
  return ['tree', 'raw', ...(isRendered ? (['rendered'] as const) : []), 'hex', ...(frame.headers ? (['headers'] as const) : [])];
}

function CopyButton({ onCopy }: { readonly onCopy: () => Promise<boolean> }): VNode {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return <IconButton icon={isCopied ? 'check' : 'copy'} label={isCopied ? words.copied : words.copy} onPress={() => void onCopy().then((done) => setCopied(done))} />;
}
