/**
 * Owns saving a call: its name, folder and file. One that was loaded is saved again in its place, or as another one. Values that
 * look like secrets are not saved unasked.
 */
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { SavedCall, SavedFile, SaveFolder } from '../../../extension/contract/playgroundSaved';
import { Icon } from '../../components/Icon';
import { visibleLine } from '../../components/visibleText';
import type { ArgumentEditor } from '../model/argumentEditor';
import type { PlaygroundModel } from '../model/playgroundModel';
import { strings } from '../strings';

const words = strings.save;
const DEFAULT_NAME = 'calls';

export interface SaveCallFormProps {
  readonly editor: ArgumentEditor;
  readonly model: PlaygroundModel;
  readonly onClose: () => void;
}

interface Refusal {
  readonly text: string;
  readonly canKeep: boolean;
  readonly isNew: boolean;
}

export function SaveCallForm({ editor, model, onClose }: SaveCallFormProps): VNode {
  const files = model.saved.value ?? [];
  const origin = editor.saved.peek();
  const [name, setName] = useState(origin?.name ?? '');
  const [folder, setFolder] = useState(origin?.folder ?? '');
  const [folders, setFolders] = useState<readonly SaveFolder[]>([]);
  const [place, setPlace] = useState<string | undefined>(origin?.file);
  const [fileName, setFileName] = useState<string>();
  const [refusal, setRefusal] = useState<Refusal>();
  useEffect(() => void model.act(() => model.host.api.saveFolders()).then((found) => found && setFolders(found)), []);
  const file = place === undefined ? files[0] : files.find(({ path }) => path === place);
  // Without any file yet, the first folder is where one is made.
  const home = file ? undefined : (folders.find(({ path }) => newKey(path) === place) ?? folders[0]);
  // The default is offered where it is not taken.
  const shownName = fileName ?? (home && isTaken(files, home) ? '' : DEFAULT_NAME);
  const loaded = origin && file?.path === origin.file ? callOf(file, origin.folder, origin.name) : undefined;
  const same = file && callOf(file, folder.trim(), name.trim());
  const canSave = name.trim() !== '' && (file !== undefined || shownName.trim() !== '');
  const save = async (isNew: boolean, keepSecrets: boolean): Promise<void> => {
    if (!canSave) return;
    const replaced = isNew ? undefined : (loaded ?? same);
    const outcome = await model.act(() =>
      model.host.api.saveCall({
        ...(file ? { file: file.path } : home ? { newFile: { folder: home.path, name: shownName.trim() } } : {}),
        ...(replaced ? { id: replaced.id } : {}),
        name: name.trim(),
        folder: folder.trim(),
        target: editor.sent(),
        argumentsText: editor.draft.text.peek(),
        asTask: editor.asTask.peek(),
        keepSecrets,
      }),
    );
    if (outcome?.kind === 'saved') {
      await model.isSavedAs(editor, outcome.id);
      model.side.value = 'saved';
      onClose();
    } else if (outcome?.kind === 'secrets') setRefusal({ text: words.secrets(outcome.paths), canKeep: true, isNew });
    else if (outcome) setRefusal({ text: outcome.message, canKeep: false, isNew });
  };
  return (
    <form
      class="save-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save(false, false);
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
        <select class="select-box" value={file?.path ?? (home ? newKey(home.path) : '')} onChange={(event) => setPlace(event.currentTarget.value)}>
          {files.map(({ path, label }) => (
            <option key={path} value={path}>
              {visibleLine(label)}
            </option>
          ))}
          {folders.map((one) => (
            <option key={one.path} value={newKey(one.path)}>
              {words.newFile(folders.length > 1 ? visibleLine(one.name) : undefined)}
            </option>
          ))}
        </select>
      </label>
      {!file && (
        <label>
          <span>{words.fileName}</span>
          <input type="text" class="text-box" value={shownName} onInput={(event) => setFileName(event.currentTarget.value)} />
        </label>
      )}
      <p class="dim">{words.variables}</p>
      {refusal && (
        <p class="field-problem" role="alert">
          <Icon name="warning" /> <span>{visibleLine(refusal.text)}</span>
        </p>
      )}
      <div class="run-buttons">
        <button type="submit" class="text-button primary" disabled={!canSave}>
          {same && !loaded ? words.replace : words.save}
        </button>
        {loaded && (
          <button type="button" class="text-button" disabled={!canSave || same !== undefined} onClick={() => void save(true, false)}>
            {words.saveAsNew}
          </button>
        )}
        {refusal?.canKeep && (
          <button type="button" class="text-button" onClick={() => void save(refusal.isNew, true)}>
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

/** Of a folder among the choices, where paths of files stand too. */
function newKey(folder: string): string {
  return `new ${folder}`;
}

function isTaken(files: readonly SavedFile[], { path }: SaveFolder): boolean {
  return files.some((file) => file.path.startsWith(path) && /[/\\]calls\.json$/.test(file.path));
}

function callOf({ calls }: SavedFile, folder: string, name: string): SavedCall | undefined {
  return calls.find((call) => call.name === name && call.folder === folder);
}

const focused = new WeakSet<Element>();

function focusOnce(element: HTMLInputElement | null): void {
  if (!element || focused.has(element)) return;
  focused.add(element);
  element.focus();
}
