/**
 * Owns the comment on a call: read, written on several lines, saved only when the user says so. What is being written survives live
 * traffic and a failed save; Esc gives it up.
 */
import type { VNode } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { MAX_COMMENT, type CallRow } from '../../../extension/contract/traffic';
import { IconButton } from '../../components/Icon';
import { visibleBlock } from '../../components/visibleText';
import type { TrafficModel } from '../model/trafficModel';
import { detailStrings } from './detailStrings';

const words = detailStrings.note;
/** From so few characters on, it is said how many are left. */
const SAY_LEFT = 500;

export function DetailNote({ row, model }: { readonly row: CallRow; readonly model: TrafficModel }): VNode {
  const [draft, setDraft] = useState<string>();
  const [isFailed, setFailed] = useState(false);
  const comment = row.note?.comment ?? '';
  // Before the one below, and not after it has drawn: else it would take away what that one has just begun.
  useLayoutEffect(() => {
    setDraft(undefined);
    setFailed(false);
  }, [row.id]);
  const asked = model.commentRequest.value;
  useLayoutEffect(() => {
    if (asked !== row.id) return;
    model.commentRequest.value = undefined;
    setDraft((draftNow) => draftNow ?? comment);
  }, [asked, row.id]);
  const edit = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);
  useLayoutEffect(() => {
    // Back to where the user came from.
    if (wasEditing.current && draft === undefined) edit.current?.focus();
    wasEditing.current = draft !== undefined;
  }, [draft]);
  const save = async (): Promise<void> => {
    const text = (draft ?? '').trimEnd();
    if (text.length > MAX_COMMENT) return;
    if (text === comment || (await model.annotate([row.id], { comment: text === '' ? null : text }))) {
      setDraft(undefined);
      setFailed(false);
    } else setFailed(true);
  };
  if (draft !== undefined) return <Editor draft={draft} isFailed={isFailed} onDraft={setDraft} onSave={() => void save()} onCancel={() => setDraft(undefined)} />;
  return (
    <section class="call-note" aria-label={words.title}>
      {comment === '' ? (
        <button type="button" class="link-button" ref={edit} onClick={() => setDraft('')}>
          {words.add}
        </button>
      ) : (
        <div class="call-comment">
          <p class="selectable">{visibleBlock(comment)}</p>
          <IconButton icon="edit" label={words.edit} buttonRef={edit} onPress={() => setDraft(comment)} />
        </div>
      )}
    </section>
  );
}

interface EditorProps {
  readonly draft: string;
  readonly isFailed: boolean;
  readonly onDraft: (text: string) => void;
  readonly onSave: () => void;
  readonly onCancel: () => void;
}

function Editor({ draft, isFailed, onDraft, onSave, onCancel }: EditorProps): VNode {
  const area = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const element = area.current;
    element?.focus();
    element?.setSelectionRange(element.value.length, element.value.length);
  }, []);
  const left = MAX_COMMENT - draft.length;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onCancel();
    else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) onSave();
    // The editor around has keys, too, such as F1: it gets them from the window.
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section class="call-note" aria-label={words.title} onKeyDown={onKeyDown}>
      <textarea
        ref={area}
        class="text-box note-input"
        rows={Math.min(12, Math.max(3, draft.split('\n').length + 1))}
        value={draft}
        placeholder={words.placeholder}
        aria-label={words.label}
        aria-invalid={left < 0}
        onInput={(event) => onDraft(event.currentTarget.value)}
      />
      <div class="note-actions">
        <button type="button" class="text-button primary" title={words.saveKey} disabled={left < 0} onClick={onSave}>
          {words.save}
        </button>
        <button type="button" class="text-button" title={words.cancelKey} onClick={onCancel}>
          {words.cancel}
        </button>
        <span class={left < 0 || isFailed ? 'note-left failed' : 'note-left'} role="status">
          {isFailed ? words.failed : left < 0 ? words.tooLong(-left) : left <= SAY_LEFT ? words.left(left) : ''}
        </span>
      </div>
    </section>
  );
}
