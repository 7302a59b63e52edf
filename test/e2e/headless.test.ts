// The headless entries as scripts and benchmarks use them: `npm run -s gateway` prints one JSON line and serves until it is
// killed; `npm run -s traffic` prints what was recorded, while the gateway is writing.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stdioServers } from '../../scripts/lib/realServers.mjs';
import { inProject } from '../../scripts/lib/paths.mjs';

interface Call {
  readonly server?: string;
  readonly method: string;
  readonly name?: string;
  readonly status: string;
  readonly errorCode?: number;
  readonly detail?: string;
  readonly request?: string;
  readonly response?: string;
}

let folder: string;
let gateway: ChildProcess;
let firstLine: { url: string; token: string; pid: number };
let output = '';

function npmRun(...args: string[]): ChildProcess {
  return spawn('npm', ['run', '-s', ...args], {
    cwd: inProject(),
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
    env: { ...process.env, MCP_SHARK_SKIP_INSTALL: '1' },
  });
}

async function run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = npmRun(...args);
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

async function recorded(filter = ''): Promise<Call[]> {
  const { code, out, err } = await run('traffic', '--', '--store', join(folder, 'store'), '--filter', filter);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Call);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcps-headless-'));
  const failing = { command: process.execPath, args: ['-e', 'console.error("no licence key found"); process.exit(3)'] };
  await writeFile(join(folder, 'servers.json'), JSON.stringify({ servers: { everything: stdioServers.everything(), failing } }));
  gateway = npmRun('gateway', '--', '--config', join(folder, 'servers.json'), '--store', join(folder, 'store'), '--token', 'a-token-of-ours');
  gateway.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [line] = (await once(createInterface(gateway.stdout!), 'line')) as [string];
  firstLine = JSON.parse(line) as typeof firstLine;
});
afterAll(async () => {
  if (gateway.exitCode === null) {
    process.kill(firstLine.pid, 'SIGTERM');
    await once(gateway, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
});

test('the gateway prints one JSON line with url, token and pid, and nothing else', () => {
  expect(firstLine).toEqual({ url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/) as string, token: 'a-token-of-ours', pid: expect.any(Number) as number });
  expect(output.trim().split('\n')).toHaveLength(1);
});

test('a call is answered and can be read while the gateway runs, and a failed server harms no other', async () => {
  const client = new Client({ name: 'headless-test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(firstLine.url), { requestInit: { headers: { Authorization: `Bearer ${firstLine.token}` } } }));
  await client.callTool({ name: 'everything__echo', arguments: { message: 'headless', password: 'hunter2' } });
  // What is recorded is written a moment later.
  await expect.poll(() => recorded('method:tools/call status:ok')).toHaveLength(1);
  const [call] = await recorded('method:tools/call');
  expect(call).toMatchObject({ server: 'everything', method: 'tools/call', name: 'echo', status: 'ok' });
  expect(call?.response).toContain('Echo: headless');
  expect(call?.request).toContain('everything__echo');
  expect(JSON.stringify(await recorded())).not.toContain('hunter2');
  await client.close();
});

test.each([
  ['a wrong token', { authorization: 'Bearer wrong' }, 401],
  ['a foreign Host', { host: 'evil.example' }, 403],
  ['a foreign Origin', { origin: 'https://evil.example' }, 403],
])('%s is refused, and the refusal is on record', async (_name, headers, status) => {
  const { request } = await import('node:http');
  const answered = await new Promise<number>((resolve, reject) => {
    request(firstLine.url, { method: 'POST', headers: { authorization: `Bearer ${firstLine.token}`, ...headers } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on('error', reject).end('{}');
  });
  expect(answered).toBe(status);
  await expect.poll(async () => (await recorded('status:blocked')).at(-1)).toMatchObject({ method: 'POST', name: '/mcp', errorCode: status });
});

test.each([
  ['a missing configuration', ['gateway', '--', '--config', 'no-such-file.json', '--store', 'x'], /no-such-file\.json configures no server/],
  ['a missing store', ['traffic', '--', '--store', 'no-such-store'], /There is no store at .*no-such-store/],
  ['a filter that makes no sense', ['traffic', '--', '--store', '.', '--filter', 'dur:>'], /dur/],
])('%s is said clearly, with exit code 1 and nothing on stdout', async (_name, args, message) => {
  const { code, out, err } = await run(...args);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(message);
});

test('a broken configuration is said with its line', async () => {
  await writeFile(join(folder, 'broken.json'), '{\n  "servers": {\n    "a": {{ }\n  }\n}');
  const { code, err } = await run('gateway', '--', '--config', join(folder, 'broken.json'), '--store', join(folder, 'other'));
  expect(code).toBe(1);
  expect(err).toMatch(/broken\.json:3:\d+: /);
});
