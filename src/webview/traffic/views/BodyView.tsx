/**
 * Owns a recorded message in full: as a tree, as the text it was, or as bytes, with a search, on either side of the gateway where the two differ.
 * A body the record shortened says so and can be opened whole in an editor.
 */
import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { CallDetail, FrameText } from '../../../extension/contract/traffic';
import type { PayloadPart } from '../../../extension/contract/trafficApi';
import { tryParseJson } from '../../../extension/util/json';
import { formatBytes } from '../../components/format';
import { HexView } from '../../components/HexView';
import { Icon, IconButton } from '../../components/Icon';
import { findInJson } from '../../components/jsonFind';
import { JsonTree } from '../../components/JsonTree';
import { Segmented } from '../../components/Segmented';
import { findInPieces, piecesOf, TextBlock } from '../../components/TextBlock';
import { visibleBlock } from '../../components/visibleText';
import type { TrafficModel } from '../model/trafficModel';
import { bodyForms, type BodyForm } from '../model/viewState';
import { strings } from '../strings';
import { FindBar } from './FindBar';

const words = strings.body;
const COPIED_MS = 1_500;

export interface BodyViewProps {
  readonly detail: CallDetail;
  readonly side: 'request' | 'response';
  readonly model: TrafficModel;
}

type Leg = 'downstream' | 'upstream';

export function BodyView({ detail, side, model }: BodyViewProps): VNode {
  const [leg, setLeg] = useState<Leg>('downstream');
  const [isFinding, setFinding] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'f' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || model.bodyForm.peek() === 'hex') return;
    setFinding(true);
    root.current?.querySelector<HTMLInputElement>('.find-bar input')?.select();
    event.preventDefault();
    event.stopPropagation();
  };
  const near = side === 'request' ? detail.request : detail.response;
  const far = side === 'request' ? detail.upstreamRequest : detail.upstreamResponse;
  const hasBoth = near !== undefined && far !== undefined && near.text !== far.text;
  const isFar = near === undefined || (hasBoth && leg === 'upstream');
  const frame = isFar ? far : near;
  if (!frame) {
    return <p class="panel-message">{detail.row.status === 'running' ? words.noResponseYet : words.noResponse}</p>;
  }
  const farPart = side === 'request' ? 'upstreamRequest' : 'upstreamResponse';
  const part: PayloadPart = isFar ? farPart : side;
  return (
    <div class="body-view" ref={root} onKeyDown={onKeyDown}>
      <div class="body-toolbar">
        <FormSwitch model={model} />
        {hasBoth && (
          <Segmented<Leg>
            label={words.legLabel}
            options={[
              { id: 'downstream', label: words.client },
              { id: 'upstream', label: words.server },
            ]}
            selected={leg}
            onSelect={setLeg}
          />
        )}
        <span class="spacer" />
        <span class="body-size">{formatBytes(frame.bytes)}</span>
        <span class="icon-group">
          {model.bodyForm.value !== 'hex' && (
            <IconButton icon="search" label={strings.find.open} pressed={isFinding} onPress={() => setFinding(!isFinding)} />
          )}
          {hasBoth && (
            <IconButton
              icon="diff"
              label={strings.actions.compareSides}
              onPress={() => model.actions.compare({ id: detail.row.id, part: side }, { id: detail.row.id, part: farPart })}
            />
          )}
          <IconButton icon="go-to-file" label={words.openInEditor} onPress={() => model.actions.openPayload(detail.row.id, part)} />
          <CopyButton onCopy={() => model.actions.copyPayload(detail.row.id, part)} />
        </span>
      </div>
      {frame.truncated && (
        <div class="notice info">
          <Icon name="info" />
          <span class="notice-text">{words.truncated(frame.text.length, frame.bytes)}</span>
          <span class="notice-actions">
            <button type="button" class="link-button" onClick={() => model.actions.openPayload(detail.row.id, part)}>
              {words.openInEditor}
            </button>
          </span>
        </div>
      )}
      <Body
        key={part}
        frame={frame}
        form={model.bodyForm.value}
        label={words.treeLabel(strings.detail.tabs[side])}
        isFinding={isFinding}
        onCloseFind={() => {
          setFinding(false);
          root.current?.querySelector<HTMLElement>('[role=tree], [role=grid], .body-text')?.focus();
        }}
      />
    </div>
  );
}

function FormSwitch({ model }: { readonly model: TrafficModel }): VNode {
  return (
    <Segmented<BodyForm>
      label={words.formLabel}
      options={bodyForms.map((id) => ({ id, label: words[id] }))}
      selected={model.bodyForm.value}
      onSelect={(form) => (model.bodyForm.value = form)}
    />
  );
}

interface BodyProps {
  readonly frame: FrameText;
  readonly form: BodyForm;
  readonly label: string;
  readonly isFinding: boolean;
  readonly onCloseFind: () => void;
}

function Body({ frame, form, label, isFinding, onCloseFind }: BodyProps): VNode {
  const [query, setQuery] = useState('');
  const [current, setCurrent] = useState(0);
  const value = useMemo(
    () => (form === 'tree' && !frame.truncated ? tryParseJson(frame.text) : undefined),
    [form, frame.text, frame.truncated],
  );
  const wanted = isFinding && form !== 'hex' ? query : '';
  const inTree = useMemo(() => (value === undefined ? undefined : findInJson(value, wanted)), [value, wanted]);
  const count = useMemo(
    () => inTree?.length ?? (wanted === '' ? 0 : findInPieces(piecesOf(visibleBlock(frame.text)), wanted).all.length),
    [inTree, frame.text, wanted],
  );
  const place = count === 0 ? 0 : Math.min(current, count - 1);
  if (form === 'hex') return <HexView text={frame.text} label={words.hexHint} />;
  return (
    <>
      {isFinding && (
        <FindBar
          query={query}
          count={count}
          current={place}
          onQuery={(next) => {
            setQuery(next);
            setCurrent(0);
          }}
          onStep={(by) => setCurrent(count === 0 ? 0 : (place + by + count) % count)}
          onClose={onCloseFind}
        />
      )}
      {value === undefined ? (
        <>
          {form === 'tree' && !frame.truncated && <p class="body-hint">{words.notJson}</p>}
          <div class="body-text" tabIndex={0} role="region" aria-label={label}>
            <TextBlock text={frame.text} query={wanted} current={place} />
          </div>
        </>
      ) : (
        <JsonTree value={value} label={label} words={strings.json} query={wanted} goTo={inTree?.[place]} />
      )}
    </>
  );
}

function CopyButton({ onCopy }: { readonly onCopy: () => Promise<boolean> }): VNode {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <IconButton
      icon={isCopied ? 'check' : 'copy'}
      label={isCopied ? words.copied : words.copy}
      onPress={() => void onCopy().then((done) => setCopied(done))}
    />
  );
}
