/** Owns what can be done with a field beside typing into it. */
import type { MenuEntry } from '../Menu';
import { visibleLine } from '../visibleText';
import type { Field, FormModel } from './fieldModel';
import type { FormDraft } from './formDraft';
import { formStrings as words } from './formStrings';

const MAX_SHOWN = 40;

export function fieldMenu(field: Field, draft: FormDraft, form: FormModel): MenuEntry[] {
  const { shape, control, path, pointer, node } = field;
  const entries: MenuEntry[] = [];
  const offer = (label: string, json: string): void => void entries.push({ label, onSelect: () => draft.set(path, json) });
  if (shape.default !== undefined) offer(words.useDefault(short(shape.default)), shape.default);
  for (const example of shape.examples) offer(words.useExample(short(example)), example);
  if (shape.format === 'date-time' || shape.format === 'date' || shape.format === 'time') {
    entries.push({ label: words.insertNow, onSelect: () => draft.set(path, JSON.stringify(nowAs(shape.format))) });
  }
  if (shape.format === 'uuid') entries.push({ label: words.insertUuid, onSelect: () => draft.set(path, JSON.stringify(crypto.randomUUID())) });
  if (control.kind === 'text' && node?.value !== '') offer(words.setEmpty, '""');
  if (shape.isNullable && node?.type !== 'null') offer(words.setNull, 'null');
  if (control.kind === 'object' && !node && path.length > 0) offer(words.setValue, form.start(field));
  if (control.kind !== 'json') {
    const isJson = draft.asJson.peek().has(pointer);
    entries.push({ label: isJson ? words.editAsForm : words.editAsJson, onSelect: () => draft.editAsJson(pointer, !isJson) });
  }
  if (node && path.length > 0) entries.push('separator', { label: words.removeField, onSelect: () => draft.remove(path) });
  return entries;
}

function short(json: string): string {
  const text = visibleLine(json);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

function nowAs(format: string | undefined): string {
  const now = new Date().toISOString();
  if (format === 'date') return now.slice(0, 10);
  return format === 'time' ? `${now.slice(11, 19)}Z` : `${now.slice(0, 19)}Z`;
}
