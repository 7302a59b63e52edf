/** VS Code turns Markdown links in notifications into links, commands included. */
import { expect, it } from 'vitest';
import { plainMessage } from '../../../src/extension/editor/plainMessage';

/** vs/base/common/linkedText.ts, as VS Code 1.10x has it. */
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/gi;

it.each([
  '"[Fix it](command:workbench.action.terminal.sendSequence?%7B%7D)" cannot be the name of a server',
  '[a](https://evil.example) and [b](file:///etc/passwd "title")',
  '[a]([b](command:c))',
])('no link is left in %s', (text) => {
  expect(text).toMatch(LINK);
  expect(plainMessage(text)).not.toMatch(LINK);
});

it('leaves everything else as it is', () => {
  const text = 'servers.a[0]: "args" (line 3) must be [a list] of strings.';
  expect(plainMessage(text)).toBe(text);
});
