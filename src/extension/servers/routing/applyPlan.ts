/**
 * Owns making a plan come true: all of its files or none. Order: check that nothing has changed since, write backups, note
 * in the ledger what is about to be done, write the files, note that it is done. A failure on the way takes everything
 * back at once; after a crash `recover` does, from what the ledger says.
 */
import * as path from 'node:path';
import { AppError } from '../../util/errors';
import { reason } from './drafts';
import { hashOf, isMissing, madeFolders, realFileOf, replaceFile, snapshotOf, temporaryName, type RoutingFs, type Snapshot } from './files';
import { MAX_SPARE_BACKUPS, neededBackups } from './ledger';
import type { BackupInfo, FileState, Ledger, LedgerFile, Pending, PendingFile, RecordedFile, RoutingRecord } from './ledger';
import type { ChangePlan, PlannedFile } from './plan';

export interface ApplyContext {
  readonly fs: RoutingFs;
  readonly ledger: LedgerFile;
  readonly randomId: () => string;
  readonly now: () => number;
}

/** Rejects with AppError `routing.changed`, `routing.notWritable` or `routing.failed`; then nothing is changed. */
export async function applyPlan(context: ApplyContext, plan: ChangePlan): Promise<void> {
  const { ledger, fs } = context;
  const before = await ledger.read();
  await checkFiles(fs, plan.files);
  const backups = await writeBackups(context, plan.files);
  const pending = await pendingOf(context, plan, before, backups);
  const started: Ledger = { ...before, backups: [...before.backups, ...backups.values()], pending };
  try {
    await ledger.write(started);
    const folders = new Map<string, readonly string[]>();
    for (const planned of plan.files) {
      folders.set(planned.file, await writeFile(fs, planned, plan.id));
    }
    await ledger.write(spared({ ...started, records: withFolders(pending.records, plan.id, folders), pending: undefined }));
  } catch (error) {
    const isBack = await takeBack(context, { ...started, pending }, before);
    const failedFile = (error as { routingFile?: string }).routingFile;
    const where = failedFile === undefined ? '' : `${failedFile}: `;
    const after = isBack ? 'Nothing was changed.' : 'What was changed before could not be taken back yet; it is the next time MCP Shark starts.';
    const code = ['EACCES', 'EPERM', 'EROFS'].includes(String((error as NodeJS.ErrnoException).code)) ? 'routing.notWritable' : 'routing.failed';
    throw new AppError(code, `${where}${reason(error)}. ${after}`, { cause: error, details: { file: failedFile } });
  }
  await removeEmptyFolders(fs, plan.files);
  await removeStrays(context);
}

/** Brings files and ledger back together after a crash. Gives the files that something else has changed in between. */
export async function recover(context: ApplyContext): Promise<readonly string[]> {
  const { ledger, fs } = context;
  const found = await ledger.read();
  const { pending } = found;
  if (!pending) return [];
  await Promise.all(pending.files.map(({ file }) => removeTemporary(fs, file, pending.id)));
  const states = await Promise.all(pending.files.map(async (file) => ({ file, now: await stateOf(fs, file.file) })));
  if (states.every(({ file, now }) => isState(now, file.after))) {
    // Only the last line was missing.
    await ledger.write(spared({ ...found, records: pending.records, pending: undefined }));
    return [];
  }
  const foreign = states.filter(({ file, now }) => !isState(now, file.before) && !isState(now, file.after)).map(({ file }) => file.file);
  for (const { file, now } of states) if (!foreign.includes(file.file) && !isState(now, file.before)) await restore(context, file);
  await ledger.write({ ...found, pending: undefined });
  await removeStrays(context);
  return foreign;
}

async function checkFiles(fs: RoutingFs, files: readonly PlannedFile[]): Promise<void> {
  for (const { file, snapshot, bytes } of files) {
    const now = await snapshotOf(fs, file).catch((error: unknown) => {
      throw new AppError('routing.notWritable', `${file}: ${reason(error)}. Nothing was changed.`, { cause: error, details: { file } });
    });
    if (!isSameSnapshot(now, snapshot)) {
      throw new AppError('routing.changed', `${file} has changed since the preview. Nothing was changed: look at the preview again.`, { details: { file } });
    }
    // Replacing a file does not need permission to write it, so a read-only one must be asked for.
    if (now.kind === 'file' && (now.mode & 0o222) === 0) {
      const what = bytes === undefined ? 'removed' : 'changed';
      const message = `${file} is read-only and cannot be ${what}. Nothing was changed: allow writing it, then try again.`;
      throw new AppError('routing.notWritable', message, { details: { file } });
    }
  }
}

function isSameSnapshot(a: Snapshot, b: Snapshot): boolean {
  return a.kind === 'file' && b.kind === 'file' ? a.hash === b.hash : a.kind === b.kind;
}

/** One for each file that exists, whatever is done to it. */
async function writeBackups({ fs, ledger, randomId, now }: ApplyContext, files: readonly PlannedFile[]): Promise<ReadonlyMap<string, BackupInfo>> {
  const backups = new Map<string, BackupInfo>();
  const atMs = now();
  try {
    await fs.mkdir(ledger.backupDir, 0o700);
    for (const { file, snapshot } of files) {
      if (snapshot.kind === 'missing') continue;
      const id = randomId();
      await fs.create(ledger.backupFile(id), snapshot.bytes, 0o600);
      backups.set(file, { id, file, atMs, bytes: snapshot.bytes.length, hash: snapshot.hash, mode: snapshot.mode });
    }
  } catch (error) {
    await Promise.all([...backups.values()].map(({ id }) => fs.unlink(ledger.backupFile(id)).catch(() => undefined)));
    throw new AppError('routing.failed', `The backup could not be written to ${ledger.backupDir}: ${reason(error)}. Nothing was changed.`, { cause: error });
  }
  return backups;
}

async function pendingOf({ fs, now }: ApplyContext, plan: ChangePlan, ledger: Ledger, backups: ReadonlyMap<string, BackupInfo>): Promise<Pending> {
  const files = await Promise.all(
    plan.files.map(async ({ file, snapshot, bytes, mode }): Promise<PendingFile> => {
      const backup = backups.get(file)?.id;
      const kept = backup === undefined ? {} : { backup };
      const before: FileState = snapshot.kind === 'missing' ? snapshot : { kind: 'file', hash: snapshot.hash, mode: snapshot.mode, ...kept };
      const after: FileState = bytes === undefined ? { kind: 'missing' } : { kind: 'file', hash: hashOf(bytes), mode };
      return { file, before, after, folders: bytes === undefined ? [] : await missingFolders(fs, path.dirname(file)) };
    }),
  );
  return { id: plan.id, files, records: recordsAfter(plan, ledger, files, now()) };
}

async function missingFolders(fs: RoutingFs, dir: string): Promise<string[]> {
  const missing: string[] = [];
  for (let current = dir; path.dirname(current) !== current; current = path.dirname(current)) {
    const exists = await fs.stat(current).then(
      () => true,
      (error: unknown) => !isMissing(error),
    );
    if (exists) break;
    missing.push(current);
  }
  return missing.toReversed();
}

function recordsAfter(plan: ChangePlan, { records }: Ledger, files: readonly PendingFile[], atMs: number): readonly RoutingRecord[] {
  if (plan.undone) {
    const { records: ids, except } = plan.undone;
    const ours = new Map<string, readonly string[]>();
    return records.flatMap((record) => {
      const isUndone = (file: RecordedFile): boolean => ids.includes(record.id) && !except.includes(file.file);
      for (const file of record.files) if (isUndone(file) && (file.before.kind === 'missing' || file.isOurs)) ours.set(file.file, file.folders);
      const left = record.files
        .filter((file) => !isUndone(file))
        .map((file) => (ours.has(file.file) ? { ...file, isOurs: true, folders: [...(ours.get(file.file) ?? []), ...file.folders] } : file));
      return left.length > 0 ? [{ ...record, files: left }] : [];
    });
  }
  if ((plan.kind !== 'route' && plan.kind !== 'point') || files.length === 0) return records;
  const recorded = plan.files.map(({ file, client, format, changes }, index) => {
    const { before, after, folders } = files[index] as PendingFile;
    return { file, client, format, before, after, changes, folders };
  });
  return [...records, { id: plan.id, atMs, kind: plan.kind, servers: plan.servers, files: recorded }];
}

function withFolders(records: readonly RoutingRecord[], id: string, folders: ReadonlyMap<string, readonly string[]>): readonly RoutingRecord[] {
  return records.map((record) =>
    record.id === id ? { ...record, files: record.files.map((file) => ({ ...file, folders: folders.get(file.file) ?? file.folders })) } : record,
  );
}

/** Gives the folders it had to make, outermost first. */
async function writeFile(fs: RoutingFs, { file, bytes, mode }: PlannedFile, id: string): Promise<readonly string[]> {
  try {
    if (bytes === undefined) {
      await fs.unlink(await realFileOf(fs, file));
      return [];
    }
    const dir = path.dirname(file);
    const made = madeFolders(await fs.mkdir(dir), dir);
    await replaceFile(fs, file, bytes, mode, id);
    return made;
  } catch (error) {
    throw Object.assign(error as Error, { routingFile: file });
  }
}

/** After a failure: files first, then the ledger. False: a part of it failed too, and the ledger still says so. */
async function takeBack(context: ApplyContext, started: Ledger & { pending: Pending }, before: Ledger): Promise<boolean> {
  try {
    for (const file of started.pending.files) {
      await removeTemporary(context.fs, file.file, started.pending.id);
      if (!isState(await stateOf(context.fs, file.file), file.before)) await restore(context, file);
      else await removeFolders(context.fs, file);
    }
    // The list of backups from before: those of this attempt are strays then.
    await context.ledger.write(before);
    await removeStrays(context);
    return true;
  } catch {
    return false;
  }
}

async function restore({ fs, ledger, randomId }: ApplyContext, file: PendingFile): Promise<void> {
  const { before } = file;
  if (before.kind === 'missing') {
    await fs.unlink(await realFileOf(fs, file.file));
    await removeFolders(fs, file);
    return;
  }
  if (before.backup === undefined) throw new Error('Its backup was not kept');
  await fs.mkdir(path.dirname(file.file));
  await replaceFile(fs, file.file, await fs.read(ledger.backupFile(before.backup)), before.mode, randomId());
}

async function removeFolders(fs: RoutingFs, { before, folders }: PendingFile): Promise<void> {
  if (before.kind === 'missing') for (const dir of folders.toReversed()) await fs.rmdir(dir).catch(() => undefined);
}

async function removeEmptyFolders(fs: RoutingFs, files: readonly PlannedFile[]): Promise<void> {
  for (const { emptyFolders } of files) for (const dir of emptyFolders.toReversed()) await fs.rmdir(dir).catch(() => undefined);
}

async function removeTemporary(fs: RoutingFs, file: string, id: string): Promise<void> {
  const real = await realFileOf(fs, file).catch(() => file);
  await fs.unlink(temporaryName(real, id)).catch(() => undefined);
}

async function stateOf(fs: RoutingFs, file: string): Promise<Snapshot> {
  return snapshotOf(fs, file);
}

function isState(now: Snapshot, state: FileState): boolean {
  return now.kind === 'file' && state.kind === 'file' ? now.hash === state.hash : now.kind === state.kind;
}

/** Without the oldest of the backups that nothing needs. */
function spared(ledger: Ledger): Ledger {
  const needed = neededBackups(ledger.records, ledger.pending);
  const spare = ledger.backups.filter(({ id }) => !needed.has(id));
  const dropped = new Set(spare.slice(0, Math.max(0, spare.length - MAX_SPARE_BACKUPS)).map(({ id }) => id));
  return { ...ledger, backups: ledger.backups.filter(({ id }) => !dropped.has(id)) };
}

/** Backups that the ledger does not know, and what a crash left of a new ledger. */
async function removeStrays({ fs, ledger }: ApplyContext): Promise<void> {
  try {
    const folder = path.dirname(ledger.file);
    for (const name of await fs.list(folder)) {
      if (name.startsWith(`${path.basename(ledger.file)}.`) && name.endsWith('.mcp-shark.tmp')) await fs.unlink(path.join(folder, name));
    }
    const { backups } = await ledger.read();
    const known = new Set(backups.map(({ id }) => path.basename(ledger.backupFile(id))));
    for (const name of await fs.list(ledger.backupDir)) {
      if (name.endsWith('.bak') && !known.has(name)) await fs.unlink(path.join(ledger.backupDir, name));
    }
  } catch {
    // They cost some space; the next change tries again.
  }
}
