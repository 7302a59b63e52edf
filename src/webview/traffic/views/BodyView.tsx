/**
 * Owns a recorded message in full: as a tree or as the text it was, on either side of the gateway where the two differ.
 * A body the record shortened says so and can be opened whole in an editor.
 */
import type { VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { CallDetail, FrameText } from '../../../extension/contract/traffic';
import type { PayloadPart } from '../../../extension/contract/trafficApi';
import { tryParseJson } from '../../../extension/util/json';
import { formatBytes } from '../../components/format';
import { Icon, IconButton } from '../../components/Icon';
import { JsonTree } from '../../components/JsonTree';
import { Segmented } from '../../components/Segmented';
import { TextBlock } from '../../components/TextBlock';
import type { TrafficModel } from '../model/trafficModel';
import type { BodyForm } from '../model/viewState';
import { strings } from '../strings';

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
  const near = side === 'request' ? detail.request : detail.response;
  const far = side === 'request' ? detail.upstreamRequest : detail.upstreamResponse;
  const hasBoth = near !== undefined && far !== undefined && near.text !== far.text;
  const isFar = near === undefined || (hasBoth && leg === 'upstream');
  const frame = isFar ? far : near;
  if (!frame) {
    return <p class="panel-message">{detail.row.status === 'running' ? words.noResponseYet : words.noResponse}</p>;
  }
  const part: PayloadPart = isFar ? (side === 'request' ? 'upstreamRequest' : 'upstreamResponse') : side;
  return (
    <div class="body-view">
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
      <Body frame={frame} form={model.bodyForm.value} label={words.treeLabel(strings.detail.tabs[side])} />
    </div>
  );
}

function FormSwitch({ model }: { readonly model: TrafficModel }): VNode {
  return (
    <Segmented<BodyForm>
      label={words.formLabel}
      options={[
        { id: 'tree', label: words.tree },
        { id: 'raw', label: words.raw },
      ]}
      selected={model.bodyForm.value}
      onSelect={(form) => (model.bodyForm.value = form)}
    />
  );
}

function Body({ frame, form, label }: { readonly frame: FrameText; readonly form: BodyForm; readonly label: string }): VNode {
  const value = useMemo(
    () => (form === 'tree' && !frame.truncated ? tryParseJson(frame.text) : undefined),
    [form, frame.text, frame.truncated],
  );
  if (value !== undefined) return <JsonTree value={value} label={label} words={strings.json} />;
  return (
    <>
      {form === 'tree' && !frame.truncated && <p class="body-hint">{words.notJson}</p>}
      <div class="body-text" tabIndex={0} role="region" aria-label={label}>
        <TextBlock text={frame.text} />
      </div>
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
