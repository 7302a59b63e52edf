/**
 * Owns explaining why a command was not found: the folders that were searched, and where a version manager has it.
 */
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, isAbsolute, join, sep } from 'node:path';

/** Folders of version managers that a login shell adds to PATH and an editor started from the desktop does not have. */
function versionManagerFolders(home: string): string[] {
  const folders = [
    join(home, '.volta', 'bin'),
    join(home, '.local', 'bin'),
    join(home, '.cargo', 'bin'),
    join(home, '.bun', 'bin'),
    join(home, '.deno', 'bin'),
    join(home, '.local', 'share', 'mise', 'shims'),
    join(home, '.asdf', 'shims'),
    '/opt/homebrew/bin',
    '/usr/local/bin',
  ];
  for (const [root, ...rest] of [
    [join(home, '.nvm', 'versions', 'node'), 'bin'],
    [join(home, '.local', 'share', 'fnm', 'node-versions'), 'installation', 'bin'],
  ] as const) {
    try {
      for (const version of readdirSync(root)) folders.push(join(root, version, ...rest));
    } catch {
      // No such version manager here.
    }
  }
  return folders;
}

/** Says which folders were searched for `command` and, where a version manager has it, the path to configure instead. */
export function explainCommandNotFound(command: string, env: Readonly<Record<string, string>>, cwd: string, platform = process.platform): string {
  if (!existsSync(cwd)) return `its working folder "${cwd}" does not exist`;
  if (isAbsolute(command) || command.includes('/') || command.includes(sep)) {
    return `there is no program "${command}" (working folder "${cwd}")`;
  }
  const tried = (env.PATH ?? env.Path ?? '').split(delimiter).filter((folder) => folder !== '');
  const suffixes = platform === 'win32' ? ['.exe', '.cmd', '.bat', ''] : [''];
  const home = env.HOME ?? env.USERPROFILE ?? '';
  const found = versionManagerFolders(home)
    .filter((folder) => !tried.includes(folder))
    .flatMap((folder) => suffixes.map((suffix) => join(folder, command + suffix)))
    .find((path) => existsSync(path));
  const hint =
    found !== undefined
      ? ` It exists at "${found}", which is not on the editor's PATH: use that path as "command".`
      : ' The folders of nvm, fnm, volta, mise, asdf, uv, cargo, bun, deno and Homebrew were searched too. Install it, or use its full path as "command".';
  return `there is no program "${command}" on the PATH (searched ${tried.join(', ') || 'nothing: PATH is empty'}).${hint}`;
}
