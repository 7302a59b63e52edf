/**
 * Owns the saved calls of the workspace: all files in `.vscode/mcp-shark/` of its folders, kept current while a team
 * edits them, written atomically. Links are not followed: a repository must not make MCP Shark write elsewhere.
 */
import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, realpath } from 'node:fs/promises';
import * as path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { isRaw } from '../contract/playgroundRuns';
import type { SavedCall, SavedCallDraft, SavedFile, SaveFolder, SaveOutcome } from '../contract/playgroundSaved';
import { SerialQueue } from '../util/async';
import { AppError, messageOf } from '../util/errors';
import { Emitter } from '../util/event';
import type { Disposable } from '../util/lifecycle';
import { argumentsOf, checkSyntax } from './arguments';
import { secretPaths } from './secretPaths';
import { EMPTY_FILE, folderOf, MAX_FILE_BYTES, parseSavedFile, withCall, withoutCall, withVariable, type ParsedFile } from './savedFile';

const MAX_FILES = 200;
const FOLDER = ['.vscode', 'mcp-shark'] as const;
const DEFAULT_NAME = 'calls';
/** What every file system takes. */
const FILE_NAME = /^[\w-](?:[\w .-]{0,78}[\w-])?$/;

export interface SavedCallsOptions {
  /** Absolute paths of the workspace's folders. */
  readonly folders: () => readonly { readonly path: string; readonly name: string }[];
  readonly redact: (text: string) => string;
}

interface Known {
  readonly file: SavedFile;
  readonly parsed: ParsedFile;
  readonly text: string;
}

export class SavedCalls implements Disposable {
  readonly #changed = new Emitter<void>();
  readonly #queue = new SerialQueue();
  #known: readonly Known[] = [];
  #revision = 0;
  #isLoaded = false;
  readonly onDidChange = this.#changed.event;

  constructor(private readonly options: SavedCallsOptions) {}

  get revision(): number {
    return this.#revision;
  }

  async files(): Promise<readonly SavedFile[]> {
    if (!this.#isLoaded) await this.reload();
    return this.#known.map(({ file }) => file);
  }

  /** Reads all files anew; tells where one has changed. Never rejects. */
  reload(): Promise<void> {
    return this.#queue.run(() => this.#reload());
  }

  async #reload(): Promise<void> {
    this.#isLoaded = true;
    const folders = this.options.folders();
    const lists = await Promise.all(folders.map((folder) => readFolder(folder, folders.length > 1)));
    const known = lists.flat().slice(0, MAX_FILES);
    const same = JSON.stringify(known.map(({ file }) => file)) === JSON.stringify(this.#known.map(({ file }) => file));
    this.#known = known;
    if (same) return;
    this.#revision++;
    this.#changed.fire();
  }

  /** Where files can be made. */
  get folders(): readonly SaveFolder[] {
    return this.options.folders();
  }

  /** A call by its id. Rejects with `notFound` where its file has changed since. */
  async find(id: string): Promise<{ readonly call: SavedCall; readonly variables: Readonly<Record<string, string>> }> {
    for (const { calls, variables } of await this.files()) {
      const call = calls.find((one) => one.id === id);
      if (call) return { call, variables };
    }
    throw changed();
  }

  save(draft: SavedCallDraft): Promise<SaveOutcome> {
    return this.#queue.run(async () => {
      const name = draft.name.trim();
      if (name === '' || name.length > 200) return { kind: 'problem', message: 'Give the call a name of at most 200 characters.' };
      if (draft.newFile && !FILE_NAME.test(draft.newFile.name.trim())) return { kind: 'problem', message: 'Name the file with letters, digits, blanks, "_", "-" and ".", 80 at most.' };
      const syntax = checkSyntax(argumentsOf(draft.argumentsText), isRaw(draft.target.kind));
      if (syntax.kind === 'syntax') return { kind: 'problem', message: `The arguments are no JSON: ${syntax.message} (line ${syntax.line})` };
      const secrets = draft.keepSecrets ? [] : secretPaths(draft.argumentsText, this.options.redact);
      if (secrets.length > 0) return { kind: 'secrets', paths: secrets };
      const call = { ...draft, name, folder: folderOf(draft.folder) };
      const place = draft.id === undefined ? undefined : this.#place(draft.id);
      const file = place?.known.file.path ?? draft.file ?? this.#newFile(draft.newFile);
      return this.#write(file, (text) => withCall(text, call, place?.index), (parsed) =>
        place ? parsed.calls.find(({ index }) => index === place.index) : parsed.calls.findLast((one) => one.name === name),
      );
    });
  }

  delete(id: string): Promise<void> {
    return this.#queue.run(async () => {
      const { known, index } = this.#place(id);
      const outcome = await this.#write(known.file.path, (text) => withoutCall(text, index), () => undefined);
      if (outcome.kind === 'problem') throw new AppError('query.invalid', outcome.message);
    });
  }

  setVariable(file: string, name: string, value: string | undefined): Promise<SaveOutcome> {
    return this.#queue.run(async () => {
      if (!/^[A-Za-z_][\w.-]{0,63}$/.test(name)) return { kind: 'problem', message: 'Names of variables have letters, digits, "_", "." and "-".' };
      if (value !== undefined && secretPaths(JSON.stringify({ [name]: value }), this.options.redact).length > 0) return { kind: 'secrets', paths: [`/${name}`] };
      return this.#write(file, (text) => withVariable(text, name, value), () => undefined);
    });
  }

  /** Changes a file as it is on disk now, if it is still the one that was shown. */
  async #write(file: string, change: (text: string) => string, made: (parsed: ParsedFile) => { readonly index: number } | undefined): Promise<SaveOutcome> {
    const folder = this.options.folders().find((one) => path.dirname(file) === path.join(one.path, ...FOLDER));
    if (!folder || !/^[^/\\]+\.json$/.test(path.basename(file))) return { kind: 'problem', message: 'Saved calls are kept in .vscode/mcp-shark/ of a folder of the workspace.' };
    try {
      await mkdir(path.dirname(file), { recursive: true });
      const home = await realpath(folder.path);
      if ((await realpath(path.dirname(file))) !== path.join(home, ...FOLDER)) return { kind: 'problem', message: '.vscode/mcp-shark is a link; nothing is written through links.' };
      const stat = await lstat(file).catch(() => undefined);
      if (stat && !stat.isFile()) return { kind: 'problem', message: `${path.basename(file)} is no plain file.` };
      const known = this.#known.find((one) => one.file.path === file);
      const text = stat ? await readFile(file, 'utf8') : EMPTY_FILE;
      if (known && known.text !== text) {
        await this.#reload();
        return { kind: 'problem', message: `${path.basename(file)} has changed meanwhile; look at it and try again.` };
      }
      if (parseSavedFile(text).isBroken) return { kind: 'problem', message: `${path.basename(file)} has a problem; correct it first.` };
      const next = change(text);
      if (parseSavedFile(next).isBroken) return { kind: 'problem', message: `${path.basename(file)} could not be changed.` };
      if (Buffer.byteLength(next) > MAX_FILE_BYTES) return { kind: 'problem', message: `${path.basename(file)} would be larger than 1 MB; save to another file.` };
      if (next !== text || !stat) await writeFileAtomic(file, next);
      await this.#reload();
      const written = made(parseSavedFile(next));
      return { kind: 'saved', id: written ? idOf(file, next, written.index) : '' };
    } catch (error) {
      return { kind: 'problem', message: `${path.basename(file)} could not be written: ${messageOf(error)}` };
    }
  }

  #place(id: string): { readonly known: Known; readonly index: number } {
    for (const known of this.#known) {
      const at = known.file.calls.findIndex((call) => call.id === id);
      if (at >= 0) return { known, index: known.parsed.calls[at]!.index };
    }
    throw changed();
  }

  #newFile(asked: SavedCallDraft['newFile']): string {
    const folders = this.options.folders();
    const folder = asked ? folders.find((one) => one.path === asked.folder) : folders[0];
    if (!folder) throw new AppError('notFound', 'Calls are saved in a folder of the workspace; open one first.');
    return path.join(folder.path, ...FOLDER, `${asked?.name.trim() ?? DEFAULT_NAME}.json`);
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

async function readFolder(folder: { readonly path: string; readonly name: string }, isOneOfMany: boolean): Promise<Known[]> {
  const home = path.join(folder.path, ...FOLDER);
  const entries = await readdir(home, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.name.endsWith('.json')).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return Promise.all(
    names.slice(0, MAX_FILES).map(async (entry) => {
      const file = path.join(home, entry.name);
      const text = entry.isFile() ? await readBounded(file) : { problem: 'This is a link or no file, and is not read.' };
      const parsed: ParsedFile =
        'problem' in text
          ? { name: undefined, variables: {}, calls: [], problems: [{ line: 1, column: 1, message: text.problem }], isBroken: true }
          : parseSavedFile(text.text);
      const content = 'text' in text ? text.text : '';
      const label = [...(isOneOfMany ? [folder.name] : []), ...FOLDER, entry.name].join('/');
      return { text: content, parsed, file: savedFile(file, label, content, parsed) };
    }),
  );
}

async function readBounded(file: string): Promise<{ readonly text: string } | { readonly problem: string }> {
  try {
    const { size } = await lstat(file);
    if (size > MAX_FILE_BYTES) return { problem: 'The file is larger than 1 MB, and is not read.' };
    return { text: await readFile(file, 'utf8') };
  } catch (error) {
    return { problem: `The file cannot be read: ${messageOf(error)}` };
  }
}

function savedFile(file: string, label: string, text: string, parsed: ParsedFile): SavedFile {
  return {
    path: file,
    label,
    name: parsed.name ?? path.basename(file, '.json'),
    variables: parsed.variables,
    calls: parsed.calls.map(({ index, ...call }) => ({ ...call, id: idOf(file, text, index), file })),
    problems: parsed.problems,
  };
}

/** Another one as soon as the file says anything else: what a view holds cannot mean another call by then. */
function idOf(file: string, text: string, index: number): string {
  return createHash('sha256').update(`${file}\0${index}\0${text}`).digest('base64url').slice(0, 22);
}

function changed(): AppError {
  return new AppError('notFound', 'The file of this saved call has changed. Look at the list again.');
}
