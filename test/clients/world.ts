/**
 * Owns everything around one client for one test: a throw-away home, the gateway with real servers and a store of its
 * own, the tap in front of it and the sinkhole at the way out. `finish()` ends it all and gives what the log says.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inject, onTestFinished } from 'vitest';
import type { CallRow } from '../../src/extension/contract/traffic';
import { findProcessesMarked } from '../../scripts/lib/processTree.mjs';
import { readClosedStore, type Stored } from '../golden/storedFrames';
import { eventually } from '../support/gateway/waiting';
import type { ClientId } from './catalog';
import { bareEnvironment, projectDir, runProgram, startService, type ProgramEnd } from './processes';
import { startSinkhole, type Sinkhole } from './sinkhole';
import { startTap, type Tap } from './tap';

const GATEWAY_MS = 20_000;
const CLIENT_MS = 60_000;

/** A line of `npm run traffic`. */
export type Call = CallRow & { readonly request?: string; readonly response?: string };

export interface Recorded extends Stored {
  /** As `npm run traffic` prints them. */
  readonly calls: readonly Call[];
}

export interface World {
  readonly home: string;
  /** An empty folder in the home that clients work in. */
  readonly workspace: string;
  /** `/mcp`, through the tap. */
  readonly url: string;
  readonly token: string;
  readonly tap: Tap;
  readonly sinkhole: Sinkhole;
  /** For everything a test starts. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs a client to its end, on the workspace. */
  run(id: ClientId, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<ProgramEnd>;
  /** Stops the gateway and reads the log; then nothing of the world is left but its folder. */
  finish(): Promise<Recorded>;
}

/** The script that starts a client; throws why there is none. */
export function clientEntry(id: ClientId): string {
  const client = inject('clients')[id];
  if ('failure' in client) throw new Error(client.failure);
  return client.entry;
}

const require = createRequire(import.meta.url);
const serverScript = (name: string): string => path.join(path.dirname(require.resolve(`@modelcontextprotocol/${name}/package.json`)), 'dist/index.js');

export async function openWorld(): Promise<World> {
  const home = await realpath(await mkdtemp(path.join(tmpdir(), 'mcp-shark-client-')));
  const workspace = path.join(home, 'work');
  const store = path.join(home, 'store');
  await mkdir(workspace);
  const mark = { MCP_SHARK_CLIENTS_RUN: inject('runMark') };
  const config = path.join(home, 'mcp-shark.json');
  const server = (name: string, args: string[], env = {}): object => ({ command: process.execPath, args: [serverScript(name), ...args], env: { ...mark, ...env } });
  const servers = {
    everything: server('server-everything', ['stdio']),
    files: server('server-filesystem', [workspace]),
    memory: server('server-memory', [], { MEMORY_FILE_PATH: path.join(home, 'memory.jsonl') }),
  };
  await writeFile(config, JSON.stringify({ servers }));

  const sinkhole = await startSinkhole();
  const env = { ...bareEnvironment(home), ...sinkhole.env, ...mark };
  const script = (name: string): string => path.join(projectDir, `dist/headless/${name}.js`);
  const options = { env, cwd: home, timeoutMs: GATEWAY_MS };
  const gateway = await startService('the gateway', [script('gateway'), '--config', config, '--store', store], options);
  const { url, token } = JSON.parse(gateway.firstLine) as { url: string; token: string };
  const tap = await startTap(new URL(url).origin);

  let isOpen = true;
  const end = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await gateway.stop();
    await Promise.all([tap.close(), sinkhole.close()]);
  };
  onTestFinished(async () => {
    await end();
    await rm(home, { recursive: true, force: true });
  });

  return {
    home,
    workspace,
    url: `${tap.origin}/mcp`,
    token,
    tap,
    sinkhole,
    env,
    run: (id, args, more) => runProgram([clientEntry(id), ...args], { env: { ...env, ...more }, cwd: workspace, timeoutMs: CLIENT_MS }),
    async finish() {
      await end();
      const { how, stdout, stderr } = await runProgram([script('traffic'), '--store', store], options);
      if (how !== 'exit code 0') throw new Error(`traffic: ${how}\n${stderr}`);
      const calls = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Call);
      await eventually(`every process of the run to be gone: ${describeMarked()}`, () => describeMarked() === '');
      return { calls, ...(existsSync(store) ? await readClosedStore(store) : { frames: [], events: [] }) };
    },
  };
}

function describeMarked(): string {
  return findProcessesMarked(inject('runMark'))
    .map(({ pid, command }) => `${pid} ${command}`)
    .join('\n');
}
