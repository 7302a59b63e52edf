/** Owns where programs keep their settings on each platform. Pure: the platform is given, not looked up. */
import * as path from 'node:path';
import type { DiscoveryEnvironment } from './types';

/** `path` of the platform that is asked about. */
export function pathsOf({ platform }: DiscoveryEnvironment): path.PlatformPath {
  return platform === 'win32' ? path.win32 : path.posix;
}

/** A path below the home folder. */
export function inHome(environment: DiscoveryEnvironment, ...parts: readonly string[]): string {
  return pathsOf(environment).join(environment.home, ...parts);
}

/** `%APPDATA%`, `~/Library/Application Support`, or `$XDG_CONFIG_HOME` (else `~/.config`). */
export function appData(environment: DiscoveryEnvironment): string {
  if (environment.platform === 'win32') return absolute(environment, 'APPDATA') ?? inHome(environment, 'AppData', 'Roaming');
  if (environment.platform === 'darwin') return inHome(environment, 'Library', 'Application Support');
  return xdgConfig(environment);
}

/** For programs that use `~/.config` on macOS (and some on Windows) too. */
export function xdgConfig(environment: DiscoveryEnvironment): string {
  return absolute(environment, 'XDG_CONFIG_HOME') ?? inHome(environment, '.config');
}

export function xdgData(environment: DiscoveryEnvironment): string {
  return absolute(environment, 'XDG_DATA_HOME') ?? inHome(environment, '.local', 'share');
}

/** An environment variable that holds an absolute path; specifications say to ignore relative ones. */
export function absolute(environment: DiscoveryEnvironment, variable: string): string | undefined {
  const value = environment.env[variable];
  return value !== undefined && pathsOf(environment).isAbsolute(value) ? value : undefined;
}

/** Equal paths, as the platform compares them. */
export function samePath(environment: Pick<DiscoveryEnvironment, 'platform'>, a: string, b: string): boolean {
  const fold = (text: string): string => {
    const plain = (environment.platform === 'win32' ? path.win32 : path.posix).normalize(text).replace(/[\\/]+$/, '');
    return environment.platform === 'linux' ? plain : plain.toLowerCase();
  };
  return fold(a) === fold(b);
}

/** `User` folders of VS Code and its relatives, for local and for remote use. */
export function editorUserDirs(environment: DiscoveryEnvironment): readonly { name: string; dir: string; remote: boolean }[] {
  const { join } = pathsOf(environment);
  const local = ['Code', 'Code - Insiders', 'VSCodium', 'VSCodium - Insiders', 'Code - OSS'].map((name) => ({
    name: name === 'Code' ? 'VS Code' : name.replace('Code -', 'VS Code'),
    dir: join(appData(environment), name, 'User'),
    remote: false,
  }));
  const servers: readonly [string, string][] = [
    ['.vscode-server', 'VS Code (remote)'],
    ['.vscode-server-insiders', 'VS Code Insiders (remote)'],
    ['.vscodium-server', 'VSCodium (remote)'],
    ['.vscode-remote', 'VS Code (Codespaces)'],
    ['.openvscode-server', 'OpenVSCode Server'],
  ];
  const remote = servers.map(([folder, name]) => ({ name, dir: inHome(environment, folder, 'data', 'User'), remote: true }));
  const codeServer = { name: 'code-server', dir: join(xdgData(environment), 'code-server', 'User'), remote: true };
  const all = [...local, ...remote, codeServer];
  const { editorUserDir } = environment;
  if (editorUserDir === undefined || all.some(({ dir }) => samePath(environment, dir, editorUserDir))) return all;
  return [{ name: 'This editor', dir: editorUserDir, remote: false }, ...all];
}
