/** Owns saving a call: its name, folder and file. Values that look like secrets are not saved unasked. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from '../../components/Icon';
import { visibleLine } from '../../components/visibleText';
import type { ArgumentEditor } from '../model/argumentEditor';
import type { PlaygroundModel } from '../model/playgroundModel';
import { strings } from '../strings';

const words = strings.save;

export interface SaveCallFormProps {
  readonly editor: ArgumentEditor;
  readonly model: PlaygroundModel;
  readonly onClose: () => void;
}

export function SaveCallForm({ editor, model, onClose }: SaveCallFormProps): VNode {
  const files = model.saved.value ?? [];
  const [name, setName] = useState('');
  const [folder, setFolder] = useState('');
  const [path, setPath] = useState(files[0]?.path ?? '');
  const [refusal, setRefusal] = useState<{ readonly text: string; readonly canKeep: boolean }>();
  const same = files.find((file) => file.path === path)?.calls.find((call) => call.name === name.trim() && call.folder === folder.trim());
  const save = async (keepSecrets: boolean): Promise<void> => {
    if (name.trim() === '') return;
    const outcome = await model.act(() =>
      model.host.api.saveCall({
        ...(path === '' ? {} : { file: path }),
        ...(same ? { id: same.id } : {}),
        name: name.trim(),
        folder: folder.trim(),
        target: editor.sent(),
        argumentsText: editor.draft.text.peek(),
        keepSecrets,
      }),
    );
    if (outcome?.kind === 'saved') {
      model.side.value = 'saved';
      onClose();
    } else if (outcome?.kind === 'secrets') setRefusal({ text: words.secrets(outcome.paths), canKeep: true });
    else if (outcome) setRefusal({ text: outcome.message, canKeep: false });
  };
  return (
    <form
      class="save-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save(false);
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onClose();
      }}
    >
      <label>
        <span>{words.name}</span>
        <input type="text" class="text-box" required value={name} ref={focusOnce} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <label>
        <span>{words.folder}</span>
        <input type="text" class="text-box" value={folder} onInput={(event) => setFolder(event.currentTarget.value)} />
      </label>
      <label>
        <span>{words.file}</span>
        <select class="select-box" value={path} onChange={(event) => setPath(event.currentTarget.value)}>
          {files.map((file) => (
            <option key={file.path} value={file.path}>
              {visibleLine(file.label)}
            </option>
          ))}
          {!files.some(({ label }) => label.endsWith('calls.json')) && <option value="">{words.newFile}</option>}
        </select>
      </label>
      <p class="dim">{words.variables}</p>
      {refusal && (
        <p class="field-problem" role="alert">
          <Icon name="warning" /> <span>{visibleLine(refusal.text)}</span>
        </p>
      )}
      <div class="run-buttons">
        <button type="submit" class="text-button primary" disabled={name.trim() === ''}>
          {same ? words.replace : words.save}
        </button>
        {refusal?.canKeep && (
          <button type="button" class="text-button" onClick={() => void save(true)}>
            {words.saveSecrets}
          </button>
        )}
        <button type="button" class="text-button" onClick={onClose}>
          {words.cancel}
        </button>
      </div>
    </form>
  );
}

const focused = new WeakSet<Element>();

function focusOnce(element: HTMLInputElement | null): void {
  if (!element || focused.has(element)) return;
  focused.add(element);
  element.focus();
}
