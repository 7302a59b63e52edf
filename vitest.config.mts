// Two quick suites: `unit` (Node, no DOM) mirrors src/extension; `webview` (happy-dom) mirrors src/webview. `crash` is the
// slow part of the store's: real processes killed, every file operation made to fail.
import { defineConfig } from 'vitest/config';

const slow = ['test/unit/store/recovery.test.ts', 'test/unit/store/faults.test.ts'];

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/golden/**/*.test.ts'],
          exclude: slow,
          environment: 'node',
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'crash',
          include: slow,
          environment: 'node',
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'webview',
          include: ['test/webview/**/*.test.{ts,tsx}'],
          environment: 'happy-dom',
          testTimeout: 20_000,
        },
      },
    ],
  },
});
