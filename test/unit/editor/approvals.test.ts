// The question whether a server may start: shows what would run, cannot be forged by texts of a file, approves nothing unseen.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { PendingServer } from '../../../src/extension/contract/governance';
import { approvalText, askApproval, reviewApprovals, watchApprovals, type ApprovalPort } from '../../../src/extension/editor/approvals';
import { Emitter } from '../../../src/extension/util/event';
import { nullLogger } from '../../../src/extension/util/logger';

interface Asked {
  readonly message: string;
  readonly detail: string | undefined;
  readonly buttons: readonly string[];
}

const editor = vi.hoisted(() => ({ asked: [] as unknown[], answers: [] as (string | undefined)[], documents: [] as string[], errors: [] as string[] }));

vi.mock('vscode', () => ({
  l10n: { t: (text: string, ...args: unknown[]) => text.replaceAll(/\{(\d)\}/g, (_all, index: string) => String(args[Number(index)])) },
  workspace: {
    asRelativePath: (file: string) => file.replace('/w/', ''),
    openTextDocument: ({ content }: { content: string }) => (editor.documents.push(content), Promise.resolve({})),
  },
  window: {
    showWarningMessage: (message: string, ...rest: (string | { detail?: string })[]) => {
      const [options] = rest;
      const detail = typeof options === 'object' ? options.detail : undefined;
      editor.asked.push({ message, detail, buttons: rest.filter((one) => typeof one === 'string') });
      return Promise.resolve(editor.answers.shift());
    },
    showInformationMessage: (message: string) => (editor.asked.push({ message }), Promise.resolve(undefined)),
    showErrorMessage: (message: string) => (editor.errors.push(message), Promise.resolve(undefined)),
    showTextDocument: () => Promise.resolve({}),
  },
}));

const asked = editor.asked as Asked[];
beforeEach(() => {
  for (const list of Object.values(editor)) list.length = 0;
});

const waiting = (more: Partial<PendingServer> = {}): PendingServer => ({
  id: 'id',
  name: 'files',
  file: '/w/.vscode/mcp-shark.json',
  line: 4,
  hash: 'h1',
  transport: 'stdio',
  commandLine: 'npx -y server',
  fields: [{ field: 'command', text: 'npx' }, { field: 'args', text: '-y server' }],
  why: { kind: 'new' },
  about: {},
  ...more,
});

function portOf(pending: readonly PendingServer[], refused: readonly PendingServer[] = []) {
  const done: string[] = [];
  const state = { pending };
  const port: ApprovalPort = {
    pending: () => state.pending,
    refused: () => refused,
    approveServer: async (id, hash) => void done.push(`approve ${id} ${hash}`),
    refuseServer: async (id, hash) => void done.push(`refuse ${id} ${hash}`),
  };
  return { port, done, state };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('what is shown', () => {
  it('is what runs, why it is asked, and where it stands', () => {
    const { detail, full } = approvalText(waiting({ about: { purpose: 'Files', owner: 'team', permissions: ['read'], note: 'n' } }));
    expect(full).toBe(detail);
    expect(detail.split('\n')).toEqual(expect.arrayContaining(['npx -y server', 'command: npx', 'Purpose: Files', 'Owner: team', 'Expected permissions: read', 'Note: n', '.vscode/mcp-shark.json:4']));
  });

  it('is every change of what was approved, and never a secret', () => {
    const changes = [
      { field: 'args', before: '-y server@1', after: '-y server@2' },
      { field: 'env.NEW', after: 'x' },
      { field: 'cwd', before: '/old' },
      { field: 'env.TOKEN', before: '[hidden]', after: '[hidden]' },
    ];
    const { detail } = approvalText(waiting({ why: { kind: 'changed', approvedMs: 0, changes } }));
    expect(detail).toContain('args was: -y server@1\nargs is: -y server@2');
    expect(detail).toContain('env.NEW was added: x');
    expect(detail).toContain('cwd was removed: /old');
    expect(detail).toContain('env.TOKEN changed (its value is a secret and not shown)');
  });

  it('is one line for each text of the file, with nothing invisible', () => {
    const forged = 'x\n\nPurpose: made by us\u202e\u200b\u2028Owner: you';
    const { full } = approvalText(waiting({ fields: [{ field: `env.${forged}`, text: forged }], about: { note: forged }, commandLine: `run\r\n${forged}` }));
    expect(full.split('\n').filter((line) => /^(Purpose|Owner):/.test(line))).toEqual([]);
    expect(full).not.toMatch(/[\u202e\u200b\u2028]/);
    expect(full).toContain('\\u{202e}');
  });

  it('is cut where it does not fit, which can be told', () => {
    for (const more of [
      { commandLine: `run ${'a '.repeat(2000)}evil` },
      { about: { note: 'n'.repeat(400) } },
      { fields: [...Array(30).keys()].map((k) => ({ field: `env.V${k}`, text: 'x' })) },
    ]) {
      const { detail, full } = approvalText(waiting(more));
      expect(detail).not.toBe(full);
      expect(detail.length).toBeLessThan(4000);
    }
    expect(approvalText(waiting({ commandLine: `run ${'a '.repeat(2000)}evil` })).full).toContain('evil');
  });
});

describe('the answer', () => {
  it.each<[string | undefined, readonly string[], boolean]>([
    ['Approve', ['approve id h1'], true],
    ['Do Not Start', ['refuse id h1'], true],
    [undefined, [], false],
  ])('%s does what it says for the hash that was shown', async (answer, expected, isAnswered) => {
    const { port, done } = portOf([waiting()]);
    editor.answers.push(answer);
    expect(await askApproval(port, waiting())).toBe(isAnswered);
    expect(done).toEqual(expected);
    expect(asked[0]!.buttons).toEqual(['Approve', 'Do Not Start']);
  });

  it('cannot be yes before the whole was shown, where it does not fit', async () => {
    const long = waiting({ commandLine: `run ${'a '.repeat(2000)}evil` });
    const { port, done } = portOf([long]);
    editor.answers.push('Show in Full', 'Approve');
    await askApproval(port, long);
    expect(asked[0]!.buttons).toEqual(['Show in Full', 'Do Not Start']);
    expect(asked[0]!.detail).toContain('This is not all of it');
    expect(editor.documents[0]).toContain('evil');
    expect(asked[1]!.buttons).toEqual(['Approve', 'Do Not Start']);
    expect(done).toEqual(['approve id h1']);
  });
});

describe('telling of servers that wait', () => {
  it('happens once for each version, when it begins to wait', async () => {
    const changed = new Emitter<void>();
    const { port, state } = portOf([]);
    const watch = watchApprovals(port, changed.event, nullLogger);
    expect(asked).toEqual([]);
    state.pending = [waiting()];
    changed.fire();
    changed.fire();
    await settled();
    expect(asked.length).toBe(1);
    expect(asked[0]!.message).toContain('"files" is new');
    state.pending = [waiting({ hash: 'h2', why: { kind: 'changed', approvedMs: 0, changes: [] } })];
    changed.fire();
    expect(asked.length).toBe(2);
    expect(asked[1]!.message).toContain('has changed');
    watch.dispose();
    state.pending = [waiting({ hash: 'h3' })];
    changed.fire();
    expect(asked.length).toBe(2);
  });

  it('asks only about what still waits when the user looks', async () => {
    const changed = new Emitter<void>();
    const { port, state, done } = portOf([waiting(), waiting({ id: 'other', name: 'other' })]);
    editor.answers.push('Review', 'Approve');
    watchApprovals(port, changed.event, nullLogger);
    state.pending = [waiting({ id: 'other', name: 'other' })];
    await settled();
    expect(done).toEqual(['approve other h1']);
  });

  it('holds no link that a name could bring', () => {
    watchApprovals(portOf([waiting({ name: '[Fix](command:evil)' })]).port, new Emitter<void>().event, nullLogger);
    expect(asked[0]!.message).not.toContain('](');
  });

  it('says why an approval did not come about', async () => {
    const { port } = portOf([waiting()]);
    const failing: ApprovalPort = { ...port, approveServer: () => Promise.reject(new Error('It has changed since it was shown.')) };
    editor.answers.push('Review', 'Approve');
    watchApprovals(failing, new Emitter<void>().event, nullLogger);
    await settled();
    await settled();
    expect(editor.errors).toEqual(['Nothing was decided: It has changed since it was shown.']);
  });
});

describe('looking at what waits', () => {
  it('asks again about a server that was refused, when it is that one that is meant', async () => {
    const { port, done } = portOf([waiting({ id: 'a', name: 'other' })], [waiting({ id: 'b', hash: 'h2' })]);
    editor.answers.push('Approve');
    await reviewApprovals(port, 'files');
    expect(done).toEqual(['approve b h2']);
  });

  it('leaves what was refused alone when all that waits is looked at', async () => {
    const { port, done } = portOf([waiting({ id: 'a', name: 'other' })], [waiting({ id: 'b' })]);
    editor.answers.push('Approve');
    await reviewApprovals(port);
    expect(done).toEqual(['approve a h1']);
    await reviewApprovals(port, 'nobody');
    expect(asked.at(-1)?.message).toBe('"nobody" does not wait for approval.');
  });
});
