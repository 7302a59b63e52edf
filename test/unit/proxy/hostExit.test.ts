// A host that ends without closing anything (a crash of its own, a signal) takes its servers along.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROOT } from '../../support/gateway/gatewayFixture';

// The server stays whatever becomes of its stdin, and so does a child of its own.
const STUBBORN = `
  const { spawn } = require('node:child_process');
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  process.on('SIGTERM', () => {});
  setInterval(() => {}, 1000);
  console.error([process.pid, child.pid].join(' '));`;

const HOST = `
  import { StdioTransport } from './src/extension/proxy/transports/stdio';
  import { systemClock } from './src/extension/util/clock';
  const server = { type: 'stdio', name: 'stubborn', command: process.execPath, args: ['-e', ${JSON.stringify(STUBBORN)}], env: process.env, cwd: process.cwd() };
  const events = { onMessage() {}, onClose() {}, onStderr: (lines) => { console.log(lines[0]); if (process.argv[2] === 'exit') process.exit(); } };
  new StdioTransport(server, events, systemClock);`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-shark-exit-'));
  await build({
    stdin: { contents: HOST, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: join(folder, 'host.js'),
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it.each([
  ['exits', 'exit', undefined],
  ['is ended by SIGTERM', 'stay', 'SIGTERM'],
  ['loses its terminal', 'stay', 'SIGHUP'],
] as const)('leaves neither the server nor its children when the host %s', async (_name, what, signal) => {
  const host = spawn(process.execPath, [join(folder, 'host.js'), what], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(host, 'exit');
  const [line] = (await once(createInterface(host.stdout), 'line')) as [string];
  if (signal) host.kill(signal);
  expect(await ended).toEqual(signal ? [null, signal] : [0, null]);
  const pids = line.split(' ').map(Number);
  expect(pids.length).toBe(2);
  await expect.poll(() => pids.filter(isAlive), { timeout: 5000 }).toEqual([]);
});
