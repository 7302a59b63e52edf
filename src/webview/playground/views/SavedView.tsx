/** Owns the list of saved calls by file and folder: run, load, delete, and the values of their variables. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { SavedCall, SavedFile } from '../../../extension/contract/playgroundSaved';
import { Icon, IconButton } from '../../components/Icon';
import type { MenuController } from '../../components/Menu';
import { ServerDot } from '../../components/ServerDot';
import { Stage } from '../../components/Stage';
import { visibleLine } from '../../components/visibleText';
import { placeOf } from '../model/drafts';
import type { PlaygroundModel } from '../model/playgroundModel';
import { strings } from '../strings';
import { MenuButton } from './CatalogView';

const words = strings.saved;

interface SavedProps {
  readonly model: PlaygroundModel;
  readonly menus: MenuController;
}

export function SavedView({ model, menus }: SavedProps): VNode {
  const files = model.saved.value;
  if (!files) return <p class="panel-note delayed">{strings.stage.loading}</p>;
  if (files.length === 0) return <Stage title={words.noneTitle} text={words.noneText} />;
  return (
    <div class="side-scroll">
      {files.map((file) => (
        <FileSection key={file.path} file={file} model={model} menus={menus} />
      ))}
    </div>
  );
}

function FileSection({ file, model, menus }: SavedProps & { readonly file: SavedFile }): VNode {
  const [isOpen, setOpen] = useState(true);
  const names = [...new Set([...Object.keys(file.variables), ...file.calls.flatMap(({ variables }) => variables)])];
  return (
    <section>
      <div class="side-section">
        <button type="button" class="side-section-name" aria-expanded={isOpen} title={file.label} onClick={() => setOpen(!isOpen)}>
          <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} />
          <span>{visibleLine(file.name)}</span>
        </button>
        <IconButton icon="go-to-file" label={words.openFile} onPress={() => void model.act(() => model.host.api.openSaved(file.path, undefined))} />
      </div>
      {isOpen && (
        <>
          {file.problems.map(({ line, message }) => (
            <button key={`${line} ${message}`} type="button" class="side-problem" onClick={() => void model.act(() => model.host.api.openSaved(file.path, line))}>
              <Icon name="error" class="failed" /> {words.problem(line, visibleLine(message))}
            </button>
          ))}
          <ul class="side-list" aria-label={visibleLine(file.name)}>
            {[...foldersOf(file.calls)].map(([folder, calls]) => (
              <Folder key={`folder ${folder}`} name={folder} calls={calls} model={model} menus={menus} />
            ))}
            {file.calls
              .filter(({ folder }) => folder === '')
              .map((call) => (
                <CallLine key={call.id} call={call} model={model} menus={menus} />
              ))}
          </ul>
          {names.length > 0 && <Variables file={file} names={names} model={model} />}
        </>
      )}
    </section>
  );
}

/** Folders in the order in which they first appear in the file. */
function foldersOf(calls: readonly SavedCall[]): ReadonlyMap<string, readonly SavedCall[]> {
  const folders = new Map<string, SavedCall[]>();
  for (const call of calls) {
    if (call.folder === '') continue;
    const known = folders.get(call.folder);
    if (known) known.push(call);
    else folders.set(call.folder, [call]);
  }
  return folders;
}

function Folder({ name, calls, model, menus }: SavedProps & { readonly name: string; readonly calls: readonly SavedCall[] }): VNode {
  const [isOpen, setOpen] = useState(true);
  return (
    <>
      <li class="side-folder">
        <button type="button" class="side-folder-name" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} />
          <span>{visibleLine(name)}</span>
        </button>
      </li>
      {isOpen && calls.map((call) => <CallLine key={call.id} call={call} model={model} menus={menus} />)}
    </>
  );
}

function CallLine({ call, model, menus }: SavedProps & { readonly call: SavedCall }): VNode {
  const [isDeleting, setDeleting] = useState(false);
  const load = (): void => model.open(call.target, call.argumentsText, placeOf(call), call.asTask);
  if (isDeleting) {
    return (
      <li class="side-confirm">
        <span>{words.confirmDelete(visibleLine(call.name))}</span>
        <span class="side-confirm-actions">
          <button type="button" class="link-button" onClick={() => void model.act(() => model.host.api.deleteCall(call.id))}>
            {words.confirm}
          </button>
          <button type="button" class="link-button" onClick={() => setDeleting(false)}>
            {words.keep}
          </button>
        </span>
      </li>
    );
  }
  return (
    <li class={call.folder === '' ? 'side-item' : 'side-item nested'}>
      <button type="button" class="side-item-main" title={`${words.edit}\n${visibleLine(call.target.server)} · ${visibleLine(call.target.name)}`} onClick={load}>
        <ServerDot name={call.target.server} />
        <span class="side-item-name">{visibleLine(call.name)}</span>
        <span class="side-item-end">{visibleLine(call.target.name)}</span>
      </button>
      <IconButton icon="play" label={`${words.run} ${visibleLine(call.name)}`} onPress={() => void model.runSaved(call.id)} />
      <MenuButton
        menus={menus}
        label={words.more}
        entries={() => [
          { label: words.run, onSelect: () => void model.runSaved(call.id) },
          { label: words.edit, onSelect: load },
          { label: words.openFile, onSelect: () => void model.act(() => model.host.api.openSaved(call.file, call.line)) },
          'separator',
          { label: words.delete, onSelect: () => setDeleting(true) },
        ]}
      />
    </li>
  );
}

/** Written when the input is left; a value that looks like a secret is refused by the host, which says why. */
function Variables({ file, names, model }: { readonly file: SavedFile; readonly names: readonly string[]; readonly model: PlaygroundModel }): VNode {
  const [refusal, setRefusal] = useState<string>();
  const set = async (name: string, value: string): Promise<void> => {
    if (value === (file.variables[name] ?? '')) return;
    const outcome = await model.act(() => model.host.api.setVariable(file.path, name, value === '' ? undefined : value));
    setRefusal(outcome?.kind === 'problem' ? outcome.message : outcome?.kind === 'secrets' ? strings.save.secrets([name]) : undefined);
  };
  return (
    <div class="side-variables">
      <h4>{words.variables}</h4>
      {names.map((name) => (
        <label key={name} class="side-variable" title={words.variable(name)}>
          <span>{visibleLine(name)}</span>
          <input type="text" class="text-box" aria-label={words.variable(name)} defaultValue={file.variables[name] ?? ''} onBlur={(event) => void set(name, event.currentTarget.value)} onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()} />
        </label>
      ))}
      {refusal && (
        <p class="field-problem" role="alert">
          <Icon name="warning" /> <span>{refusal}</span>
        </p>
      )}
    </div>
  );
}
