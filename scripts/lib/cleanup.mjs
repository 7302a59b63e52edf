// What must be undone however this process ends: normal end, error, Ctrl+C, SIGTERM. Clean-ups run last in, first out, each
// at most once, and are awaited. A hard kill of this process cannot be handled here; leash.mjs covers that.

/** @type {Set<() => void | Promise<void>>} */
const pending = new Set();
let signalled = false;

/**
 * Registers a clean-up; the returned function runs it early (and then it never runs again).
 * @param {() => void | Promise<void>} undo
 * @returns {() => Promise<void>}
 */
export function onCleanup(undo) {
  pending.add(undo);
  listenForSignals();
  return async () => {
    if (pending.delete(undo)) await undo();
  };
}

export async function cleanUp() {
  for (const undo of [...pending].reverse()) {
    if (!pending.delete(undo)) continue;
    try {
      await undo();
    } catch (error) {
      console.error('A clean-up step failed:', error);
    }
  }
}

/** Whether a signal has told this process to end: what ends now was ended, it did not fail. */
export function isEnding() {
  return signalled;
}

let listening = false;
function listenForSignals() {
  if (listening) return;
  listening = true;
  const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
  for (const [signal, code] of Object.entries(exitCodes)) {
    process.on(signal, () => {
      if (signalled) return; // a terminal's Ctrl+C reaches parent and child, and the parent forwards it too
      signalled = true;
      void cleanUp().finally(() => process.exit(code));
    });
  }
}
