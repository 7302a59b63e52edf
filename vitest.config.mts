// Two quick suites: `unit` (Node, no DOM) mirrors src/extension; `webview` (happy-dom) mirrors src/webview. Two slow ones
// beside them: `servers` talks to real MCP servers and authorization servers through the whole gateway, `crash` kills real
// processes and makes every file operation fail.
import { defineConfig } from 'vitest/config';

const slow = ['test/unit/store/recovery.test.ts', 'test/unit/store/faults.test.ts'];
const servers = [
  'test/golden/**/*.test.ts',
  'test/unit/auth/conformance.test.ts',
  'test/unit/playground/{application,everything,faults}.test.ts',
  'test/unit/proxy/{everything,faults,governance,hostExit,lifetime,realServers,streams}.test.ts',
];

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          exclude: [...slow, ...servers],
          environment: 'node',
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'servers',
          include: servers,
          environment: 'node',
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'crash',
          include: slow,
          environment: 'node',
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'webview',
          include: ['test/webview/**/*.test.{ts,tsx}'],
          environment: 'happy-dom',
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
    ],
  },
});
