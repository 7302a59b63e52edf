// Builds the product by running esbuild.mjs under Node 24, and says whether what was built is newer than what it is built from.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { node24Environment, requireNode24 } from './node24.mjs';
import { inProject, projectFolder } from './paths.mjs';
import { run } from './run.mjs';

const sources = ['src', 'esbuild.mjs', 'package.json', 'package-lock.json'];

/** @param {{ production?: boolean }} [options] */
export async function build({ production = false } = {}) {
  const args = [inProject('esbuild.mjs'), ...(production ? ['--production'] : [])];
  await run(requireNode24(), args, { label: 'the build', cwd: projectFolder, env: node24Environment() });
}

/** @param {string} output a built file */
export function isUpToDate(output) {
  if (!existsSync(output)) return false;
  const builtAt = statSync(output).mtimeMs;
  return sources.every((source) => newestChange(inProject(source)) <= builtAt);
}

/** @param {string} path @returns {number} the newest modification time at or below it */
function newestChange(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  // A folder's own time changes when a file in it is deleted.
  return readdirSync(path).reduce((newest, entry) => Math.max(newest, newestChange(join(path, entry))), stats.mtimeMs);
}
