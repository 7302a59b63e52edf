/**
 * Owns where version managers and installers put commands: folders that a login shell adds to PATH and that an editor
 * started from the desktop does not have. Defaults and variables as the managers document them.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string>>;

export interface ManagerFolders {
  /** Every folder to look in. */
  readonly folders: readonly string[];
  /** The same for people: the folders of all versions of a manager as one, with a `*` for the version. */
  readonly shown: readonly string[];
}

/** Folders with one folder for each version, and what is in that folder before the commands. */
function versionFolders(env: Environment, home: string, platform: NodeJS.Platform): [root: string | undefined, ...rest: string[]][] {
  if (platform === 'win32') {
    const { APPDATA = join(home, 'AppData', 'Roaming'), LOCALAPPDATA = join(home, 'AppData', 'Local') } = env;
    return [
      [env.NVM_HOME],
      [join(APPDATA, 'nvm')],
      [join(LOCALAPPDATA, 'nvm')],
      [env.FNM_DIR && join(env.FNM_DIR, 'node-versions'), 'installation'],
      [join(APPDATA, 'fnm', 'node-versions'), 'installation'],
    ];
  }
  const data = env.XDG_DATA_HOME || join(home, '.local', 'share');
  const fnm = platform === 'darwin' ? join(home, 'Library', 'Application Support', 'fnm') : join(data, 'fnm');
  return [
    [env.NVM_DIR && join(env.NVM_DIR, 'versions', 'node'), 'bin'],
    [join(home, '.nvm', 'versions', 'node'), 'bin'],
    [env.FNM_DIR && join(env.FNM_DIR, 'node-versions'), 'installation', 'bin'],
    [join(fnm, 'node-versions'), 'installation', 'bin'],
    [join(home, '.fnm', 'node-versions'), 'installation', 'bin'],
  ];
}

function fixedFolders(env: Environment, home: string, platform: NodeJS.Platform): (string | undefined)[] {
  const everywhere = [
    env.VOLTA_HOME && join(env.VOLTA_HOME, 'bin'),
    join(home, '.volta', 'bin'),
    env.UV_INSTALL_DIR,
    env.XDG_BIN_HOME,
    join(home, '.local', 'bin'),
    env.CARGO_HOME && join(env.CARGO_HOME, 'bin'),
    join(home, '.cargo', 'bin'),
    env.BUN_INSTALL && join(env.BUN_INSTALL, 'bin'),
    join(home, '.bun', 'bin'),
    env.DENO_INSTALL && join(env.DENO_INSTALL, 'bin'),
    join(home, '.deno', 'bin'),
  ];
  if (platform === 'win32') {
    const { LOCALAPPDATA = join(home, 'AppData', 'Local'), ProgramFiles } = env;
    return [...everywhere, join(LOCALAPPDATA, 'Volta', 'bin'), join(LOCALAPPDATA, 'mise', 'shims'), env.NVM_SYMLINK, ProgramFiles && join(ProgramFiles, 'nodejs')];
  }
  const data = env.XDG_DATA_HOME || join(home, '.local', 'share');
  return [
    ...everywhere,
    join(env.MISE_DATA_DIR || join(data, 'mise'), 'shims'),
    join(env.ASDF_DATA_DIR || join(home, '.asdf'), 'shims'),
    ...(platform === 'darwin' ? ['/opt/homebrew/bin'] : ['/home/linuxbrew/.linuxbrew/bin']),
    '/usr/local/bin',
  ];
}

/** The folders of nvm, fnm, Volta, mise, asdf, uv, Cargo, Bun, Deno and Homebrew for someone with this environment. */
export function managerFolders(env: Environment, platform: NodeJS.Platform): ManagerFolders {
  const home = env.HOME ?? env.USERPROFILE ?? '';
  const folders = new Set<string>();
  const shown = new Set<string>();
  for (const [root, ...rest] of versionFolders(env, home, platform)) {
    if (!root) continue;
    shown.add(join(root, '*', ...rest));
    try {
      for (const version of readdirSync(root)) folders.add(join(root, version, ...rest));
    } catch {
      // No such version manager here.
    }
  }
  for (const folder of fixedFolders(env, home, platform)) {
    if (!folder) continue;
    folders.add(folder);
    shown.add(folder);
  }
  return { folders: [...folders], shown: [...shown] };
}
