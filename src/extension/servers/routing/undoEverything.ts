/**
 * Owns undoing everything without anybody to ask, when the extension is uninstalled: what can be undone is; what cannot be,
 * what stands in a backup alone, and what is left in the user's own file are saved in the home folder, since the storage
 * folder is deleted afterwards.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { messageOf } from '../../util/errors';
import type { Routing } from './routing';

export interface UndoReport {
  /** Files that are as before, or merged. */
  readonly undone: readonly string[];
  /** What could not be undone, or not whole, with the reason, and where what would be lost was saved, if it could be. */
  readonly left: readonly Left[];
}

interface Left {
  readonly file: string;
  readonly message: string;
  readonly savedAs?: string;
}

/** `rescueDir`: made only if something has to be saved. Rejects where the ledger cannot be read. */
export async function undoEverything(routing: Routing, rescueDir: string): Promise<UndoReport> {
  await routing.recover();
  const records = await routing.records();
  const files = new Set(records.flatMap((record) => record.files.map(({ file }) => file)));
  const failed = new Map<string, string>();
  const undone: string[] = [];
  const left: Left[] = [];
  // Each failure names its file; without that one the others are tried again.
  for (let attempt = 0; attempt <= files.size; attempt++) {
    const plan = await routing.planUndo('all', new Set(failed.keys()));
    for (const { file, message } of plan.problems) failed.set(file, message);
    try {
      // While the backups are sure to be there; a second attempt finds what the first one saved.
      const saved: Left[] = [];
      for (const { file, message, backup } of plan.notes) {
        if (backup !== undefined) saved.push(leftAs(file, message, await saveBackup(routing, file, backup, rescueDir)));
      }
      await routing.apply(plan);
      left.push(...saved);
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
  for (const [file, message] of failed) {
    const recorded = (await routing.records()).flatMap((record) => record.files).find((candidate) => candidate.file === file);
    // The oldest state: what an undo would have brought back.
    const backup = recorded?.before.kind === 'file' ? recorded.before.backup : undefined;
    left.push(leftAs(file, message, backup === undefined ? undefined : await saveBackup(routing, file, backup, rescueDir)));
  }
  const own = await readFile(routing.userFile).catch(() => undefined);
  if (own && !failed.has(routing.userFile)) {
    const savedAs = await save(own, path.join(rescueDir, path.basename(routing.userFile)));
    left.push(leftAs(routing.userFile, 'It holds servers that no other file has.', savedAs));
  }
  return { undone, left };
}

function leftAs(file: string, message: string, savedAs: string | undefined): Left {
  return { file, message, ...(savedAs === undefined ? {} : { savedAs }) };
}

async function saveBackup(routing: Routing, file: string, backup: string, rescueDir: string): Promise<string | undefined> {
  const bytes = await routing.readBackup(backup).catch(() => undefined);
  return bytes && save(bytes, path.join(rescueDir, `${backup}-${path.basename(file)}`));
}

/** Gives where it was saved; another name where one of another content is there from before. */
async function save(bytes: Uint8Array, wanted: string): Promise<string | undefined> {
  try {
    await mkdir(path.dirname(wanted), { recursive: true, mode: 0o700 });
    for (let number = 1; ; number++) {
      const file = number === 1 ? wanted : path.join(path.dirname(wanted), `${number}-${path.basename(wanted)}`);
      const isSaved = await writeFile(file, bytes, { mode: 0o600, flag: 'wx' }).then(
        () => true,
        async (error: NodeJS.ErrnoException) => {
          if (error.code !== 'EEXIST') throw error;
          return Buffer.compare(await readFile(file), bytes) === 0;
        },
      );
      if (isSaved) return file;
    }
  } catch {
    return undefined;
  }
}
