/**
 * Owns explaining why a command was not found: the folders that were searched, and where a version manager has it.
 */
import { existsSync } from 'node:fs';
import { delimiter, isAbsolute, join, sep } from 'node:path';
import { managerFolders } from './managerFolders';

/** Says which folders were searched for `command` and, where a version manager has it, the path to configure instead. */
export function explainCommandNotFound(command: string, env: Readonly<Record<string, string>>, cwd: string, platform = process.platform): string {
  if (!existsSync(cwd)) return `its working folder "${cwd}" does not exist`;
  if (isAbsolute(command) || command.includes('/') || command.includes(sep)) {
    return `there is no program "${command}" (working folder "${cwd}")`;
  }
  const tried = (env.PATH ?? env.Path ?? '').split(delimiter).filter((folder) => folder !== '');
  const suffixes = platform === 'win32' ? ['.exe', '.cmd', '.bat', ''] : [''];
  const managers = managerFolders(env, platform);
  const found = managers.folders
    .filter((folder) => !tried.includes(folder))
    .flatMap((folder) => suffixes.map((suffix) => join(folder, command + suffix)))
    .find((path) => existsSync(path));
  const hint =
    found !== undefined
      ? ` It exists at "${found}", which is not on the editor's PATH: use that path as "command".`
      : ` Nor is it where nvm, fnm, volta, mise, asdf, uv, cargo, bun, deno or Homebrew would have it (searched ${managers.shown.join(', ')}). Install it, or use its full path as "command".`;
  return `there is no program "${command}" on the PATH (searched ${tried.join(', ') || 'nothing: PATH is empty'}).${hint}`;
}
