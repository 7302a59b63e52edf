/**
 * Owns the proof that the gateway loses nothing of the protocol: the official suite directly against our server, through
 * the relay alone, and through the gateway's endpoints. Direct and relay columns show that a failure further right is the
 * gateway's. Prints the table of all columns.
 *
 * The README tells of the MCP_CONFORMANCE_… variables that choose columns, write traces and the like.
 */
import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findStragglers, nodeBinary, projectDir, runMark, runProgram, startService, type Service } from './processes';
import { startRelay, type Relay, type RelayOptions } from './relay';
import { describeProblems, findSuite, formatTable, listScenarios, runConformance, SPEC_VERSION, weakerChecks, type ConformanceRun, type Suite } from './run';
import { MAY_BE_INFO, SCENARIOS } from './scenarios';
import type { ServerReady } from '../servers/conformance.mjs';

interface GatewayReady {
  /** Ends in `/mcp`. */
  readonly url: string;
  readonly token: string;
  readonly pid: number;
}

interface Column {
  readonly key: string;
  readonly title: string;
  /** What the relay before it does; a column without goes straight to the server. */
  readonly relay?: () => Promise<Omit<RelayOptions, 'trace'>>;
}

const gatewayFile = process.env['MCP_CONFORMANCE_GATEWAY'] ?? path.join(projectDir, 'dist/headless/gateway.js');
const serverName = 'conf';
const prefix = `${serverName}__`;

let suite: Suite;
let directory: string | undefined;
let serverFile: string;
let direct: Service<ServerReady>;
let build: Promise<void> | undefined;
const started: { stop(): Promise<void> }[] = [];
const relays: Relay[] = [];
const runs: ConformanceRun[] = [];
/** By key of the column; what `direct` gave is compared with in every other. */
const running = new Map<string, Promise<ConformanceRun>>();

const overHttp = (): object => ({ type: 'http', url: direct.ready.url });
const overStdio = (...flags: string[]): object => ({ command: nodeBinary(), args: [serverFile, '--stdio', ...flags], env: runMark });

async function startServer(...flags: string[]): Promise<Service<ServerReady>> {
  const service = await startService<ServerReady>('the conformance server', [serverFile, '--http', ...flags]);
  started.push(service);
  return service;
}

/** One file starts in a third of the time, and a gateway starts a server for each of a hundred sessions. */
async function bundleServer(folder: string): Promise<string> {
  const outfile = path.join(folder, 'server.mjs');
  const require = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  await esbuild.build({
    entryPoints: [fileURLToPath(new URL('../servers/conformance.mts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    banner: { js: require },
  });
  return outfile;
}

async function buildGateway(): Promise<void> {
  if (process.env['MCP_CONFORMANCE_BUILD'] === '0' || process.env['MCP_CONFORMANCE_GATEWAY']) return;
  const { how, stderr } = await runProgram([path.join(projectDir, 'esbuild.mjs')], 60_000);
  if (how !== 'exit code 0') throw new Error(`The gateway could not be built: node esbuild.mjs: ${how}\n${stderr}`);
}

/** A gateway of its own with these servers behind it, recording into a store of its own. */
async function startGateway(name: string, servers: Record<string, object>): Promise<GatewayReady> {
  await (build ??= buildGateway());
  const folder = path.join(directory ?? tmpdir(), name);
  await mkdir(folder);
  const config = path.join(folder, 'mcp.json');
  await writeFile(config, JSON.stringify({ servers }));
  const args = [gatewayFile, '--config', config, '--store', path.join(folder, 'store')];
  const service = await startService<GatewayReady>(`the gateway for ${name}`, args);
  started.push(service);
  return service.ready;
}

/** One gateway for both columns of `/mcp/<server>`: each server has a neighbour with the very same names and URIs. */
let single: Promise<GatewayReady> | undefined;
function singleGateway(): Promise<GatewayReady> {
  return (single ??= startGateway('single', { [serverName]: overHttp(), confstdio: overStdio() }));
}

/** The aggregate has a neighbour with other names, so that there is something to merge and to tell apart. */
async function aggregate(name: string, upstream: object): Promise<RelayOptions> {
  const { url, token } = await startGateway(name, { [serverName]: upstream, bystander: overStdio('--bystander') });
  return { target: url, token, prefix };
}

const columns: readonly Column[] = [
  { key: 'direct', title: 'direct' },
  { key: 'relay', title: 'relay', relay: async () => ({ target: direct.ready.url }) },
  {
    key: 'relay-names',
    title: 'relay, names mapped',
    relay: async () => ({ target: (await startServer('--prefix', prefix)).ready.url, prefix }),
  },
  {
    key: 'server-http',
    title: '/mcp/<server>, HTTP',
    relay: async () => singleGateway().then(({ url, token }) => ({ target: `${url}/${serverName}`, token })),
  },
  {
    key: 'server-stdio',
    title: '/mcp/<server>, stdio',
    relay: async () => singleGateway().then(({ url, token }) => ({ target: `${url}/confstdio`, token })),
  },
  { key: 'aggregate-http', title: '/mcp, HTTP', relay: () => aggregate('aggregate-http', overHttp()) },
  { key: 'aggregate-stdio', title: '/mcp, stdio', relay: () => aggregate('aggregate-stdio', overStdio()) },
];

function tracer(key: string): ((line: string) => void) | undefined {
  const folder = process.env['MCP_CONFORMANCE_TRACE'];
  if (!folder) return undefined;
  mkdirSync(folder, { recursive: true });
  const file = path.resolve(folder, `${key}.log`);
  rmSync(file, { force: true });
  return (line) => appendFileSync(file, `${new Date().toISOString()} ${line}\n`);
}

function runColumn(column: Column): Promise<ConformanceRun> {
  const run = running.get(column.key) ?? startColumn(column);
  running.set(column.key, run);
  return run;
}

async function startColumn({ key, title, relay }: Column): Promise<ConformanceRun> {
  let { url } = direct.ready;
  if (relay) {
    const before = await startRelay({ ...(await relay()), trace: tracer(key) });
    relays.push(before);
    ({ url } = before);
  }
  const run = await runConformance({ title, url, suite });
  runs.push(run);
  return run;
}

const wanted = process.env['MCP_CONFORMANCE_COLUMNS']?.split(',');
const chosen = columns.filter(({ key }) => key === 'direct' || !wanted || wanted.some((word) => key.includes(word)));

beforeAll(async () => {
  suite = await findSuite();
  directory = await mkdtemp(path.join(tmpdir(), 'mcp-shark-conformance-'));
  serverFile = await bundleServer(directory);
  direct = await startServer();
});

afterAll(async () => {
  if (runs.length > 0) console.log(`\n@modelcontextprotocol/conformance ${suite.version}, ${SPEC_VERSION}\n${formatTable(SCENARIOS, runs)}\n`);
  const problems = runs.flatMap((run) => [...run.results.values()].map(describeProblems).filter(Boolean).map((text) => text.replaceAll(/^/gm, `${run.title}: `)));
  if (problems.length > 0) console.log(problems.join('\n'));
  await Promise.all(relays.map((relay) => relay.close()));
  // What was started last first: gateways before the servers behind them.
  const ends = await Promise.allSettled(started.reverse().map((service) => service.stop()));
  if (directory) await rm(directory, { recursive: true, force: true });
  const stragglers = findStragglers();
  const errors = ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : []));
  expect([...errors, ...stragglers], 'everything that was started has ended').toEqual([]);
});

describe('the suite', () => {
  it('has exactly the scenarios that this harness expects at the revision', async () => {
    expect(await listScenarios(suite, SPEC_VERSION)).toEqual(SCENARIOS);
  });
});

describe.each(chosen)('$title', (column) => {
  let yardstick: ConformanceRun;
  let run: ConformanceRun;
  beforeAll(async () => {
    yardstick = await runColumn(columns[0]!);
    run = await runColumn(column);
  });

  it.each(SCENARIOS)('passes %s', (scenario) => {
    const result = run.results.get(scenario);
    if (!result) throw new Error(`the suite saved no result for ${scenario}`);
    expect(result.verdict, describeProblems(result)).toBe('pass');

    const directly = yardstick.results.get(scenario);
    if (!directly) throw new Error(`the suite saved no direct result for ${scenario}`);
    const gateway = column.key.startsWith('server') || column.key.startsWith('aggregate');
    const lost = weakerChecks(directly, result).filter(
      ({ id, became }) => !(gateway && became === 'INFO' && MAY_BE_INFO.has(`${scenario}:${id}`)),
    );
    expect(lost, 'checks that succeed directly').toEqual([]);
  });
});

describe.runIf(chosen.some(({ key }) => key.startsWith('server')))('the gateway of /mcp/<server>', () => {
  it('was recording all the while', async () => {
    await singleGateway();
    const store = path.join(directory!, 'single/store');
    const sizes = await Promise.all((await readdir(store)).map(async (file) => (await stat(path.join(store, file))).size));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(50_000);
  });

  it('refuses a client without the token, so that what passes above passed by the token', async () => {
    const { url } = await singleGateway();
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
    });
    await response.body?.cancel();
    expect(response.status).toBe(401);
  });
});
