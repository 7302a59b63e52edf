/**
 * Owns noticing that another window has written: the system's file watching on each of their journals, where it works,
 * and looking at regular intervals, since it silently does not on some mounts. The folder itself is not watched: every
 * write of this window's own journal would wake the thread, which costs the traffic more than the write. A window that begins
 * a journal shows itself in the folder of notes (`announce`), which is watched.
 */
import { readdirSync, statSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { toDisposable, type Disposable } from '../../util/lifecycle';
import { notesFolder } from '../fileNames';

/** Journals beyond these are not watched. */
const mostWatched = 32;
/** So often is looked where something is not watched, or watching tells nothing. */
const unwatchedPollMs = 100;

interface Watched {
  readonly watcher: FSWatcher;
  /** It has told something since the last look at intervals. */
  hasTold: boolean;
  /** Size at the last look at intervals. */
  bytes: number;
  /** It grew without a word at so many of these looks, one after another. */
  missed: number;
}

/**
 * Calls `look` after changes in journals that `isOther` accepts by their file's name, in the folder of notes, where every
 * window that starts shows itself, and every `pollMs`; until it is disposed, or for as long as the thread lives.
 */
export function watchFolder(dir: string, pollMs: number, isOther: (name: string) => boolean, look: () => void): Disposable {
  const watched = new Map<string, Watched>();
  /** Not everything is watched that should be, or not to any effect. */
  let isBlind = false;
  let isDeaf = false;
  const drop = (name: string): void => {
    watched.get(name)?.watcher.close();
    watched.delete(name);
  };
  const add = (name: string, onChange: () => void): boolean => {
    if (watched.has(name)) return true;
    if (watched.size >= mostWatched) return false;
    try {
      const watcher = watch(join(dir, name), { persistent: false }, () => {
        const known = watched.get(name);
        if (known) known.hasTold = true;
        onChange();
      });
      watcher.on('error', () => drop(name));
      watched.set(name, { watcher, hasTold: false, bytes: sizeOf(join(dir, name)), missed: 0 });
      return true;
    } catch {
      // Only looking, then.
      return false;
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
    const onNotes = (): void => {
      follow();
      look();
    };
    isBlind = !add(notesFolder, onNotes);
    for (const name of names) isBlind = !add(name, look) || isBlind;
  };
  /** Some mounts take a watcher and tell it nothing. Twice, since what has just been written may be on its way. */
  const listen = (): void => {
    for (const [name, known] of watched) {
      if (name === notesFolder) continue;
      const bytes = sizeOf(join(dir, name));
      known.missed = bytes !== known.bytes && !known.hasTold ? known.missed + 1 : 0;
      isDeaf ||= known.missed >= 2;
      known.bytes = bytes;
      known.hasTold = false;
    }
  };
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    timer = setTimeout(() => {
      listen();
      follow();
      look();
      wait();
    }, isBlind || isDeaf ? Math.min(pollMs, unwatchedPollMs) : pollMs);
    timer.unref();
  };
  follow();
  wait();
  return toDisposable(() => {
    clearTimeout(timer);
    for (const name of [...watched.keys()]) drop(name);
  });
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
