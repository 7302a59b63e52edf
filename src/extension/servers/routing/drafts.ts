/** Owns the files of a plan while it is made: each is read once, edited in memory, and compared in the end. */
import * as path from 'node:path';
import { messageOf } from '../../util/errors';
import { canonicalJson } from '../fingerprint';
import { decode } from '../import/configFiles';
import type { DocumentFormat } from '../import/document';
import { EndpointError } from '../import/strategyParts';
import type { Address } from '../import/types';
import { DocumentEdit, EditError, type Content } from './editor';
import { hashOf, realFileOf, snapshotOf, type RoutingFs, type Snapshot } from './files';
import type { Change, RoutedTo } from './ledger';
import { textOf, type PlannedFile, type PlanNote } from './plan';

export function hashOfValue(value: unknown): string {
  return hashOf(new TextEncoder().encode(canonicalJson(value)));
}

export class Draft {
  readonly #changes: Change[] = [];
  readonly edit: DocumentEdit;

  constructor(
    readonly file: string,
    readonly client: string,
    readonly format: DocumentFormat,
    readonly linkTo: string | undefined,
    readonly snapshot: Snapshot,
    private readonly newMode: number,
  ) {
    const reading = snapshot.kind === 'file' ? decode(snapshot.bytes) : { kind: 'text' as const, text: '' };
    if (reading.kind !== 'text') throw new EditError(reading.kind === 'unreadable' ? reading.message : 'It has gone');
    this.edit = new DocumentEdit(reading.text, format);
  }

  /** `core`: what of the value an undo is to know again, where that is not all of it. */
  put(address: Address, content: Content, core?: unknown): void {
    const made = this.#missing(address.container);
    this.edit.put(address, content);
    const change = { op: 'put', address, hash: hashOfValue(content.value), ...(core === undefined ? {} : { core: hashOfValue(core) }) } as const;
    this.#changes.push(made <= address.container.length ? { ...change, made } : change);
  }

  take(address: Address): void {
    this.edit.remove(address);
    this.#changes.push({ op: 'take', address });
  }

  /** Says where what was taken out last stands now. */
  tookTo(to: RoutedTo): void {
    const last = this.#changes.at(-1);
    if (last?.op === 'take') this.#changes[this.#changes.length - 1] = { ...last, to };
  }

  /** Gives what takes back all that is done from now on. */
  checkpoint(): () => void {
    const { text } = this.edit;
    const count = this.#changes.length;
    return () => {
      this.edit.restore(text);
      this.#changes.length = count;
    };
  }

  /** Length of the path of the outermost container that does not exist; more than there are where all do. */
  #missing(container: readonly string[]): number {
    return container.findIndex((_, depth) => this.edit.isEmptyAt(container.slice(0, depth + 1)) === undefined) + 1 || container.length + 1;
  }

  planned(): PlannedFile | undefined {
    const before = textOf(this.snapshot);
    const after = this.edit.text;
    if (after === (before ?? '')) return undefined;
    return {
      file: this.file,
      ...(this.linkTo === undefined ? {} : { linkTo: this.linkTo }),
      client: this.client,
      format: this.format,
      before,
      after,
      snapshot: this.snapshot,
      bytes: new TextEncoder().encode(after),
      mode: this.snapshot.kind === 'file' ? this.snapshot.mode : this.newMode,
      changes: this.#changes,
      emptyFolders: [],
    };
  }
}

export class Drafts {
  readonly #drafts = new Map<string, Draft | string>();
  readonly notes: PlanNote[] = [];
  readonly problems: PlanNote[] = [];

  constructor(private readonly fs: RoutingFs) {}

  /** `undefined`: it cannot be edited, which is among the problems then. `newMode`: permission bits if it must be made. */
  async open(file: string, client: string, format: DocumentFormat, newMode = 0o644): Promise<Draft | undefined> {
    const known = this.#drafts.get(file);
    if (known !== undefined) return typeof known === 'string' ? undefined : known;
    try {
      const real = await realFileOf(this.fs, file);
      // Folders on the way may be links too; only a link that is the file itself is worth a word.
      const isLink = path.basename(real) !== path.basename(file) || (await this.#isLink(file));
      const draft = new Draft(file, client, format, isLink ? real : undefined, await snapshotOf(this.fs, file), newMode);
      if (isLink) this.notes.push({ file, message: `It is a link: ${real} is what changes.` });
      this.#drafts.set(file, draft);
      return draft;
    } catch (error) {
      const message = `${reason(error)}.`;
      this.#drafts.set(file, message);
      this.problems.push({ file, message });
      return undefined;
    }
  }

  /** Runs an edit; says so in the problems where it is refused. */
  attempt(file: string, server: string | undefined, edit: () => void): boolean {
    try {
      edit();
      return true;
    } catch (error) {
      if (!(error instanceof EditError || error instanceof EndpointError)) throw error;
      this.problems.push({ file, ...(server === undefined ? {} : { server }), message: `${error.message}.` });
      return false;
    }
  }

  planned(): PlannedFile[] {
    return [...this.#drafts.values()].flatMap((draft) => (typeof draft === 'string' ? [] : (draft.planned() ?? [])));
  }

  async #isLink(file: string): Promise<boolean> {
    return this.fs.lstat(file).then(
      ({ isLink }) => isLink,
      () => false,
    );
  }
}

/** What is wrong with a file, in words. */
export function reason(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ELOOP':
      return 'It is a link that leads back to itself: remove the link';
    case 'EACCES':
    case 'EPERM':
      return 'You have no permission to read or write it';
    case 'EROFS':
      return 'It stands on a file system that is read-only';
    case 'ENOSPC':
      return 'The disk is full';
    default:
      return messageOf(error).replace(/\.$/, '');
  }
}
