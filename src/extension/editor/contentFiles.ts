/**
 * Owns media and files taken out of messages: shown in the editor's own viewers as read-only files that exist nowhere
 * (`mcp-shark-content:`, read from the audit log or a run of the Playground whenever they are asked for), or saved where the
 * user says.
 */
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { PayloadRef } from '../contract/trafficApi';
import type { ContentFile } from '../services/callActions';
import { AppError, isAppError } from '../util/errors';
import { DisposableStore, toDisposable, type Disposable } from '../util/lifecycle';
import { CONTENT_SCHEME } from './ids';

/** A recorded message, or the result of a Playground run. */
export type ContentRef = PayloadRef | { readonly id: string; readonly part: 'run' };

/** Reads a content again. Rejects with `notFound` where it is no longer there. */
export type ReadContent = (ref: ContentRef, pointer: string) => Promise<ContentFile>;

/** Files kept for the viewer, which asks for size and bytes one after the other. */
const KEPT = 4;

const PARTS: ReadonlySet<string> = new Set<ContentRef['part']>(['request', 'response', 'upstreamRequest', 'upstreamResponse', 'run']);

/**
 * The path says which content it is, since viewers put a query of their own on the address: call or run, part of it, steps of the
 * pointer, and the name a person sees.
 */
export function contentUri({ id, part }: ContentRef, pointer: string, name: string): vscode.Uri {
  return vscode.Uri.from({ scheme: CONTENT_SCHEME, path: `/${id}/${part}${pointer}/${name}` });
}

function contentOf(path: string): { readonly ref: ContentRef; readonly pointer: string } | undefined {
  const steps = path.split('/').slice(1, -1);
  const at = steps.findIndex((step) => PARTS.has(step));
  if (at < 1) return undefined;
  const pointer = steps.slice(at + 1).map((step) => `/${step}`).join('');
  return { ref: { id: steps.slice(0, at).join('/'), part: steps[at] as ContentRef['part'] }, pointer };
}

export function registerContentFiles(read: ReadContent): Disposable {
  const files = new ContentFiles(read);
  const store = new DisposableStore();
  store.add(vscode.workspace.registerFileSystemProvider(CONTENT_SCHEME, files, { isReadonly: true, isCaseSensitive: true }));
  store.add(toDisposable(() => files.clear()));
  return store;
}

class ContentFiles implements vscode.FileSystemProvider {
  readonly #kept = new Map<string, Promise<ContentFile>>();
  readonly #never = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  /** What is recorded does not change. */
  readonly onDidChangeFile = this.#never.event;

  constructor(private readonly read: ReadContent) {}

  clear(): void {
    this.#kept.clear();
    this.#never.dispose();
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const { bytes } = await this.#file(uri);
    return { type: vscode.FileType.File, ctime: 0, mtime: 0, size: bytes.length, permissions: vscode.FilePermission.Readonly };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return (await this.#file(uri)).bytes;
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  writeFile(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  async #file(uri: vscode.Uri): Promise<ContentFile> {
    const key = uri.path;
    let file = this.#kept.get(key);
    if (!file) {
      file = this.#read(uri);
      this.#kept.set(key, file);
      file.catch(() => this.#kept.delete(key));
      for (const old of [...this.#kept.keys()].slice(0, -KEPT)) this.#kept.delete(old);
    }
    return file;
  }

  async #read(uri: vscode.Uri): Promise<ContentFile> {
    const content = contentOf(uri.path);
    if (!content) throw vscode.FileSystemError.FileNotFound(uri);
    try {
      return await this.read(content.ref, content.pointer);
    } catch (error) {
      throw isAppError(error, 'notFound') ? vscode.FileSystemError.FileNotFound(uri) : error;
    }
  }
}

/** Shows the file in the viewer for its kind; what no viewer shows is saved. */
export async function openContent(ref: ContentRef, pointer: string, file: ContentFile, how: 'open' | 'save'): Promise<void> {
  if (how === 'save' || file.family === 'other') {
    await saveContent(file);
    return;
  }
  await vscode.commands.executeCommand('vscode.open', contentUri(ref, pointer, file.name), { viewColumn: vscode.ViewColumn.Beside, preview: true } satisfies vscode.TextDocumentShowOptions);
}

/** Asks where to, and writes the file there. */
async function saveContent({ bytes, name }: ContentFile): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
  const target = await vscode.window.showSaveDialog({ title: vscode.l10n.t('Save Content'), defaultUri: vscode.Uri.joinPath(folder, name) });
  if (!target) return;
  try {
    await vscode.workspace.fs.writeFile(target, bytes);
  } catch (cause) {
    throw new AppError('internal', vscode.l10n.t('The file could not be written: {0}', target.fsPath), { cause });
  }
}
