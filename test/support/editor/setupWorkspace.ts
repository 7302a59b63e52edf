// What the Setup suites set up before the editor starts: a home folder of the run's own, so that no client of this machine
// is looked at or changed, and servers whose every word is known.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requireNode24 } from '../../../scripts/lib/node24.mjs';
import { inProject } from '../../../scripts/lib/paths.mjs';
import { findProcessesMarked } from '../../../scripts/lib/processTree.mjs';
import type { RunFolder } from './runFolder';

/** An entry for the scripted server; see test/servers/scripted.mjs for what a script can say. */
export function scripted(script: object, env: Readonly<Record<string, string>> = {}): object {
  return { type: 'stdio', command: requireNode24(), args: [inProject('test', 'servers', 'scripted.mjs')], env: { SCRIPT: JSON.stringify(script), ...env } };
}

/** Gives the run a home folder, and takes away the servers that other suites use. */
export async function bareRun(run: RunFolder): Promise<void> {
  const home = join(run.root, 'home');
  await mkdir(home, { recursive: true });
  Object.assign(run.env, { HOME: home, USERPROFILE: home });
  await rm(configOf(run), { force: true });
}

/** The team file of the run's workspace. */
export function configOf(run: RunFolder): string {
  return join(run.workspace, '.vscode', 'mcp-shark.json');
}

export async function writeConfig(run: RunFolder, servers: Readonly<Record<string, object>>): Promise<void> {
  await writeFile(configOf(run), JSON.stringify({ servers }, null, 2));
}

/** Ids of the scripted servers that run in this run's editor. */
export function runningServers(run: RunFolder): number[] {
  return findProcessesMarked(run.env['MCP_SHARK_HARNESS'] ?? '')
    .filter(({ command }) => command.includes('scripted.mjs'))
    .map(({ pid }) => pid);
}
