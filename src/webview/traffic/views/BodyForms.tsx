/** Owns the forms of a message that is all here: tree and text with a search, content as it is meant to be seen, bytes. */
import type { VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { CallDetail } from '../../../extension/contract/traffic';
import type { PayloadRef } from '../../../extension/contract/trafficApi';
import type { JsonValue } from '../../../extension/util/json';
import { FindBar } from '../../components/FindBar';
import { textBytes } from '../../components/byteSource';
import type { ContentActions } from '../../components/content/contentActions';
import { contentWords } from '../../components/content/contentStrings';
import { ToolResultView } from '../../components/content/ToolResultView';
import { parseExact } from '../../components/exactNumbers';
import { HexView } from '../../components/HexView';
import { findInJson } from '../../components/jsonFind';
import { JsonTree } from '../../components/JsonTree';
import { findInPieces, piecesOf, TextBlock } from '../../components/TextBlock';
import { visibleBlock } from '../../components/visibleText';
import { contentOf } from '../model/exchange';
import type { TrafficModel } from '../model/trafficModel';
import type { BodyForm } from '../model/viewState';
import { strings } from '../strings';
import { detailStrings } from './detailStrings';

const words = detailStrings.body;

export interface BodyFormProps {
  readonly payload: PayloadRef;
  readonly form: BodyForm;
  readonly side: 'request' | 'response';
  readonly detail: CallDetail;
  readonly model: TrafficModel;
  readonly isFinding: boolean;
  readonly onCloseFind: () => void;
}

export function ShortBody(props: BodyFormProps & { readonly text: string }): VNode {
  const { text, form, side, detail, model, payload } = props;
  const title = strings.detail.tabs[side];
  const value = useMemo(() => (form === 'tree' || form === 'rendered' ? parseExact(text) : undefined), [form, text]);
  const bytes = useMemo(() => (form === 'hex' ? textBytes(text) : undefined), [form, text]);
  if (bytes) return <HexView bytes={bytes} label={words.hexHint} />;
  if (form === 'rendered') return <Rendered value={value} side={side} payload={payload} detail={detail} model={model} label={words.renderedLabel(title)} />;
  return <FoundBody {...props} value={value} />;
}

function FoundBody({ text, value, form, side, isFinding, onCloseFind }: BodyFormProps & { readonly text: string; readonly value: JsonValue | undefined }): VNode {
  const [query, setQuery] = useState('');
  const [current, setCurrent] = useState(0);
  const wanted = isFinding ? query : '';
  const inTree = useMemo(() => (value === undefined ? undefined : findInJson(value, wanted)), [value, wanted]);
  const count = useMemo(
    () => inTree?.length ?? (wanted === '' ? 0 : findInPieces(piecesOf(visibleBlock(text)), wanted).all.length),
    [inTree, text, wanted],
  );
  const place = count === 0 ? 0 : Math.min(current, count - 1);
  const title = strings.detail.tabs[side];
  return (
    <>
      {isFinding && (
        <FindBar
          label={detailStrings.find.label}
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
          {form === 'tree' && <p class="body-hint">{words.notJson}</p>}
          <div class="body-text" tabIndex={0} role="region" aria-label={words.rawLabel(title)}>
            <TextBlock text={text} query={wanted} current={place} />
          </div>
        </>
      ) : (
        <JsonTree value={value} label={words.treeLabel(title)} words={contentWords.tree} query={wanted} goTo={inTree?.[place]} />
      )}
    </>
  );
}

interface RenderedProps {
  readonly value: JsonValue | undefined;
  readonly side: 'request' | 'response';
  readonly payload: PayloadRef;
  readonly detail: CallDetail;
  readonly model: TrafficModel;
  readonly label: string;
}

export function Rendered({ value, side, payload, detail, model, label }: RenderedProps): VNode {
  const content = useMemo(() => contentOf(value, side), [value, side]);
  return (
    <div class="rendered" tabIndex={0} role="region" aria-label={label}>
      {content ? (
        <CheckedResult result={content.value} pointer={content.pointer} payload={payload} detail={detail} model={model} />
      ) : (
        <p class="dim">{contentWords.empty}</p>
      )}
    </div>
  );
}

interface CheckedResultProps {
  readonly result: JsonValue;
  readonly pointer: string;
  readonly payload: PayloadRef;
  readonly detail: CallDetail;
  readonly model: TrafficModel;
}

/** A result with its check against the output schema, where the tool has one. */
export function CheckedResult({ result, pointer, payload, detail, model }: CheckedResultProps): VNode {
  const actions = useMemo(() => contentActions(model, payload), [model, payload.id, payload.part]);
  const isChecked = payload.part === 'response' && detail.outputSchema !== undefined && detail.row.status === 'ok';
  useEffect(() => {
    if (isChecked) model.detail.checkOutput(detail);
  }, [detail, isChecked, model]);
  const checked = model.detail.outputCheck.value;
  const check = isChecked && checked?.id === detail.row.id ? checked.check : undefined;
  return <ToolResultView result={result} pointer={pointer} actions={actions} outputCheck={check} isChecking={isChecked && check === undefined} />;
}

function contentActions(model: TrafficModel, payload: PayloadRef): ContentActions {
  return {
    openLink: (url) => model.actions.openLink(url),
    copyText: (text) => model.actions.copyText(text),
    openContent: (pointer, how) => model.actions.openContent(payload, pointer, how),
  };
}
