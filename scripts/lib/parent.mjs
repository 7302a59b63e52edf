// Ends this process when npm, which started it, is gone. `npm run` passes a signal on to the shell between it and the script, and
// that shell dies without passing it on: whoever kills npm would leave the script running.

const intervalMs = 500;

/** Sends this process a SIGTERM when its parent has gone, where npm started it. Does nothing on Windows, where parents never change. */
export function endWithNpm() {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, intervalMs);
  timer.unref();
}
