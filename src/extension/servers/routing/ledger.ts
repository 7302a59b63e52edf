/**
 * Owns the ledger: what was routed, from where, and which backups there are. One JSON file for each user (in the global
 * storage folder), replaced atomically, readable by the user alone. It holds hashes, never what stands in a configuration;
 * the backups beside it hold that.
 *
 * Invariant: while `pending` is there, a change of files may be half done, and `recover` can finish or undo it.
 */
import * as path from 'node:path';
import { AppError } from '../../util/errors';
import type { DocumentFormat } from '../import/document';
import type { Address } from '../import/types';
import { isMissing, replaceFile, type RoutingFs } from './files';

/** What was changed in a document, so that it can be taken back when the document has been edited since. */
export type Change =
  /** Taken out; the backup has its text. `to`: where it stands instead. */
  | { readonly op: 'take'; readonly address: Address; readonly to?: RoutedTo }
  /**
   * Put in; `hash` of its value, `core` of what came from the source (see `withoutOwnKeys`). `made`: length of the path
   * of the outermost container that was made for it.
   */
  | { readonly op: 'put'; readonly address: Address; readonly hash: string; readonly core?: string; readonly made?: number };

/** A server in an `mcp-shark.json`. */
export interface RoutedTo {
  readonly file: string;
  readonly name: string;
}

export type FileState =
  | { readonly kind: 'missing' }
  | { readonly kind: 'file'; readonly hash: string; readonly mode: number; readonly backup?: string };

export interface RecordedFile {
  readonly file: string;
  readonly client: string;
  readonly format: DocumentFormat;
  readonly before: FileState;
  readonly after: FileState;
  readonly changes: readonly Change[];
  /** Folders that were made for it, outermost first. */
  readonly folders: readonly string[];
  /** An earlier record, undone since, made the file: it goes when nothing is left in it. */
  readonly isOurs?: boolean;
}

export interface RoutingRecord {
  readonly id: string;
  /** Unix epoch, milliseconds. */
  readonly atMs: number;
  readonly kind: 'route' | 'point';
  /** Names of the servers that were routed. */
  readonly servers: readonly string[];
  readonly files: readonly RecordedFile[];
}

export interface BackupInfo {
  readonly id: string;
  readonly file: string;
  readonly atMs: number;
  readonly bytes: number;
  readonly hash: string;
  readonly mode: number;
}

export interface PendingFile {
  readonly file: string;
  readonly before: FileState;
  readonly after: FileState;
  readonly folders: readonly string[];
}

export interface Pending {
  readonly id: string;
  readonly files: readonly PendingFile[];
  /** The records once it is done. */
  readonly records: readonly RoutingRecord[];
}

export interface Ledger {
  readonly version: 1;
  /** Oldest first. */
  readonly records: readonly RoutingRecord[];
  /** Oldest first. */
  readonly backups: readonly BackupInfo[];
  readonly pending?: Pending;
}

export const LEDGER_NAME = 'routing.json';
export const BACKUPS_NAME = 'routing-backups';
/** Kept at most, besides those that an undo needs. */
export const MAX_SPARE_BACKUPS = 50;

const EMPTY: Ledger = { version: 1, records: [], backups: [] };

export class LedgerFile {
  readonly file: string;

  constructor(
    private readonly fs: RoutingFs,
    private readonly storageDir: string,
    private readonly randomId: () => string,
  ) {
    this.file = path.join(storageDir, LEDGER_NAME);
  }

  /** Rejects with AppError `routing.ledger` where it is damaged or of a newer version. */
  async read(): Promise<Ledger> {
    let text: string;
    try {
      text = new TextDecoder().decode(await this.fs.read(this.file));
    } catch (error) {
      if (isMissing(error)) return EMPTY;
      throw error;
    }
    const ledger = parse(text);
    if (!ledger) {
      const hint = `Restore the files from ${BACKUPS_NAME} beside it by hand, then delete it.`;
      throw new AppError('routing.ledger', `The list of what was routed (${this.file}) cannot be read. ${hint}`);
    }
    if (ledger.version !== 1) {
      throw new AppError('routing.ledger', `The list of what was routed (${this.file}) was written by a newer version of MCP Shark. Update the extension.`);
    }
    return ledger;
  }

  async write(ledger: Ledger): Promise<void> {
    await this.fs.mkdir(this.storageDir, 0o700);
    await replaceFile(this.fs, this.file, new TextEncoder().encode(`${JSON.stringify(ledger, undefined, 2)}\n`), 0o600, this.randomId());
  }

  backupFile(id: string): string {
    if (!/^[A-Za-z0-9_-]+$/.test(id)) throw new AppError('notFound', 'There is no such backup.');
    return path.join(this.storageDir, BACKUPS_NAME, `${id}.bak`);
  }

  get backupDir(): string {
    return path.join(this.storageDir, BACKUPS_NAME);
  }
}

function parse(text: string): Ledger | undefined {
  try {
    const value = JSON.parse(text) as Partial<Ledger> | null;
    if (typeof value?.version !== 'number') return undefined;
    if (value.version === 1 && !(Array.isArray(value.records) && Array.isArray(value.backups))) return undefined;
    return value as Ledger;
  } catch {
    return undefined;
  }
}

/** Backups that an undo of what is routed now needs. */
export function neededBackups(records: readonly RoutingRecord[], pending?: Pending): ReadonlySet<string> {
  const files = [...records, ...(pending?.records ?? [])].flatMap((record) => record.files);
  const states = [...files.map(({ before }) => before), ...(pending?.files ?? []).map(({ before }) => before)];
  return new Set(states.flatMap((state) => (state.kind === 'file' && state.backup !== undefined ? [state.backup] : [])));
}
