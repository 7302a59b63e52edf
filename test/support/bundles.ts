/**
 * Owns the scripts that tests run as workers and processes, bundled for Node as esbuild.mjs does it. As Vitest's global setup
 * it gives a whole run one folder for them, so that each is bundled once, by the first test that needs it.
 */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import type { TestProject } from 'vitest/node';

const root = resolve(import.meta.dirname, '../..');
const variable = 'MCP_SHARK_TEST_BUNDLES';

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'mcp-shark-bundle-'));

/** Global setup, of several projects if they run together; processes that run tests inherit the variable. */
export function setup(project: TestProject): (() => void) | undefined {
  if (process.env[variable] !== undefined) return undefined;
  const folder = (process.env[variable] = newFolder());
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  // In watch mode the sources may have changed.
  project.onTestsRerun(() => {
    remove();
    mkdirSync(folder);
  });
  return remove;
}

let own: string | undefined;

/** Path of a script bundled from the sources, `entry` relative to the project. */
export function bundle(entry: string, name: string): string {
  const folder = process.env[variable] ?? (own ??= newFolder());
  const file = join(folder, name);
  if (existsSync(file)) return file;
  // Others may bundle the same at this moment: it is never there in part.
  const made = join(mkdtempSync(join(folder, 'making-')), name);
  buildSync({ absWorkingDir: root, entryPoints: [entry], outfile: made, bundle: true, platform: 'node', format: 'cjs', target: 'node22', logLevel: 'error' });
  try {
    renameSync(made, file);
  } catch (error) {
    if (!existsSync(file)) throw error;
  }
  return file;
}
