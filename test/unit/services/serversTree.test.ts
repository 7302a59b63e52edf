import { describe, expect, it } from 'vitest';
import type { DefinitionRow, GovernedServer } from '../../../src/extension/contract/governance';
import type { ServerState } from '../../../src/extension/contract/status';
import { serverNodes, waitingBelow, type TreeInput, type TreeNode } from '../../../src/extension/services/serversTree';

const nowMs = Date.UTC(2026, 0, 10, 12);
const definition = (more: Partial<DefinitionRow> & Pick<DefinitionRow, 'name'>): DefinitionRow => ({
  kind: 'tool',
  state: 'approved',
  hash: 'ab'.repeat(32),
  firstSeenMs: nowMs,
  changedMs: nowMs,
  lastSeenMs: nowMs,
  approvedMs: nowMs,
  ...more,
});
const governed = (more: Partial<GovernedServer> = {}): GovernedServer => ({
  id: 'x',
  name: 'files',
  file: '/w/.vscode/mcp-shark.json',
  line: 3,
  transport: 'stdio',
  gate: { kind: 'open' },
  hash: 'h',
  commandLine: 'npx -y files',
  about: {},
  unapproved: 0,
  ...more,
});

function tree(state: ServerState, more: Partial<TreeInput> = {}): TreeNode {
  const [node] = serverNodes({
    statuses: [{ name: 'files', transport: 'stdio', state }],
    governed: [governed()],
    health: (name) => ({ name, connections: 0, restarts: 0 }),
    definitions: () => [],
    findings: () => [],
    nowMs,
    ...more,
  });
  return node!;
}

const flat = (node: TreeNode): TreeNode[] => [node, ...(node.children ?? []).flatMap(flat)];
const at = (node: TreeNode, id: string): TreeNode | undefined => flat(node).find((one) => one.id === `server/files/${id}`);

describe('the tree of servers', () => {
  it.each<[ServerState, string, string]>([
    [{ kind: 'idle' }, 'idle', 'circle-outline'],
    [{ kind: 'starting' }, 'starting', 'loading~spin'],
    [{ kind: 'running', connections: 2 }, 'running', 'pass'],
    [{ kind: 'failed', message: 'It exited.', stderr: ['boom'], atMs: nowMs }, 'failed', 'error'],
    [{ kind: 'waitingForApproval', message: 'New server.' }, 'waiting for approval', 'shield'],
    [{ kind: 'disabled', message: 'Off.' }, 'off', 'circle-slash'],
    [{ kind: 'refused', message: 'Not on the list.' }, 'refused', 'circle-slash'],
  ])('shows state %o in words and with an icon', (state, words, icon) => {
    const closed = state.kind === 'disabled' ? { governed: [governed({ gate: state })] } : {};
    expect(tree(state, closed)).toMatchObject({ label: 'files', description: words, icon });
  });

  it('offers the approval of a server that waits for it, first of all', () => {
    const [first] = tree({ kind: 'waitingForApproval', message: 'New server.' }).children ?? [];
    expect(first).toMatchObject({ label: 'Review and approve', target: { kind: 'approval', server: 'files' } });
  });

  it('shows why a server failed, with its last lines', () => {
    const node = at(tree({ kind: 'failed', message: 'It exited.', stderr: ['one', 'two'], atMs: nowMs }), 'failure');
    expect(node).toMatchObject({ label: 'It exited.', tooltip: 'It exited.\none\ntwo' });
  });

  it('puts what changed before what did not, and what has gone last', () => {
    const definitions = [
      definition({ name: 'same' }),
      definition({ name: 'old', state: 'gone' }),
      definition({ name: 'fresh', state: 'new' }),
      definition({ name: 'other', state: 'changed', previous: 'cd' }),
    ];
    const node = tree({ kind: 'running', connections: 1 }, { definitions: () => definitions, governed: [governed({ unapproved: 2 })] });
    expect(node).toMatchObject({ description: 'running · 3 tools · 2 changes', tone: 'good' });
    expect(at(node, 'tool')?.description).toBe('3 · 2 changes');
    expect(at(node, 'tool')?.children?.map(({ label, description }) => [label, description])).toEqual([
      ['other', 'changed'],
      ['fresh', 'new'],
      ['same', undefined],
      ['old', 'gone'],
    ]);
    expect(at(node, 'tool/other')?.context).toBe('definition.tool.changed.previous');
  });

  it('marks what policy blocks', () => {
    const node = tree({ kind: 'running', connections: 1 }, { definitions: () => [definition({ name: 'rm', state: 'new', blocked: 'Blocked: new tool.' })] });
    expect(at(node, 'tool/rm')).toMatchObject({ icon: 'circle-slash', description: 'new, blocked' });
  });

  it('leads from a finding to its line or its definition', () => {
    const node = tree(
      { kind: 'idle' },
      {
        definitions: () => [definition({ name: 'evil' })],
        findings: () => [
          { message: 'Secret in env.', isSevere: true, place: { file: '/w/f', line: 4, column: 2 } },
          { message: 'Hidden text.', isSevere: false, definition: { kind: 'tool', name: 'evil' } },
        ],
      },
    );
    const [line, tool] = at(node, 'findings')?.children ?? [];
    expect(line).toMatchObject({ label: 'Secret in env.', context: 'finding', target: { kind: 'line', line: 4 } });
    expect(tool).toMatchObject({ label: 'evil', context: 'finding.calls', description: 'Hidden text.', target: { kind: 'definition', definition: { name: 'evil' } } });
    expect(node.description).toBe('idle · 1 tool · 2 findings');
  });

  it('says how a server is doing', () => {
    const node = tree(
      { kind: 'running', connections: 1 },
      {
        health: (name) => ({
          name,
          connections: 1,
          restarts: 3,
          upSinceMs: nowMs - 125 * 60_000,
          latency: { p50Us: 1500, p95Us: 250_000, samples: 9 },
          lastError: { message: 'exited', atMs: nowMs },
          handshake: { serverName: 'real', serverVersion: '2', protocolVersion: '2025-11-25', hasInstructions: false, capabilities: ['tools'], extensions: ['ui'] },
        }),
      },
    );
    expect(at(node, 'health')?.description).toBe('up 2 h 5 min, p95 250 ms');
    expect(at(node, 'health')?.children?.map(({ label, description }) => `${label}: ${description}`)).toEqual([
      'Up for: 2 h 5 min',
      'Latency: p50 1.5 ms, p95 250 ms',
      'Restarts: 3',
      'Last error: exited',
      'Implementation: real 2',
      'Protocol: 2025-11-25',
      'Capabilities: tools',
      'Extensions: ui',
    ]);
  });

  it('stays small for a server that lists thousands, and every id is there once', () => {
    const definitions = ['more', 'tool/t1', ...Array.from({ length: 2998 }, (_, k) => `t${k}`)].map((name) => definition({ name }));
    const node = tree({ kind: 'idle' }, { definitions: () => definitions });
    const tools = at(node, 'tool')?.children ?? [];
    expect(tools).toHaveLength(501);
    expect(tools.at(-1)?.label).toBe('and 2500 more');
    const ids = flat(node).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('tells one that the user has stopped from one that is switched off, since only that can be restarted', () => {
    const state: ServerState = { kind: 'disabled', message: 'Stopped by you.' };
    expect(tree(state)).toMatchObject({ description: 'stopped', context: 'server.stopped.stdio' });
    expect(tree(state, { governed: [governed({ gate: state })] })).toMatchObject({ description: 'off', context: 'server.disabled.stdio' });
  });

  it('gives for approval what waits below a node, and nothing that is not shown there', () => {
    const definitions = [
      definition({ name: 'same' }),
      definition({ name: 'fresh', state: 'new' }),
      definition({ name: 'other', state: 'changed' }),
      definition({ name: 'old', state: 'gone' }),
      definition({ name: 'ask', kind: 'prompt', state: 'new' }),
    ];
    const node = tree({ kind: 'idle' }, { definitions: () => definitions });
    const names = (of: TreeNode | undefined): string[] => (of ? waitingBelow(of) : []).map(({ name }) => name).toSorted();
    expect(names(node)).toEqual(['ask', 'fresh', 'other']);
    expect(names(at(node, 'tool'))).toEqual(['fresh', 'other']);
    expect(at(node, 'tool')?.target).toEqual({ kind: 'group', server: 'files' });
    expect(names(at(node, 'tool/fresh'))).toEqual(['fresh']);
    expect(names(at(node, 'tool/same'))).toEqual([]);
  });
});
