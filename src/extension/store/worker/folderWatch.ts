/**
 * Owns noticing that another window has written: the system's file watching on each of their journals, where it works,
 * and looking at regular intervals, since it silently does not on some mounts. The folder itself is not watched: every
 * write of this window's own journal would wake the thread, which costs the traffic more than the write.
 */
import { readdirSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { notesFolder } from '../fileNames';

/** Journals beyond these are noticed at the intervals only. */
const mostWatched = 32;

/**
 * Calls `look` after changes in journals that `isOther` accepts by their file's name, in the folder of notes, where every
 * window that starts shows itself, and every `pollMs`; for as long as the thread lives.
 */
export function watchFolder(dir: string, pollMs: number, isOther: (name: string) => boolean, look: () => void): void {
  const watched = new Map<string, FSWatcher>();
  const drop = (name: string): void => {
    watched.get(name)?.close();
    watched.delete(name);
  };
  const add = (name: string, onChange: () => void): void => {
    if (watched.has(name) || watched.size >= mostWatched) return;
    try {
      const watcher = watch(join(dir, name), { persistent: false }, onChange);
      watcher.on('error', () => drop(name));
      watched.set(name, watcher);
    } catch {
      // Only polling, then.
    }
  };
  const follow = (): void => {
    let names: string[] = [];
    try {
      names = readdirSync(dir).filter((name) => name.endsWith('.jnl') && isOther(name));
    } catch {
      // No folder: nothing to watch.
    }
    for (const name of [...watched.keys()]) if (name !== notesFolder && !names.includes(name)) drop(name);
    add(notesFolder, () => {
      follow();
      look();
    });
    for (const name of names) add(name, look);
  };
  follow();
  setInterval(() => {
    follow();
    look();
  }, pollMs).unref();
}
