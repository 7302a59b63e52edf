/**
 * Owns the form of a draft: its root without a frame of its own, or why there is no form. Works with the keyboard alone,
 * and keeps working while the text is edited elsewhere.
 */
import type { VNode } from 'preact';
import { Icon } from '../Icon';
import type { MenuController } from '../Menu';
import { visibleLine } from '../visibleText';
import { FieldView, Members } from './FieldView';
import type { FormDraft } from './formDraft';
import { formStrings as words } from './formStrings';

export interface SchemaFormProps {
  readonly draft: FormDraft;
  readonly menus: MenuController;
  /** Leads to where the text itself can be edited. Absent: there is no such place. */
  readonly onShowJson?: () => void;
}

export function SchemaForm({ draft, menus, onShowJson }: SchemaFormProps): VNode {
  const document = draft.document.value;
  const { form } = draft;
  const showJson = onShowJson && (
    <button type="button" class="link-button" onClick={onShowJson}>
      {words.showJson}
    </button>
  );
  if (!form) {
    return (
      <p class="form-note">
        <Icon name="info" /> <span>{words.unusable(draft.unusable ?? '')} {showJson}</span>
      </p>
    );
  }
  if (!document.root) {
    const { problem } = document;
    return (
      <p class="form-note">
        <Icon name="error" class="error" /> <span>{problem && words.broken(problem.line, problem.column, visibleLine(problem.message))} {showJson}</span>
      </p>
    );
  }
  const root = form.root(document, draft.chosen.value);
  const isBare = root.control.kind === 'object' && root.choosers.length === 0;
  const own = draft.problems.value.filter(({ path }) => path === '');
  return (
    <div class="schema-form">
      {isBare ? <Members field={root} draft={draft} form={form} menus={menus} /> : <FieldView field={root} draft={draft} form={form} menus={menus} />}
      {isBare && own.map(({ message }) => (
        <p key={message} class="field-problem">
          <Icon name="warning" /> {visibleLine(message)}
        </p>
      ))}
    </div>
  );
}
