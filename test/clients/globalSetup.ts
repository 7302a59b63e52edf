/**
 * Owns what happens once before the suite: the gateway is built and the clients are installed, with progress on stderr.
 * A client that could not be installed does not stop the others: its tests fail with the reason.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { CLIENTS, type ClientId, type Installed } from './catalog';
import { installClient } from './install';
import { projectDir } from './processes';

const BUILD_MS = 120_000;

export default async function setup(project: TestProject): Promise<void> {
  const log = (line: string): void => void process.stderr.write(`clients: ${line}\n`);
  const ids = Object.keys(CLIENTS) as ClientId[];
  const installing = Promise.all(ids.map(async (id): Promise<[ClientId, Installed]> => [id, await installClient(id, log)]));
  if (process.env['MCP_SHARK_CLIENTS_BUILD'] !== '0') {
    await promisify(execFile)(process.execPath, [path.join(projectDir, 'esbuild.mjs')], { cwd: projectDir, timeout: BUILD_MS });
  }
  project.provide('clients', Object.fromEntries(await installing) as Record<ClientId, Installed>);
  project.provide('runMark', randomUUID());
}
