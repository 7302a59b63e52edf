/** Owns the form for what the team file says of a server. It writes nothing itself: the change is shown in the file. */
import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ServerEdit, SetupServer } from '../../../extension/contract/setup';
import { visibleLine } from '../../components/visibleText';
import type { SetupModel } from '../model/setupModel';
import { strings } from '../strings';
import { TextButton } from './TextButton';

const words = strings.edit;
const texts = ['purpose', 'owner', 'note'] as const;
const lists = ['permissions', 'hide', 'deny'] as const;
const order = ['purpose', 'owner', 'permissions', 'note', 'hide', 'deny'] as const;
type Field = (typeof order)[number];

export interface EditFormProps {
  readonly server: SetupServer;
  readonly model: SetupModel;
  readonly onClose: () => void;
}

export function EditForm({ server, model, onClose }: EditFormProps): VNode {
  const form = useRef<HTMLFormElement>(null);
  const before = fieldsOf(server);
  useEffect(() => form.current?.querySelector<HTMLElement>('input')?.focus(), []);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const data = new FormData(form.current!);
    const change = changeOf(before, (field) => String(data.get(field) ?? ''));
    if (Object.keys(change).length === 0) onClose();
    else if ((await model.act(`edit ${server.id}`, async () => { await model.host.api.edit(server.id, change); return true; })) === true) onClose();
  };
  return (
    <form
      ref={form}
      class="edit-form"
      aria-label={words.title(visibleLine(server.name))}
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onClose();
      }}
    >
      {order.map((field) => (
        <label key={field} class="edit-field">
          <span>{words[field]}</span>
          {isText(field) && field !== 'note' ? (
            <input type="text" name={field} class="text-box" defaultValue={before[field]} maxLength={2_000} />
          ) : (
            <textarea name={field} class={isText(field) ? 'text-box' : 'text-box mono'} rows={Math.max(2, before[field].split('\n').length)} maxLength={field === 'note' ? 2_000 : 20_000} defaultValue={before[field]} />
          )}
        </label>
      ))}
      <p class="dim">{words.hint(visibleLine(server.fileLabel))}</p>
      <div class="buttons">
        <button type="submit" class="text-button small primary">
          {words.submit}
        </button>
        <TextButton onPress={onClose}>{strings.cancel}</TextButton>
      </div>
    </form>
  );
}

const isText = (field: Field): field is (typeof texts)[number] => texts.some((one) => one === field);

function fieldsOf({ about, hide, deny }: SetupServer): Readonly<Record<Field, string>> {
  return {
    purpose: about.purpose ?? '',
    owner: about.owner ?? '',
    note: about.note ?? '',
    permissions: (about.permissions ?? []).join('\n'),
    hide: hide.join('\n'),
    deny: deny.join('\n'),
  };
}

/** Only what is different; what was emptied is taken away. */
export function changeOf(before: Readonly<Record<Field, string>>, valueOf: (field: Field) => string): ServerEdit {
  const change: Record<string, string | readonly string[] | null> = {};
  for (const field of texts) {
    const value = valueOf(field).trim();
    if (value !== before[field]) change[field] = value === '' ? null : value;
  }
  for (const field of lists) {
    const items = linesOf(valueOf(field));
    if (items.join('\n') !== before[field]) change[field] = field === 'permissions' && items.length === 0 ? null : items;
  }
  return change;
}

const linesOf = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter(Boolean);
