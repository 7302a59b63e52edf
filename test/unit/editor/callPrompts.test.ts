// What is asked before something of a server reaches out: shown as it is, with nothing in it that cannot be seen, and done only when agreed to.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { confirmResend, openLink } from '../../../src/extension/editor/callPrompts';
import { editorPerson } from '../../../src/extension/editor/playgroundPerson';
import { checkedLink } from '../../../src/extension/services/callActions';

const editor = vi.hoisted(() => ({ asked: [] as { message: string; detail: string; buttons: string[] }[], answers: [] as (string | undefined)[], opened: [] as string[], copied: [] as string[] }));

vi.mock('vscode', () => ({
  l10n: { t: (text: string, ...args: unknown[]) => text.replaceAll(/\{(\d)\}/g, (_all, index: string) => String(args[Number(index)])) },
  Uri: { parse: (text: string) => text },
  env: { openExternal: async (url: string) => editor.opened.push(url) > 0, clipboard: { writeText: async (text: string) => void editor.copied.push(text) } },
  window: {
    showWarningMessage: async (message: string, { detail }: { detail: string }, ...buttons: string[]) => {
      editor.asked.push({ message, detail, buttons });
      return editor.answers.shift();
    },
  },
}));

beforeEach(() => {
  for (const list of Object.values(editor)) list.length = 0;
});

describe('an address', () => {
  const link = checkedLink('https://user@xn--pple-43d.com/a');
  const ways: [string, () => Promise<unknown>, open: string, copy: string][] = [
    ['of a recorded message', () => openLink(link), 'Open Link', 'Copy Link'],
    ['that a server asks to be opened', () => editorPerson.openUrl('files', link.url, 'Sign in'), 'Open in Browser', 'Copy Address'],
  ];

  it.each(ways)('%s is shown whole, with what it could be taken for', async (_what, ask) => {
    await ask();
    const [{ detail } = { detail: '' }] = editor.asked;
    for (const words of [link.url, 'Such names can look like others', 'What stands before the @']) expect(detail).toContain(words);
    expect([editor.opened, editor.copied]).toEqual([[], []]);
  });

  it.each(ways)('%s is opened or copied as was agreed to', async (_what, ask, open, copy) => {
    editor.answers.push(copy, open);
    expect((await ask()) === true).toBe(false);
    expect([editor.opened, editor.copied]).toEqual([[], [link.url]]);
    await ask();
    expect(editor.opened).toEqual([link.url]);
  });

  it('says which server asks, and in which words', async () => {
    await editorPerson.openUrl('files', link.url, 'Sign\u202e in\nhere');
    expect(editor.asked[0]).toMatchObject({ message: 'files asks you to open this address', detail: expect.stringContaining('files says: Sign\\u{202e} in\nhere') });
  });
});

describe('sending again', () => {
  const question = { server: 'files', what: 'write\u200b[x](command:y)', isTool: true, isReadOnly: false, isRedacted: false, argumentsText: '{\n"a":"\u202eb"}' } as const;

  it('is asked with names and arguments in which everything can be seen', async () => {
    expect(await confirmResend(question)).toBe(false);
    const [{ message, detail } = { message: '', detail: '' }] = editor.asked;
    expect(message).toBe('Send write\\u{200b}[x] (command:y) to files again?');
    expect(detail).toContain('{\n"a":"\\u{202e}b"}');
  });

  it('is done when agreed to', async () => {
    editor.answers.push('Send Again');
    expect(await confirmResend(question)).toBe(true);
  });
});
