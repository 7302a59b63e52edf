// Finds the script behind a program of one of the project's packages (vitest, vsce, tsc), so that it can be run by Node 24 itself:
// what npm puts in node_modules/.bin starts whatever `node` is first on PATH, and is a .cmd file on Windows.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { SetupError } from './errors.mjs';
import { inProject } from './paths.mjs';

/**
 * @param {string} program
 * @returns {string} the path of its JavaScript entry
 */
export function programEntry(program) {
  const { devDependencies = {} } = readJson(inProject('package.json'));
  for (const name of Object.keys(devDependencies)) {
    const { bin = {} } = readJson(inProject('node_modules', name, 'package.json'));
    const programs = typeof bin === 'string' ? { [basename(name)]: bin } : bin;
    if (programs[program]) return inProject('node_modules', name, programs[program]);
  }
  throw new SetupError(`No package of this project brings a program "${program}". See devDependencies in package.json.`);
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
