/** Owns answering an elicitation by a form. Nothing goes to the server before one of the buttons is pressed. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { FormAnswer, ServerRequest } from '../../../extension/contract/playgroundRequests';
import type { ArgumentCheck } from '../../../extension/contract/playgroundRuns';
import { SchemaForm } from '../../components/form/SchemaForm';
import { JsonEditor } from '../../components/form/JsonEditor';
import { Icon } from '../../components/Icon';
import { visibleBlock } from '../../components/visibleText';
import { marksOf } from '../model/argumentEditor';
import { strings } from '../strings';
import type { PaneProps } from './MiddlePane';

const words = strings.requests;

export function FormRequestCard({ request, model, menus }: PaneProps & { readonly request: Extract<ServerRequest, { kind: 'form' }> }): VNode {
  const draft = model.requests.form(request);
  const [check, setCheck] = useState<ArgumentCheck>();
  const [isJson, setJson] = useState(draft.form === undefined);
  const canSend = draft.document.value.problem === undefined && draft.broken.value.size === 0;
  const answer = async (given: FormAnswer): Promise<void> => {
    const outcome = await model.act(() => model.host.api.answerForm(request.id, given));
    if (!outcome) return;
    setCheck(outcome);
    draft.problems.value = outcome.kind === 'problems' ? outcome.problems : [];
  };
  const accept = (sendAnyway: boolean): void => void (canSend && answer({ kind: 'accept', contentText: draft.text.peek(), sendAnyway }));
  return (
    <div
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        accept(false);
      }}
    >
      <p class="request-message">{visibleBlock(request.message)}</p>
      <div class="request-form">
        {isJson ? (
          <JsonEditor value={draft.text.value} onChange={(text) => draft.setText(text)} label={words.resultLabel} isInline problems={marksOf(draft, check)} />
        ) : (
          <SchemaForm draft={draft} menus={menus} onShowJson={() => setJson(true)} />
        )}
      </div>
      <p class="dim request-note">{words.formNote}</p>
      {check?.kind === 'problems' && (
        <p class="run-note" role="alert">
          <Icon name="warning" class="warn" /> <span>{words.problems}</span>
        </p>
      )}
      <div class="run-buttons">
        <button type="button" class="text-button primary" disabled={!canSend} onClick={() => accept(false)}>
          {words.accept}
        </button>
        {check?.kind === 'problems' && (
          <button type="button" class="text-button" disabled={!canSend} onClick={() => accept(true)}>
            {strings.editor.sendAnyway}
          </button>
        )}
        <button type="button" class="text-button" onClick={() => void answer({ kind: 'decline' })}>
          {words.decline}
        </button>
        <button type="button" class="text-button" onClick={() => void answer({ kind: 'cancel' })}>
          {words.cancel}
        </button>
        <span class="spacer" />
        <button type="button" class="link-button" onClick={() => setJson(!isJson)} disabled={draft.form === undefined}>
          {isJson ? strings.editor.forms.form : strings.editor.forms.json}
        </button>
      </div>
    </div>
  );
}
