/** Owns a field shown as JSON: taken over as soon as it is JSON, marked where it breaks until then. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { visibleLine } from '../visibleText';
import type { ControlProps } from './FieldView';
import { formStrings as words } from './formStrings';
import { JsonEditor } from './JsonEditor';
import { textOf } from './jsonText';

export function JsonControl({ field, draft, ids }: ControlProps): VNode {
  const [typed, setTyped] = useState<string>();
  const broken = draft.broken.value.get(field.pointer);
  const raw = field.node ? textOf(draft.document.value, field.node) : '';
  // What is typed may be laid out with blanks around it; it stays as long as it says the same.
  const text = broken?.text ?? (typed !== undefined && typed.trim() === raw ? typed : raw);
  const isRemovable = typeof field.path.at(-1) === 'string';
  const onChange = (next: string): void => {
    setTyped(next);
    draft.setJson(field.path, next, isRemovable);
  };
  return (
    <div class="json-control" id={ids.control} role="group" aria-labelledby={ids.label}>
      {field.control.kind === 'json' && field.control.reason !== 'any' && <p class="form-note">{words.reasons[field.control.reason]}</p>}
      <JsonEditor
        value={text}
        onChange={onChange}
        label={visibleLine(field.name ?? words.whole)}
        isInline
        placeholder={words.jsonPlaceholder}
        describedBy={ids.describedBy}
        problems={broken ? [{ offset: broken.problem.offset, length: broken.problem.length, message: broken.problem.message, severity: 'error' }] : []}
      />
    </div>
  );
}
