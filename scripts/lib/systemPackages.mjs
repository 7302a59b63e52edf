// What the test editor needs from the operating system on Linux, who misses it, and how to get it: installed with apt-get
// when root on Debian or Ubuntu, otherwise one message that names everything at once.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { SetupError } from './errors.mjs';
import { run } from './run.mjs';
import { say } from './progress.mjs';

/** Package name, and whether what it brings is here. */
const packages = {
  chromium: () => findBrowser() !== undefined,
  sqlite3: () => isOnPath('sqlite3'),
  'g++': () => isOnPath('g++') || isOnPath('clang++'),
  make: () => isOnPath('make'),
  python3: () => isOnPath('python3'),
  'pkg-config': () => isOnPath('pkg-config'),
  'libkrb5-dev': () => existsSync('/usr/include/gssapi/gssapi.h') || existsSync('/usr/include/gssapi.h'),
};

/** @typedef {keyof typeof packages} PackageName */

/** @type {PackageName[]} */
export const packagesToShowTheEditor = ['chromium', 'sqlite3'];
/** @type {PackageName[]} */
export const packagesToInstallCodeServer = ['g++', 'make', 'python3', 'pkg-config', 'libkrb5-dev'];

/**
 * Makes sure the named packages are there. Does nothing off Linux.
 * @param {PackageName[]} names
 */
export async function ensureSystemPackages(names) {
  if (process.platform !== 'linux') return;
  const missing = names.filter((name) => !packages[name]());
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (!isOnPath('apt-get') || process.getuid?.() !== 0) {
    throw new SetupError(`These system packages are missing (Debian and Ubuntu names): ${missing.join(' ')}\nInstall them, for example with:  sudo ${command}`);
  }
  say(`installing system packages: ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-q'], { label: 'apt-get update', env });
  await run('apt-get', command.split(' ').slice(1), { label: 'apt-get install', env });
  const still = missing.filter((name) => !packages[name]());
  if (still.length > 0) throw new SetupError(`apt-get reported success, but these are still not usable: ${still.join(' ')}`);
}

/** A Chromium-based browser for Playwright: MCP_SHARK_TEST_BROWSER, else the usual names and places. */
export function findBrowser() {
  const named = process.env.MCP_SHARK_TEST_BROWSER;
  if (named) return existsSync(named) ? named : undefined;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge']) {
    const found = findOnPath(name);
    if (found) return found;
  }
  const programFolders = [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)']].filter((folder) => folder !== undefined);
  const places = [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
    ...programFolders.map((folder) => join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe')),
    ...programFolders.map((folder) => join(folder, 'Microsoft', 'Edge', 'Application', 'msedge.exe')),
  ];
  return places.find((place) => existsSync(place));
}

/** @param {string} name */
export function isOnPath(name) {
  return findOnPath(name) !== undefined;
}

/** @param {string} name @returns {string | undefined} */
export function findOnPath(name) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const ending of endings) {
      const candidate = join(folder, name + ending);
      if (folder && existsSync(candidate)) return candidate;
    }
  }
  return undefined;
}
