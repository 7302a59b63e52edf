// Two quick suites: `unit` (Node, no DOM) mirrors src/extension; `webview` (happy-dom) mirrors src/webview. Two slow ones
// beside them: `servers` talks to real MCP servers and authorization servers through the whole gateway, `crash` kills real
// processes and makes every file operation fail. The quick ones take every core; files of `unit` share processes, in which
// each begins with modules of its own (test/support/freshModules.ts).
import { defineConfig } from 'vitest/config';

const slow = ['test/unit/store/{recovery,faults,journalFaults}.test.ts'];
const servers = [
  'test/golden/**/*.test.ts',
  'test/unit/auth/conformance.test.ts',
  'test/unit/playground/{application,everything,faults}.test.ts',
  'test/unit/proxy/{everything,faults,governance,hostExit,lifetime,realServers,streams}.test.ts',
];

const limits = { testTimeout: 20_000, hookTimeout: 30_000 };
const node = { ...limits, environment: 'node', globalSetup: 'test/support/bundles.ts' };
const quick = { maxWorkers: '100%' };
/** Projects with other numbers of workers run after each other. */
const afterThem = { sequence: { groupOrder: 1 } };

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          ...node,
          ...quick,
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          exclude: [...slow, ...servers],
          isolate: false,
          setupFiles: 'test/support/freshModules.ts',
        },
      },
      { extends: true, test: { ...node, ...afterThem, name: 'servers', include: servers } },
      { extends: true, test: { ...node, ...afterThem, name: 'crash', include: slow } },
      { extends: true, test: { ...limits, ...quick, name: 'webview', include: ['test/webview/**/*.test.{ts,tsx}'], environment: 'happy-dom' } },
    ],
  },
});
