import { createServer, type AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DoctorReport } from '../../../src/extension/contract/doctor';
import type { ApplicationStatus, ServerState } from '../../../src/extension/contract/status';
import type { ConfiguredServer, ResolvedServer } from '../../../src/extension/servers/types';
import { runChecks, failed, ok } from '../../../src/extension/services/doctor/checkList';
import { examine, type DoctorPorts, type Probe } from '../../../src/extension/services/doctor/doctor';
import { reportText } from '../../../src/extension/services/doctor/reportText';
import { systemClock } from '../../../src/extension/util/clock';
import { FakeClock } from '../util/fakeClock';

const status: ApplicationStatus = {
  gateway: { kind: 'on', url: 'http://127.0.0.1:1' },
  store: { kind: 'ok' },
  servers: [],
  configProblems: [],
  configNotes: [],
  trusted: true,
  routing: true,
  recording: { kind: 'on' },
};
const file = '/w/.vscode/mcp-shark.json';
const server = (name: string): ConfiguredServer => ({
  name,
  config: { type: 'stdio', command: 'tool', args: [], env: {} },
  file,
  line: 3,
  fingerprint: name,
});
const healthy: Probe = {
  initializeMs: 12,
  protocolVersion: '2025-11-25',
  serverInfo: { name: 'real', version: '1.2' },
  tools: ['a', 'b'],
  prompts: 0,
  resources: 1,
  definitionCharacters: 400,
  problems: [],
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'doctor-'));
  await writeFile(path.join(folder, 'tool'), '#!/bin/sh\n', { mode: 0o755 });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function ports(more: Partial<DoctorPorts> & { readonly state?: ServerState; readonly now?: Partial<ApplicationStatus> } = {}): DoctorPorts {
  const resolved: ResolvedServer = { type: 'stdio', name: 'one', command: 'tool', args: [], env: { PATH: folder }, cwd: folder };
  return {
    clock: systemClock,
    status: () => ({ ...status, ...more.now }),
    servers: () => [server('one')],
    notes: () => [],
    serverAt: () => 'one',
    fixedPort: () => 0,
    stateOf: () => more.state ?? { kind: 'idle' },
    resolve: async () => resolved,
    isSignedIn: async () => false,
    probe: async () => healthy,
    clientProblem: () => undefined,
    ...more,
  };
}

const outcomes = ({ general, servers }: DoctorReport): Record<string, string> =>
  Object.fromEntries([...general, ...servers.flatMap(({ checks }) => checks)].map(({ id, outcome }) => [id, outcome]));
const messageAt = ({ general, servers }: DoctorReport, id: string): string =>
  [...general, ...servers.flatMap(({ checks }) => checks)].find((check) => check.id === id)?.message ?? '';

describe('the connection doctor', () => {
  it('finds nothing wrong with a server that is well', async () => {
    const report = await examine(ports());
    expect(new Set(Object.values(outcomes(report)))).toEqual(new Set(['ok']));
    expect(messageAt(report, 'handshake')).toBe('real 1.2 answered after 12 ms.');
    expect(messageAt(report, 'lists')).toBe('It lists 2 tools, 0 prompts and 1 resource, about 100 tokens in all.');
  });

  it.each<[string, ServerState, object]>([
    ['has switched off in the file', { kind: 'disabled', message: 'is switched off' }, { kind: 'openConfig', file, line: 3 }],
    ['has stopped', { kind: 'disabled', message: 'was stopped by you', byUser: true }, { kind: 'restart', server: 'one' }],
    ['has refused', { kind: 'refused', message: 'was refused as it is configured now', byUser: true }, { kind: 'approve', server: 'one' }],
    ['may not run by policy', { kind: 'refused', message: 'is not on the allow list' }, { kind: 'openSetting', setting: 'mcpShark.policy.servers' }],
  ])('says in its own words that a server is one that the user %s, and the fix for that', async (_what, state, fix) => {
    const report = await examine(ports({ state }));
    const check = report.servers[0]?.checks.find(({ id }) => id === 'allowed');
    expect(check).toMatchObject({ outcome: 'failed', message: state.kind === 'disabled' || state.kind === 'refused' ? state.message : '', fix });
  });

  const resolvedAs = (more: Partial<Extract<ResolvedServer, { type: 'stdio' }>>): Partial<DoctorPorts> => ({
    resolve: async () => ({ type: 'stdio', name: 'one', command: 'tool', args: [], env: { PATH: folder }, cwd: folder, ...more }),
  });
  it.each<[string, () => Parameters<typeof ports>[0], string, RegExp, string[]]>([
    ['Restricted Mode', () => ({ now: { trusted: false } }), 'trust', /Restricted Mode/, ['gateway', 'allowed', 'handshake']],
    ['routing off', () => ({ now: { routing: false } }), 'gateway', /Routing is off/, ['allowed', 'handshake']],
    ['a port that is taken', () => ({ now: { gateway: { kind: 'failed', message: 'Port 80 is taken.' } } }), 'gateway', /Port 80/, ['handshake']],
    ['no configuration', () => ({ servers: () => [] }), 'configuration', /Set Up Servers/, ['gateway']],
    ['a server nobody approved', () => ({ state: { kind: 'waitingForApproval' } as ServerState }), 'allowed', /not been approved/, ['handshake', 'lists']],
    ['a missing variable', () => ({ resolve: () => Promise.reject(new Error('no value for ${input:key}')) }), 'variables', /input:key/, ['command', 'handshake']],
    ['a missing working folder', () => resolvedAs({ cwd: path.join(folder, 'none') }), 'folder', /does not exist/, ['command', 'handshake']],
    ['a missing command', () => resolvedAs({ command: 'no-such-tool' }), 'command', /There is no program "no-such-tool" on the PATH/, ['handshake']],
    ['a server that does not answer', () => ({ probe: () => Promise.reject(new Error('it exited with code 1')) }), 'handshake', /exited with code 1/, ['protocol', 'lists']],
  ])('says what to do about %s, and what it could not look at', async (_, more, id, words, skipped) => {
    const report = await examine(ports(more()));
    expect(outcomes(report)[id]).toBe('failed');
    expect(messageAt(report, id)).toMatch(words);
    for (const other of skipped) if (other in outcomes(report)) expect(outcomes(report)[other], other).toBe('skipped');
  });

  it('goes the way to an HTTP server step by step', async () => {
    const listener = createServer((socket) => socket.resume().on('error', () => undefined).end()).listen(0, '127.0.0.1');
    await new Promise((resolve) => listener.once('listening', resolve));
    const { port } = listener.address() as AddressInfo;
    const at = (url: string): Partial<DoctorPorts> => ({ resolve: async () => ({ type: 'http', name: 'one', url, headers: {} }) });
    try {
      const open = outcomes(await examine(ports(at(`http://127.0.0.1:${port}/mcp`))));
      expect(open).toMatchObject({ name: 'ok', port: 'ok', handshake: 'ok' });
      expect(open).not.toHaveProperty('certificate');
      const noTls = await examine(ports(at(`https://127.0.0.1:${port}/mcp`)));
      expect(outcomes(noTls)).toMatchObject({ port: 'ok', certificate: 'failed', handshake: 'skipped' });
      expect(messageAt(noTls, 'certificate')).toMatch(/is not accepted/);
    } finally {
      await new Promise((resolve) => listener.close(resolve));
    }
    const closed = await examine(ports(at(`http://127.0.0.1:${port}/mcp`)));
    expect(outcomes(closed)).toMatchObject({ port: 'failed', handshake: 'skipped' });
    expect(messageAt(closed, 'port')).toBe(`Nothing listens on port ${port} of 127.0.0.1. Start the server, or correct the port in "url".`);
  });

  it('leaves the way to the host out for a server behind a socket', async () => {
    const report = await examine(ports({ resolve: async () => ({ type: 'http', name: 'one', url: 'unix:///s', headers: {} }) }));
    expect(outcomes(report)).toMatchObject({ variables: 'ok', handshake: 'ok' });
    for (const id of ['name', 'port', 'certificate', 'signIn', 'command']) expect(outcomes(report)).not.toHaveProperty(id);
  });

  it('says where the user is signed in', async () => {
    const url = 'http://127.0.0.1:9/mcp';
    const report = await examine(ports({ resolve: async () => ({ type: 'http', name: 'one', url, headers: {} }), isSignedIn: async () => true }));
    expect(messageAt(report, 'signIn')).toBe('You are signed in.');
  });

  it.each<[string, Partial<Probe>, string, RegExp]>([
    ['tools listed twice', { tools: ['a', 'a'] }, 'lists', /more than once: "a"/],
    ['names that are too long', { tools: ['x'.repeat(60)] }, 'lists', /another name/],
    ['definitions that fill the context', { definitionCharacters: 400_000 }, 'lists', /100,000 tokens.*hide tools/],
    ['an unknown protocol version', { protocolVersion: '1999-01-01' }, 'protocol', /"1999-01-01"/],
    ['a slow start', { initializeMs: 9000 }, 'handshake', /Clients wait that long/],
    ['a list that could not be had', { problems: ['prompts/list failed: no.'] }, 'lists', /prompts\/list failed/],
  ])('remarks on %s', async (_, more, id, words) => {
    const report = await examine(ports({ probe: async () => ({ ...healthy, ...more }) }));
    expect(outcomes(report)[id]).toBe('warning');
    expect(messageAt(report, id)).toMatch(words);
  });

  it('says what stands in the file for a value that may be a secret, and never the value', async () => {
    const value = 'v4lue-behind-a-placeholder';
    const configured: ConfiguredServer = { ...server('one'), config: { type: 'stdio', command: '${input:program}', args: [], env: {}, cwd: '${env:PLACE}/x' } };
    const resolved: ResolvedServer = { type: 'stdio', name: 'one', command: value, args: [], env: { PATH: folder }, cwd: path.join(folder, value) };
    const none = await examine(ports({ servers: () => [configured], resolve: async () => resolved }));
    expect(messageAt(none, 'folder')).toContain('${env:PLACE}/x');
    const there = await examine(ports({ servers: () => [configured], resolve: async () => ({ ...resolved, cwd: folder }) }));
    expect(messageAt(there, 'command')).toContain('${input:program}');
    const web: ConfiguredServer = { ...server('one'), config: { type: 'http', url: 'http://${input:host}/mcp', headers: {} } };
    const far = await examine(ports({ servers: () => [web], resolve: async () => ({ type: 'http', name: 'one', url: `http://${value}.invalid/mcp`, headers: {} }) }));
    expect(messageAt(far, 'name')).toContain('${input:host}');
    expect(JSON.stringify([none, there, far])).not.toContain(value);
  });

  it('starts nothing that nobody has judged', async () => {
    let resolved = 0;
    const report = await examine(ports({ stateOf: () => undefined, resolve: () => ((resolved += 1), Promise.reject(new Error('no'))) }));
    expect(outcomes(report)).toMatchObject({ allowed: 'failed', variables: 'skipped', handshake: 'skipped' });
    expect(resolved).toBe(0);
  });

  it.each([
    [1, 'ok'],
    [0, 'ok'],
    [4321, 'warning'],
  ])('says where other clients on port %i do not reach this window', async (port, outcome) => {
    const report = await examine(ports({ fixedPort: () => port }));
    expect(outcomes(report)['gateway']).toBe(outcome);
    expect(outcomes(report)['handshake']).toBe('ok');
  });

  it('looks at one server when asked about one', async () => {
    const report = await examine(ports({ servers: () => [server('one'), server('two')] }), 'two');
    expect(report.servers.map((one) => one.server)).toEqual(['two']);
  });
});

describe('a list of checks', () => {
  it('gives up on a check that never ends, and skips what rests on it', async () => {
    const clock = new FakeClock();
    const report = runChecks(
      [
        { id: 'a', title: 'A', limitMs: 2000, run: () => new Promise(() => undefined) },
        { id: 'b', title: 'B', needs: ['a'], run: () => ok('never') },
        { id: 'c', title: 'C', run: () => failed('always') },
      ],
      clock,
    );
    await Promise.resolve();
    await clock.advance(2000);
    expect((await report).map(({ id, outcome, message }) => [id, outcome, message])).toEqual([
      ['a', 'failed', 'There was no outcome within 2 s.'],
      ['b', 'skipped', 'Not looked at: "A" comes first.'],
      ['c', 'failed', 'always'],
    ]);
  });
});

it('a report is plain text whatever servers say of themselves', async () => {
  const evil = '<img src=x> | [click](command:evil)\n# heading';
  const text = reportText(await examine(ports({ probe: () => Promise.reject(new Error(evil)) })));
  expect(text).toContain('1 check failed.');
  expect(text).toContain('\\<img src=x\\> \\| \\[click\\](command:evil) \\# heading');
});
