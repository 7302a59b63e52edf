/**
 * Owns routing as the rest of the product sees it: plan, look, apply; undo; backups; recovery. Nothing here runs unless it
 * is called, and only `apply`, `recover` and `deleteBackup` write. One change at a time, over all windows.
 */
import * as path from 'node:path';
import { systemClock, type Clock } from '../../util/clock';
import { AppError } from '../../util/errors';
import { applyPlan, recover, type ApplyContext } from './applyPlan';
import { hashOf, isMissing, nodeRoutingFs, realFileOf, snapshotOf, type RoutingFs } from './files';
import { LedgerFile, neededBackups, type BackupInfo, type RoutingRecord } from './ledger';
import { RoutingLock } from './lock';
import { textOf, type ChangePlan } from './plan';
import { planPoint, planRoute, type PointRequest, type RouteRequest } from './planRoute';
import { planUndo } from './planUndo';
import { reason } from './drafts';

export interface RoutingOptions {
  /** The extension's global storage folder; made when something is first written. */
  readonly storageDir: string;
  /** Unix epoch, milliseconds. */
  readonly now: () => number;
  /** Letters, digits, `_` and `-`; never twice the same. */
  readonly randomId: () => string;
  /** Workspace Trust: without it nothing is routed. Undoing and restoring go on. */
  readonly isTrusted: () => boolean;
  readonly platform?: NodeJS.Platform;
  readonly fs?: RoutingFs;
  /** For the lock, which is renewed while it is held. */
  readonly timer?: Clock['timer'];
}

export interface Backup extends BackupInfo {
  /** An undo of what is routed now needs it: it cannot be deleted. */
  readonly isNeeded: boolean;
}

export interface Routing {
  /** Where servers of the user go: an `mcp-shark.json` in the storage folder. */
  readonly userFile: string;
  /** What is routed, oldest first. */
  records(): Promise<readonly RoutingRecord[]>;
  planRoute(request: RouteRequest): Promise<ChangePlan>;
  planPoint(request: PointRequest): Promise<ChangePlan>;
  /** `except`: files to leave as they are. */
  planUndo(which: 'all' | readonly string[], except?: ReadonlySet<string>): Promise<ChangePlan>;
  planRestore(backup: string): Promise<ChangePlan>;
  /**
   * All files of the plan or none. Rejects with AppError `server.notAllowed` (the workspace is not trusted),
   * `routing.changed` (a file has changed since the plan),
   * `routing.notWritable`, `routing.busy` (another window is at it), `routing.failed` or `routing.ledger`.
   */
  apply(plan: ChangePlan): Promise<void>;
  /** To be called once at start: finishes or takes back what a crash left half done. Gives files it had to leave alone. */
  recover(): Promise<readonly string[]>;
  /** Newest first. */
  backups(): Promise<readonly Backup[]>;
  readBackup(id: string): Promise<Uint8Array>;
  deleteBackup(id: string): Promise<void>;
}

export const USER_FILE_NAME = 'mcp-shark.json';

/** The file of the user's own servers, for the registry. */
export function userServersFile(storageDir: string): string {
  return path.join(storageDir, USER_FILE_NAME);
}

export function createRouting(options: RoutingOptions): Routing {
  return new FileRouting(options);
}

class FileRouting implements Routing {
  readonly userFile: string;
  readonly #context: ApplyContext;
  readonly #lock: RoutingLock;

  constructor(private readonly options: RoutingOptions) {
    const { fs = nodeRoutingFs, storageDir, randomId, now, timer = systemClock.timer } = options;
    this.#lock = new RoutingLock({ fs, storageDir, randomId, now, timer });
    this.userFile = userServersFile(storageDir);
    this.#context = { fs, ledger: new LedgerFile(fs, storageDir, randomId), randomId, now };
  }

  async records(): Promise<readonly RoutingRecord[]> {
    return (await this.#context.ledger.read()).records;
  }

  planRoute(request: RouteRequest): Promise<ChangePlan> {
    return planRoute(this.#planContext(), request);
  }

  planPoint(request: PointRequest): Promise<ChangePlan> {
    return planPoint(this.#planContext(), request);
  }

  async planUndo(which: 'all' | readonly string[], except?: ReadonlySet<string>): Promise<ChangePlan> {
    const { fs, randomId } = this.#context;
    const context = { fs, id: randomId(), backup: (id: string, hash: string) => this.#checkedBackup(id, hash) };
    return planUndo(context, await this.records(), which, except);
  }

  async planRestore(id: string): Promise<ChangePlan> {
    const info = await this.#info(id);
    const { fs, randomId } = this.#context;
    const bytes = await this.#checkedBackup(id, info.hash);
    const snapshot = await snapshotOf(fs, info.file);
    const real = await realFileOf(fs, info.file);
    const file = {
      file: info.file,
      ...(path.basename(real) === path.basename(info.file) ? {} : { linkTo: real }),
      client: path.basename(info.file),
      format: 'jsonc' as const,
      before: textOf(snapshot),
      after: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes),
      snapshot,
      bytes,
      mode: info.mode,
      changes: [],
      emptyFolders: [],
    };
    const isSame = snapshot.kind === 'file' && snapshot.hash === info.hash;
    return { id: randomId(), kind: 'restore', files: isSame ? [] : [file], notes: [], problems: [], servers: [] };
  }

  async apply(plan: ChangePlan): Promise<void> {
    if ((plan.kind === 'route' || plan.kind === 'point') && !this.options.isTrusted()) {
      throw new AppError('server.notAllowed', 'This workspace is not trusted: no configuration is changed for it. Trust the workspace first.');
    }
    await this.#lock.run(async () => {
      await recover(this.#context);
      await applyPlan(this.#context, plan);
    });
  }

  async recover(): Promise<readonly string[]> {
    // Without a ledger there is nothing to recover, and no folder to make a lock in.
    if (!(await this.#context.ledger.read()).pending) return [];
    return this.#lock.run(() => recover(this.#context));
  }

  async backups(): Promise<readonly Backup[]> {
    const { backups, records, pending } = await this.#context.ledger.read();
    const needed = neededBackups(records, pending);
    return backups.map((info) => ({ ...info, isNeeded: needed.has(info.id) })).toReversed();
  }

  async readBackup(id: string): Promise<Uint8Array> {
    return this.#checkedBackup(id, (await this.#info(id)).hash);
  }

  deleteBackup(id: string): Promise<void> {
    return this.#lock.run(async () => {
      const { ledger, fs } = this.#context;
      const found = await ledger.read();
      if (neededBackups(found.records, found.pending).has(id)) {
        throw new AppError('routing.failed', 'This backup is needed to undo what is routed now. Undo that first.');
      }
      await this.#info(id);
      await ledger.write({ ...found, backups: found.backups.filter((info) => info.id !== id) });
      await fs.unlink(ledger.backupFile(id)).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
    });
  }

  #planContext(): { fs: RoutingFs; userFile: string; platform: NodeJS.Platform; id: string } {
    const { fs, randomId } = this.#context;
    return { fs, userFile: this.userFile, platform: this.options.platform ?? process.platform, id: randomId() };
  }

  async #info(id: string): Promise<BackupInfo> {
    const info = (await this.#context.ledger.read()).backups.find((backup) => backup.id === id);
    if (!info) throw new AppError('notFound', 'There is no such backup.');
    return info;
  }

  async #checkedBackup(id: string, hash: string): Promise<Uint8Array> {
    const file = this.#context.ledger.backupFile(id);
    const bytes = await this.#context.fs.read(file).catch((error: unknown) => {
      throw new AppError('routing.failed', `The backup ${file} cannot be read: ${reason(error)}.`, { cause: error });
    });
    if (hashOf(bytes) !== hash) throw new AppError('routing.failed', `The backup ${file} is damaged.`);
    return bytes;
  }
}
