/** Approval of servers: what runs, what is asked, and that windows share what was decided. */
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CapturedEvent } from '../../../src/extension/capture/types';
import type { Policy } from '../../../src/extension/contract/governance';
import { DEFAULT_POLICY } from '../../../src/extension/security/policy';
import { Governance } from '../../../src/extension/security/policyGovernance';
import { parseServersFile } from '../../../src/extension/servers/configFile';
import type { ConfiguredServer } from '../../../src/extension/servers/types';
import { Emitter } from '../../../src/extension/util/event';
import { nullLogger } from '../../../src/extension/util/logger';
import { FakeClock } from '../util/fakeClock';

const FILE = '/w/.vscode/mcp-shark.json';
let dir: string;
let clock: FakeClock;
const windows: Window[] = [];

interface Window {
  readonly governance: Governance;
  readonly events: CapturedEvent[];
  readonly policyChanged: Emitter<void>;
  servers: readonly ConfiguredServer[];
  policy: Policy;
  trusted: boolean;
  gates: number;
}

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'mcp-shark-approvals-'));
  clock = new FakeClock();
});

afterEach(() => {
  for (const { governance } of windows.splice(0)) governance.dispose();
  rmSync(dir, { recursive: true });
});

const configured = (servers: object, file = FILE): readonly ConfiguredServer[] => parseServersFile(JSON.stringify({ servers }), file).servers;

function open(servers: readonly ConfiguredServer[], policy: Partial<Policy> = {}): Window {
  const policyChanged = new Emitter<void>();
  const events: CapturedEvent[] = [];
  const window: Window = {
    servers,
    policy: { ...DEFAULT_POLICY, ...policy },
    trusted: true,
    gates: 0,
    events,
    policyChanged,
    governance: new Governance({
      dir,
      clock,
      logger: nullLogger,
      randomId: () => 'id',
      policy: () => window.policy,
      onDidChangePolicy: policyChanged.event,
      trusted: () => window.trusted,
      user: 'ada',
      servers: () => window.servers,
      inputs: () => [],
    }),
  };
  window.governance.onDidRecord((event) => events.push(event));
  window.governance.onDidChangeGates(() => window.gates++);
  windows.push(window);
  return window;
}

const gates = ({ governance, servers }: Window): string[] => servers.map((server) => governance.gateOf(server).kind);
const one = { demo: { command: 'npx', args: ['-y', 'pkg@1.0.0'], env: { TOKEN: 'secret-of-the-file' } } };

describe('a server that nobody has approved', () => {
  it('waits, says what would run and that it is new, and runs once it is approved', async () => {
    const window = open(configured({ demo: { ...one.demo, purpose: 'To try', owner: 'me' } }));
    expect(gates(window)).toEqual(['waiting']);
    const [pending] = window.governance.pending();
    expect(pending).toMatchObject({
      name: 'demo',
      file: FILE,
      line: 1,
      transport: 'stdio',
      commandLine: 'npx -y pkg@1.0.0',
      why: { kind: 'new' },
      about: { purpose: 'To try', owner: 'me' },
    });
    await window.governance.approveServer(pending!.id, pending!.hash);
    expect(gates(window)).toEqual(['open']);
    expect(window.gates).toBe(1);
    expect(window.governance.pending()).toEqual([]);
    expect(window.governance.servers()[0]).toMatchObject({ gate: { kind: 'open' }, approvedMs: clock.wallMs(), approvedBy: 'ada' });
    expect(window.events.map(({ type, data }) => [type, data['by']])).toEqual([
      ['policy.waiting', undefined],
      ['policy.approved', 'ada'],
    ]);
  });

  it('is refused, can be looked at again, and runs once it is approved after all', async () => {
    const window = open(configured(one));
    const [pending] = window.governance.pending();
    expect(window.governance.refused()).toEqual([]);
    await window.governance.refuseServer(pending!.id, pending!.hash);
    expect(window.governance.servers()[0]?.gate).toMatchObject({ kind: 'refused', byUser: true });
    expect(window.governance.pending()).toEqual([]);
    expect(window.governance.refused()).toEqual([pending]);
    await window.governance.approveServer(pending!.id, pending!.hash);
    expect(gates(window)).toEqual(['open']);
    expect(window.governance.refused()).toEqual([]);
  });

  it('does not run for having been approved elsewhere, under another name, or by another file', async () => {
    const window = open(configured(one));
    const [pending] = window.governance.pending();
    await window.governance.approveServer(pending!.id, pending!.hash);
    window.servers = [...configured({ other: one.demo }), ...configured(one, '/copy/.vscode/mcp-shark.json')];
    expect(gates(window)).toEqual(['waiting', 'waiting']);
  });

  it('is told of once in the audit log, and again when it is another', () => {
    const window = open(configured(one));
    gates(window);
    gates(window);
    window.servers = configured({ demo: { command: 'node' } });
    gates(window);
    expect(window.events.map(({ type }) => type)).toEqual(['policy.waiting', 'policy.waiting']);
  });
});

describe('a server that has changed since', () => {
  it('waits again, and says exactly what differs', async () => {
    const window = open(configured(one));
    const [first] = window.governance.pending();
    await window.governance.approveServer(first!.id, first!.hash);
    await clock.advance(1000);
    window.servers = configured({ demo: { command: 'npx', args: ['-y', 'pkg@1.0.1'], env: { TOKEN: 'another-secret', EXTRA: '1' } } });
    const [second] = window.governance.pending();
    expect(second!.why).toEqual({
      kind: 'changed',
      approvedMs: clock.wallMs() - 1000,
      changes: [
        { field: 'args', before: '-y pkg@1.0.0', after: '-y pkg@1.0.1' },
        { field: 'env.EXTRA', after: '1' },
      ],
    });
    expect(window.governance.gateOf(window.servers[0]!)).toMatchObject({ message: 'Server "demo" has changed since it was approved (args, env.EXTRA) and waits for approval in MCP Shark.' });
    // Back to what was approved.
    window.servers = configured(one);
    expect(gates(window)).toEqual(['open']);
  });

  it('is not approved by a click on what it was before', async () => {
    const window = open(configured(one));
    const [shown] = window.governance.pending();
    window.servers = configured({ demo: { command: 'rm', args: ['-rf', '/'] } });
    await expect(window.governance.approveServer(shown!.id, shown!.hash)).rejects.toMatchObject({ code: 'server.notAllowed' });
    expect(gates(window)).toEqual(['waiting']);
  });
});

describe('what was decided', () => {
  it('is never decided in an untrusted workspace', async () => {
    const window = open(configured(one));
    const [pending] = window.governance.pending();
    window.trusted = false;
    await expect(window.governance.approveServer(pending!.id, pending!.hash)).rejects.toMatchObject({ code: 'server.notAllowed' });
    await expect(window.governance.approveDefinitions(pending!.id)).rejects.toMatchObject({ code: 'server.notAllowed' });
    expect(gates(window)).toEqual(['waiting']);
  });

  it('can be no, until it is approved after all', async () => {
    const window = open(configured(one), { servers: 'ask' });
    const { id, hash } = window.governance.pending()[0]!;
    await window.governance.refuseServer(id, hash);
    expect(gates(window)).toEqual(['refused']);
    expect(window.governance.pending()).toEqual([]);
    window.policy = { ...DEFAULT_POLICY, servers: 'allow' };
    expect(gates(window)).toEqual(['refused']);
    await window.governance.approveServer(id, hash);
    expect(gates(window)).toEqual(['open']);
  });

  it('holds after a reload, and is heard of by other windows', async () => {
    const [a, b] = [open(configured(one)), open(configured(one))];
    const [pending] = a.governance.pending();
    expect(gates(b)).toEqual(['waiting']);
    await a.governance.approveServer(pending!.id, pending!.hash);
    await clock.advance(2000);
    expect(b.gates).toBe(1);
    expect(gates(b)).toEqual(['open']);
    expect(gates(open(configured(one)))).toEqual(['open']);
  });

  it('is not lost where windows decide at once, a line was cut off by a crash, or nonsense stands in the file', async () => {
    const [a, b] = [open(configured(one)), open(configured(one))];
    const [pending] = a.governance.pending();
    gates(b);
    await a.governance.refuseServer(pending!.id, pending!.hash);
    const [file] = readdirSync(path.join(dir, 'servers'));
    const ledger = path.join(dir, 'servers', file!);
    appendFileSync(ledger, 'no JSON\n[1]\n{"e":"server"}\n{"e":"ok","d":5}\n{"e":"server","t":1,"d":"appro');
    await b.governance.approveServer(pending!.id, pending!.hash);
    expect(gates(open(configured(one)))).toEqual(['open']);
    await clock.advance(2000);
    expect(gates(a)).toEqual(['open']);
  });

  it('by a later version of MCP Shark is neither believed nor overwritten', async () => {
    const a = open(configured(one));
    const [pending] = a.governance.pending();
    await a.governance.approveServer(pending!.id, pending!.hash);
    const ledger = path.join(dir, 'servers', readdirSync(path.join(dir, 'servers'))[0]!);
    writeFileSync(ledger, readFileSync(ledger, 'utf8').replace('"v":1', '"v":2'));
    const before = readFileSync(ledger, 'utf8');
    const b = open(configured(one));
    expect(b.governance.gateOf(b.servers[0]!)).toMatchObject({ kind: 'refused', message: expect.stringContaining('later version') as string });
    await expect(b.governance.approveServer(pending!.id, pending!.hash)).rejects.toMatchObject({ code: 'server.notAllowed' });
    expect(readFileSync(ledger, 'utf8')).toBe(before);
  });

  it('holds no secret and is readable by the user only', async () => {
    const window = open(configured({ demo: { command: 'x', args: ['--api-key', 'secret-in-args'], env: { TOKEN: 'secret-of-the-file' } } }));
    const [pending] = window.governance.pending();
    await window.governance.approveServer(pending!.id, pending!.hash);
    const ledger = path.join(dir, 'servers', readdirSync(path.join(dir, 'servers'))[0]!);
    expect(readFileSync(ledger, 'utf8')).not.toContain('secret-');
    expect(JSON.stringify(window.events)).not.toContain('secret-');
    if (process.platform !== 'win32') expect(statSync(ledger).mode & 0o077).toBe(0);
  });
});

describe('the policy for servers', () => {
  const hashOf = (window: Window): string => window.governance.servers()[0]!.hash;

  it('may allow all that are not switched off', () => {
    const window = open(configured({ a: one.demo, b: { command: 'x', enabled: false } }), { servers: 'allow' });
    expect(gates(window)).toEqual(['open', 'disabled']);
  });

  it('may allow listed servers only: others cannot even be approved', async () => {
    const window = open(configured(one), { servers: 'allowListOnly' });
    expect(gates(window)).toEqual(['refused']);
    const { id, hash } = window.governance.servers()[0]!;
    expect(window.governance.gateOf(window.servers[0]!)).toMatchObject({ message: expect.stringContaining(`"sha256:${hash}"`) as string });
    await expect(window.governance.approveServer(id, hash)).rejects.toMatchObject({ code: 'server.notAllowed' });
    window.policy = { ...window.policy, allowList: ['demo'] };
    expect(gates(window)).toEqual(['waiting']);
    await window.governance.approveServer(id, hash);
    expect(gates(window)).toEqual(['open']);
    window.policy = { ...window.policy, allowList: ['another'] };
    expect(gates(window)).toEqual(['refused']);
  });

  it('runs what is listed by its hash without asking, and nothing else under its name', () => {
    const window = open(configured(one));
    window.policy = { ...DEFAULT_POLICY, servers: 'allowListOnly', allowList: [`sha256:${hashOf(window)}`] };
    expect(gates(window)).toEqual(['open']);
    window.servers = configured({ demo: { command: 'other' } });
    expect(gates(window)).toEqual(['refused']);
  });

  it('tells of a change at once', () => {
    const window = open(configured(one));
    const told: (readonly string[])[] = [];
    window.governance.onDidChangeTools((names) => told.push(names));
    window.policyChanged.fire();
    expect(window.gates).toBe(1);
    expect(told).toEqual([['demo']]);
  });
});
