/**
 * Owns undoing everything without anybody to ask, when the extension is uninstalled: what can be undone is, a file that
 * cannot be is left as it is with its backup saved in the home folder, since the storage folder is deleted afterwards.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { messageOf } from '../../util/errors';
import type { Routing } from './routing';

export interface UndoReport {
  /** Files that are as before, or merged. */
  readonly undone: readonly string[];
  /** Files that could not be undone, with the reason, and where their backup was saved, if it could be. */
  readonly left: readonly { readonly file: string; readonly message: string; readonly savedAs?: string }[];
}

/** `rescueDir`: made only if something has to be saved. Rejects where the ledger cannot be read. */
export async function undoEverything(routing: Routing, rescueDir: string): Promise<UndoReport> {
  await routing.recover();
  const records = await routing.records();
  const files = new Set(records.flatMap((record) => record.files.map(({ file }) => file)));
  const failed = new Map<string, string>();
  const undone: string[] = [];
  // Each failure names its file; without that one the others are tried again.
  for (let attempt = 0; attempt <= files.size; attempt++) {
    const plan = await routing.planUndo('all', new Set(failed.keys()));
    for (const { file, message } of plan.problems) failed.set(file, message);
    try {
      await routing.apply(plan);
      undone.push(...plan.files.map(({ file }) => file));
      break;
    } catch (error) {
      const { file } = (error as { details?: { file?: unknown } }).details ?? {};
      if (typeof file !== 'string' || failed.has(file)) {
        for (const planned of plan.files) failed.set(planned.file, messageOf(error));
        break;
      }
      failed.set(file, messageOf(error));
    }
  }
  const left = [];
  for (const [file, message] of failed) {
    const savedAs = await rescue(routing, file, rescueDir);
    left.push({ file, message, ...(savedAs === undefined ? {} : { savedAs }) });
  }
  return { undone, left };
}

/** Saves the oldest state of the file that an undo would have brought back. */
async function rescue(routing: Routing, file: string, rescueDir: string): Promise<string | undefined> {
  try {
    const recorded = (await routing.records()).flatMap((record) => record.files).find((candidate) => candidate.file === file);
    if (recorded?.before.kind !== 'file' || recorded.before.backup === undefined) return undefined;
    const bytes = await routing.readBackup(recorded.before.backup);
    await mkdir(rescueDir, { recursive: true, mode: 0o700 });
    const savedAs = path.join(rescueDir, `${recorded.before.backup}-${path.basename(file)}`);
    await writeFile(savedAs, bytes, { mode: 0o600, flag: 'wx' });
    return savedAs;
  } catch {
    return undefined;
  }
}
