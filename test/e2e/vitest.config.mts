// The suites that need a real editor: the host suite (inside its extension host) and the browser suite (its window). One
// window at a time: they share the machine's two cores with the editor itself.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    name: 'editor',
    include: ['test/e2e/**/*.test.ts'],
    globalSetup: ['test/e2e/globalSetup.ts'],
    pool: 'forks',
    fileParallelism: false,
    // Room for several of the waits within one: each says itself what it was for, a test that is out of time does not.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // The editor shares two cores with the browser that shows it; one second is no time.
    expect: { poll: { timeout: 30_000, interval: 100 } },
    // Tests of a file build on each other: after the first failure the others would only wait for their time-outs.
    bail: 1,
  },
});
