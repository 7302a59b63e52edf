// What a person watching the terminal sees: one line when a step starts, a heartbeat every ten seconds while it is silent,
// one line when it ends. Plain text, no cursor tricks, so that a CI log reads the same.

const heartbeatMs = 10_000;

/** @param {number} ms */
export function formatElapsed(ms) {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;
}

/** @param {string} text */
export function say(text) {
  console.log(`[mcp-shark] ${text}`);
}

/**
 * Prints "label … still running" every ten seconds until stopped.
 * @param {string} label
 * @param {() => string} [detail] the newest thing known about the step
 * @returns {() => void}
 */
export function startHeartbeat(label, detail) {
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const newest = detail?.().trim();
    say(`${label} … ${formatElapsed(performance.now() - startedAt)}${newest ? ` (${newest.slice(-100)})` : ''}`);
  }, heartbeatMs);
  return () => clearInterval(timer);
}
