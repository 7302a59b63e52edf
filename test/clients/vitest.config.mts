// Real MCP clients from npm against the real gateway: opt-in, because the first run downloads about 900 MB into
// .vscode-test/clients. Run it with `npm run test:clients`; README.md says more.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  test: {
    name: 'clients',
    include: ['test/clients/*.test.ts'],
    globalSetup: 'test/clients/globalSetup.ts',
    pool: 'forks',
    // Two cores are enough for one client, its gateway and its servers.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 30_000,
  },
});
