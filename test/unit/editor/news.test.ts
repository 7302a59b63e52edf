// What is told of definitions that change, edits that are put into a tab, and what is said before configurations are put back.
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { CapturedEvent } from '../../../src/extension/capture/types';
import type { PlanView } from '../../../src/extension/contract/setup';
import { watchDefinitions } from '../../../src/extension/editor/definitionNews';
import { changedSpan } from '../../../src/extension/editor/serverEdit';
import { offerUndo, undoDetail } from '../../../src/extension/editor/undoOffer';
import { Emitter } from '../../../src/extension/util/event';
import { nullLogger } from '../../../src/extension/util/logger';
import { FakeClock, settle } from '../util/fakeClock';

const editor = vi.hoisted(() => ({ said: [] as string[], answers: [] as (string | undefined)[], ran: [] as string[] }));

vi.mock('vscode', () => {
  const say = (message: string, ...rest: unknown[]) => {
    const [options] = rest as [{ detail?: string } | undefined];
    editor.said.push(`${message}${typeof options === 'object' && options.detail ? `\n${options.detail}` : ''}`);
    return Promise.resolve(rest.some((one) => typeof one === 'string') ? editor.answers.shift() : undefined);
  };
  return {
    l10n: { t: (text: string, ...args: unknown[]) => text.replaceAll(/\{(\d)\}/g, (_all, index: string) => String(args[Number(index)])) },
    Uri: { from: (parts: { path: string }) => parts.path },
    commands: { executeCommand: (id: string, ...args: unknown[]) => (editor.ran.push(`${id} ${String(args[2])}`), Promise.resolve()) },
    window: { showWarningMessage: say, showInformationMessage: say, showErrorMessage: say },
  };
});

beforeEach(() => {
  for (const list of Object.values(editor)) list.length = 0;
});

describe('definitions that change', () => {
  function setUp() {
    const clock = new FakeClock();
    const events = new Emitter<CapturedEvent>();
    let reviews = 0;
    const watch = watchDefinitions(events.event, clock, () => (reviews += 1));
    const some = (...names: string[]): object => ({ count: names.length, names });
    const tell = (server: string, kind: string, parts: { new?: object; changed?: object; gone?: object }): void =>
      events.fire({ type: 'policy.definitions', server, data: { kind, new: some(), changed: some(), gone: some(), ...parts } });
    return { clock, watch, tell, some, reviews: () => reviews };
  }

  it('are told once for all that come together, and lead to where they are approved', async () => {
    const { clock, tell, some, reviews } = setUp();
    editor.answers.push('Review');
    tell('files', 'tool', { changed: some('read'), new: some('exec') });
    tell('files', 'prompt', { new: some('ask') });
    tell('files', 'instructions', { changed: some('') });
    await clock.advance(2000);
    expect(editor.said).toEqual(['The MCP server "files" has changed what you approved: tool "read", tool "exec", prompt "ask", instructions.']);
    expect(reviews()).toBe(1);
    tell('files', 'tool', { new: some('later') });
    await clock.advance(2000);
    expect(editor.said[1]).toBe('The MCP server "files" defines something new: tool "later".');
    expect(reviews()).toBe(1);
  });

  it('are few names, short, with nothing invisible and no link', async () => {
    const { clock, tell, some } = setUp();
    tell('files', 'tool', { changed: { count: 900, names: [`a\u200b${'x'.repeat(500)}`, '[Fix](command:evil)', 'c', 'd', 'e', 'f'] }, new: some() });
    await clock.advance(2000);
    expect(editor.said[0]).toContain('and 895 more');
    expect(editor.said[0]).not.toContain('](');
    expect(editor.said[0]).not.toContain('\u200b');
    expect(editor.said[0]!.length).toBeLessThan(400);
  });

  it('are not told of resources, of what has gone, of other events, and after the end', async () => {
    const { clock, tell, some, watch } = setUp();
    tell('files', 'resource', { changed: some('file:///a') });
    tell('files', 'tool', { gone: some('old') });
    await clock.advance(2000);
    tell('files', 'tool', { new: some('late') });
    watch.dispose();
    await clock.advance(2000);
    expect(editor.said).toEqual([]);
    expect(clock.waiting).toBe(0);
  });
});

describe('the part of a text that an edit changes', () => {
  it('makes the one out of the other, and cuts no line ending and no character in two', () => {
    const piece = fc.constantFrom('a', 'b', '\r\n', '\n', '\r', '😀', '\ud83d', '😁');
    const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const span = changedSpan(before, after);
        if (before === after) {
          expect(span).toBeUndefined();
          return;
        }
        const { start, end, text: put } = span!;
        expect(before.slice(0, start) + put + before.slice(end)).toBe(after);
        for (const at of [start, end]) expect(before.slice(at - 1, at + 1)).not.toMatch(/^(?:\r\n|[\ud800-\udbff][\udc00-\udfff])$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('putting configurations back when routing is turned off', () => {
  const plan: PlanView = {
    id: 'p',
    kind: 'undo',
    files: [
      { file: '/w/.vscode/mcp.json', fileLabel: '.vscode/mcp.json', client: 'VS Code', kind: 'change', linesAdded: 3, linesRemoved: 1 },
      { file: '/w/.vscode/mcp-shark.json', fileLabel: '.vscode/mcp-shark.json', client: 'MCP Shark', kind: 'delete', linesAdded: 0, linesRemoved: 9 },
    ],
    notes: [{ fileLabel: '~/.cursor/mcp.json', server: 'a', message: '"a" stays.' }],
    problems: [],
    servers: ['a'],
  };
  function serviceOf(more: Partial<PlanView> = {}) {
    const did: string[] = [];
    return {
      did,
      hasDone: async () => true,
      plan: async (request: object) => (did.push(JSON.stringify(request)), { ...plan, ...more }),
      apply: async (id: string) => void did.push(`apply ${id}`),
    };
  }

  it('writes nothing before what would be put back was shown', async () => {
    const service = serviceOf();
    editor.answers.push('Put Configurations Back', undefined);
    await offerUndo(service, nullLogger);
    expect(service.did).toEqual(['{"kind":"undo","records":"all"}']);
    expect(editor.said[1]).toContain('.vscode/mcp.json: 3 lines in, 1 lines out\n.vscode/mcp-shark.json is taken away\n\n~/.cursor/mcp.json: "a" stays.');
  });

  it('shows every change on wish, asks once more, and puts it back', async () => {
    const service = serviceOf();
    editor.answers.push('Put Configurations Back', 'Show Changes', 'Put Back');
    await offerUndo(service, nullLogger);
    expect(editor.ran).toEqual(['vscode.diff .vscode/mcp.json: now ↔ planned', 'vscode.diff .vscode/mcp-shark.json: now ↔ planned']);
    expect(service.did.at(-1)).toBe('apply p');
    expect(editor.said.at(-1)).toBe('2 configuration files were put back.');
  });

  it('says which files were left, and why it failed', async () => {
    editor.answers.push('Put Configurations Back', 'Put Back');
    await offerUndo(serviceOf({ problems: [{ fileLabel: '~/x.toml', message: 'It is read-only.' }] }), nullLogger);
    expect(editor.said.at(-1)).toContain('~/x.toml: It is read-only.');
    editor.answers.push('Put Configurations Back', 'Put Back');
    await offerUndo({ ...serviceOf(), apply: () => Promise.reject(new Error('Another window is at it.')) }, nullLogger);
    await settle();
    expect(editor.said.at(-1)).toBe('The configurations were not put back: Another window is at it.');
  });

  it('is not offered where nothing was routed, and lists so many files at most', async () => {
    await offerUndo({ ...serviceOf(), hasDone: async () => false }, nullLogger);
    expect(editor.said).toEqual([]);
    const many = { ...plan, files: Array.from({ length: 40 }, () => plan.files[0]!) };
    expect(undoDetail(many).split('\n').length).toBeLessThan(20);
    expect(undoDetail(many)).toContain('and 25 more');
  });
});
