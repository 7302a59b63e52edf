// Which calls of a definition the Servers tree shows: all of its name, or those that ran under one of its versions.
import { beforeEach, expect, it, vi } from 'vitest';
import type { DefinitionKind, DefinitionVersion } from '../../../src/extension/contract/governance';
import { pickCalls } from '../../../src/extension/editor/definitionCalls';

interface Item {
  readonly label: string;
  readonly description?: string;
}
const editor = vi.hoisted(() => ({ asked: [] as string[], choice: undefined as string | undefined }));

vi.mock('vscode', () => ({
  l10n: { t: (text: string, ...args: unknown[]) => text.replaceAll(/\{(\d)\}/g, (_all, index: string) => String(args[Number(index)])) },
  window: {
    showQuickPick: (items: readonly Item[], { title }: { readonly title: string }) => {
      editor.asked.push(title, ...items.map(({ label, description }) => (description === undefined ? label : `${label} ${description}`)));
      return Promise.resolve(items.find(({ label }) => label === editor.choice));
    },
  },
}));

beforeEach(() => {
  editor.asked.length = 0;
  editor.choice = undefined;
});

const version = (digit: string, place: DefinitionVersion['place'], approvedMs?: number): DefinitionVersion => ({ hash: digit.repeat(64), firstSeenMs: 0, place, ...(approvedMs === undefined ? {} : { approvedMs }) });
const versions = [version('b', 'listed'), version('a', 'earlier', 1)];
const echo = { server: 'demo', kind: 'tool' as const, name: 'echo' };

it('asks which version is meant where there are several, and shows what was chosen', async () => {
  editor.choice = 'a'.repeat(12);
  expect(await pickCalls(echo, versions)).toBe(`definition:${'a'.repeat(16)}`);
  expect(editor.asked).toEqual(['Show which calls of echo?', 'All calls of echo', 'bbbbbbbbbbbb listed now, not approved', 'aaaaaaaaaaaa an earlier version, approved']);
  editor.choice = 'All calls of echo';
  expect(await pickCalls(echo, versions)).toBe('server:demo tool:echo');
  editor.choice = undefined;
  expect(await pickCalls(echo, versions)).toBeUndefined();
});

it('says of what is gone that it is no longer listed', async () => {
  await pickCalls(echo, [version('b', 'last', 1), version('a', 'earlier')]);
  expect(editor.asked.slice(2)).toEqual(['bbbbbbbbbbbb no longer listed, approved', 'aaaaaaaaaaaa an earlier version, not approved']);
});

it.each<[what: string, kind: DefinitionKind, name: string, known: readonly DefinitionVersion[], filter: string | undefined]>([
  ['there is one version', 'tool', 'echo', versions.slice(0, 1), 'server:demo tool:echo'],
  ['nothing is kept of it', 'tool', 'echo', [], 'server:demo tool:echo'],
  ['calls do not tell their version', 'instructions', '', versions, 'server:demo'],
  ['no filter tells its calls', 'template', 'file:///{path}', versions, undefined],
])('does not ask where %s', async (_what, kind, name, known, filter) => {
  expect(await pickCalls({ server: 'demo', kind, name }, known)).toBe(filter);
  expect(editor.asked).toEqual([]);
});
