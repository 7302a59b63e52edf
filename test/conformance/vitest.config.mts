// The official conformance suite against our server directly, through the relay, and through the gateway. Servers, gateways
// and the suite are processes of their own, so one worker is enough; nothing here needs the editor.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  test: {
    name: 'conformance',
    include: ['test/conformance/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 20_000,
    hookTimeout: 150_000,
  },
});
