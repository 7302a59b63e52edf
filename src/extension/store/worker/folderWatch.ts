/**
 * Owns noticing that another window has written: the system's file watching where it works, and looking at regular
 * intervals, since it silently does not on some mounts.
 */
import { watch } from 'node:fs';

/** Calls `look` after changes in the folder, with the file's name where known, and every `pollMs`; as long as the thread lives. */
export function watchFolder(dir: string, pollMs: number, look: (name?: string) => void): void {
  setInterval(() => look(), pollMs).unref();
  try {
    const watcher = watch(dir, { persistent: false }, (_event, name) => look(name ?? undefined));
    watcher.on('error', () => watcher.close());
  } catch {
    // Only polling, then.
  }
}
