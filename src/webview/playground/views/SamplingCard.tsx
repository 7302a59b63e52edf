/**
 * Owns answering a sampling request: the whole prompt is shown, the answer is written by hand or asked of a language model
 * and can be changed before it goes to the server.
 */
import type { VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { SamplingAnswer, SamplingPreview, ServerRequest } from '../../../extension/contract/playgroundRequests';
import type { ArgumentCheck } from '../../../extension/contract/playgroundRuns';
import { ToolResultView } from '../../components/content/ToolResultView';
import { parseExact } from '../../components/exactNumbers';
import { JsonEditor } from '../../components/form/JsonEditor';
import { parseDocument } from '../../components/form/jsonText';
import { TextBlock } from '../../components/TextBlock';
import type { PlaygroundModel } from '../model/playgroundModel';
import { strings } from '../strings';
import { ModelPicker } from './ModelPicker';

const words = strings.requests;

export function SamplingCard({ request, model }: { readonly request: Extract<ServerRequest, { kind: 'sampling' }>; readonly model: PlaygroundModel }): VNode {
  const work = model.requests.sampling(request);
  const [check, setCheck] = useState<ArgumentCheck>();
  const params = useMemo(() => parseExact(request.paramsText), [request.paramsText]);
  const { api } = model.host;
  const draft = work.draft.value;
  const resultText = work.resultText.value;
  const broken = resultText === undefined ? undefined : parseDocument(resultText).problem;
  const actions = useMemo(() => ({ openLink: (url: string) => void model.act(() => api.openLink(url)), copyText: (text: string) => void model.act(() => api.copyText(text)) }), [model, api]);
  // Too long to come with the state: fetched, since nobody should answer what they could not read.
  useEffect(() => {
    if (params === undefined) void model.act(() => api.previewSampling(request.id)).then((preview) => preview && (work.preview.value = preview));
  }, [params, request.id]);
  const answer = async (given: SamplingAnswer): Promise<void> => setCheck(await model.act(() => api.answerSampling(request.id, given)));
  const send = (): void => void (!broken && answer(resultText === undefined ? { kind: 'text', draft: work.draft.peek() } : { kind: 'result', text: resultText }));
  return (
    <div
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        send();
      }}
    >
      <div class="request-prompt" tabIndex={0} role="region" aria-label={words.params}>
        {params === undefined ? <WholePrompt preview={work.preview.value} /> : <ToolResultView result={params} actions={actions} />}
      </div>
      <p class="dim request-note">{words.size(request.size)}</p>
      {resultText === undefined ? (
        <>
          <label class="request-answer">
            <span>{words.answerLabel}</span>
            <textarea class="text-box" rows={4} value={draft.text} onInput={(event) => (work.draft.value = { ...draft, text: event.currentTarget.value })} />
          </label>
          <div class="request-row">
            <label>
              <span>{words.modelName}</span>
              <input type="text" class="text-box" value={draft.model} onInput={(event) => (work.draft.value = { ...draft, model: event.currentTarget.value })} />
            </label>
            <label>
              <span>{words.stopReason}</span>
              <input type="text" class="text-box" list="stop-reasons" value={draft.stopReason} onInput={(event) => (work.draft.value = { ...draft, stopReason: event.currentTarget.value })} />
            </label>
            <datalist id="stop-reasons">
              {['endTurn', 'stopSequence', 'maxTokens', 'toolUse'].map((reason) => (
                <option key={reason} value={reason} />
              ))}
            </datalist>
          </div>
        </>
      ) : (
        <JsonEditor
          value={resultText}
          onChange={(text) => (work.resultText.value = text)}
          label={words.resultLabel}
          isInline
          problems={broken ? [{ offset: broken.offset, length: broken.length, message: broken.message, severity: 'error' }] : check?.kind === 'syntax' ? [{ offset: check.offset, length: 1, message: check.message, severity: 'error' }] : []}
        />
      )}
      <ModelPicker request={request.id} work={work} model={model} />
      <div class="run-buttons">
        <button type="button" class="text-button primary" disabled={broken !== undefined || (resultText === undefined && draft.text === '')} onClick={send}>
          {words.answer}
        </button>
        <button type="button" class="text-button" onClick={() => void answer({ kind: 'decline' })}>
          {words.decline}
        </button>
        <span class="spacer" />
        <button
          type="button"
          class="link-button"
          onClick={() => {
            work.resultText.value = resultText === undefined ? JSON.stringify({ role: 'assistant', content: { type: 'text', text: draft.text }, model: draft.model, stopReason: draft.stopReason }, null, 2) : undefined;
          }}
        >
          {resultText === undefined ? words.asJson : words.asText}
        </button>
      </div>
    </div>
  );
}

function WholePrompt({ preview }: { readonly preview: SamplingPreview | undefined }): VNode {
  if (!preview) return <p class="dim delayed">{strings.stage.loading}</p>;
  return (
    <>
      {preview.messages.map(({ role, text, images }, index) => (
        <div key={index}>
          <strong>{role}</strong> {images > 0 && <span class="dim">{words.images(images)}</span>}
          <TextBlock text={text} />
        </div>
      ))}
    </>
  );
}
