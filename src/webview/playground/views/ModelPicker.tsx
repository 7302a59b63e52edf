/** Owns asking a language model for the answer: which one, what it would be sent, and only then the question. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from '../../components/Icon';
import { visibleBlock, visibleLine } from '../../components/visibleText';
import type { PlaygroundModel } from '../model/playgroundModel';
import type { SamplingWork } from '../model/requestDrafts';
import { strings } from '../strings';

const words = strings.requests;

export function ModelPicker({ request, work, model }: { readonly request: string; readonly work: SamplingWork; readonly model: PlaygroundModel }): VNode {
  const models = model.models.value;
  const [chosen, setChosen] = useState('');
  const preview = work.preview.value;
  const { api } = model.host;
  const open = async (): Promise<void> => {
    await model.loadModels();
    const shown = await model.act(() => api.previewSampling(request));
    if (shown) work.preview.value = shown;
  };
  const ask = async (id: string): Promise<void> => {
    work.isAsking.value = true;
    const draft = await model.act(() => api.draftSampling(request, id));
    work.isAsking.value = false;
    if (!draft) return;
    work.draft.value = draft;
    work.resultText.value = undefined;
    work.preview.value = undefined;
  };
  if (!preview || !models) {
    return (
      <button type="button" class="link-button model-open" onClick={() => void open()}>
        <Icon name="hubot" /> {words.askModel}
      </button>
    );
  }
  if (models.length === 0) return <p class="dim request-note">{words.noModels}</p>;
  const id = chosen === '' ? (models[0]?.id ?? '') : chosen;
  const name = models.find((one) => one.id === id)?.name ?? '';
  return (
    <div class="model-picker" ref={showOnce}>
      <div class="request-row">
        <label>
          <span>{words.model}</span>
          <select class="select-box" value={id} onChange={(event) => setChosen(event.currentTarget.value)}>
            {models.map((one) => (
              <option key={one.id} value={one.id}>
                {visibleLine(`${one.name} (${one.vendor})`)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p class="dim request-note">{words.preview(preview.tokens, visibleLine(name))}</p>
      <ol class="preview" tabIndex={0}>
        {preview.messages.map((message, index) => (
          <li key={index}>
            <strong>{message.role}</strong> {visibleBlock(message.text)}
            {message.images > 0 && <span class="dim"> + {words.images(message.images)}</span>}
          </li>
        ))}
      </ol>
      {preview.notes.length > 0 && (
        <p class="dim request-note">
          {words.notes}: {preview.notes.map((note) => visibleLine(note)).join('; ')}
        </p>
      )}
      <button type="button" class="text-button" disabled={work.isAsking.value} onClick={() => void ask(id)}>
        {work.isAsking.value ? words.asking : words.send}
      </button>
    </div>
  );
}

const shown = new WeakSet<Element>();

/** What a model would get, and the button that sends it, are not left below the edge of the card. */
function showOnce(element: HTMLDivElement | null): void {
  if (!element || shown.has(element)) return;
  shown.add(element);
  element.scrollIntoView?.({ block: 'end' });
}
