// Waiting for a state that sends no event: ask, and ask again until a deadline. The only place in the editor suites with a
// timer in it.

/** For what takes a moment where nothing else is to be done: drawing, reading a changed file. In milliseconds. */
export const soonMs = 30_000;
/** For what starts or ends processes: servers from npm, the extension host, VS Code's own MCP client. In milliseconds. */
export const startMs = 90_000;

/** Asks until `done` or the deadline; returns the last value either way, so that the caller can say what was there instead. */
export async function pollUntil<T>(ask: () => { done: boolean; value: T } | Promise<{ done: boolean; value: T }>, timeoutMs: number, intervalMs = 100): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const { done, value } = await ask();
    if (done || performance.now() > deadline) return value;
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

/** Asks until the answer is not undefined; at the deadline fails with what was being waited for and the last thing seen. */
export async function waitFor<T>(what: string, ask: () => T | undefined | Promise<T | undefined>, timeoutMs: number, seen: () => string = () => ''): Promise<T> {
  const value = await pollUntil(async () => {
    const answer = await ask();
    return { done: answer !== undefined, value: answer };
  }, timeoutMs);
  if (value !== undefined) return value;
  const last = seen();
  throw new Error(`Waited ${timeoutMs / 1000} s for ${what}, in vain.${last ? ` Last seen: ${last}` : ''}`);
}
