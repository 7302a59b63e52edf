// A suite of its own: it takes longer than the quick ones, and measures memory, so nothing else may run in its process.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: { name: 'fuzz', include: ['test/fuzz/**/*.test.ts'], pool: 'forks' },
});
