/** Owns the ports of the headless entries: a log on stderr, inputs from the environment, folders from paths. */
import * as path from 'node:path';
import type { InputPort } from '../servers/resolver';
import type { Logger } from '../util/logger';

export function stderrLogger(verbose: boolean): Logger {
  const write =
    (level: string) =>
    (message: string): void => {
      process.stderr.write(`${level}: ${message}\n`);
    };
  const quiet = (): void => undefined;
  return {
    trace: quiet,
    debug: verbose ? write('debug') : quiet,
    info: verbose ? write('info') : quiet,
    warn: write('warning'),
    error: write('error'),
  };
}

/** `${input:github-token}` is read from the variable `MCP_SHARK_INPUT_GITHUB_TOKEN`. */
export function environmentInputs(env: NodeJS.ProcessEnv): InputPort {
  return {
    get: (input) =>
      Promise.resolve(env[`MCP_SHARK_INPUT_${input.id.replaceAll(/[^A-Za-z0-9]/g, '_').toUpperCase()}`] ?? input.default),
  };
}

/** A configuration in `.vscode` belongs to the folder above, any other to the folder it stands in. */
export function workspaceFolderOf(file: string): string {
  const folder = path.dirname(file);
  return path.basename(folder) === '.vscode' ? path.dirname(folder) : folder;
}
