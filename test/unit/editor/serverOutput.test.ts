// Output channels of servers: one each, bounded, and no line that a server could forge.
import { beforeEach, expect, it, vi } from 'vitest';
import type { ServerEvent } from '../../../src/extension/application';
import { ServerOutputs } from '../../../src/extension/editor/serverOutput';
import { Emitter } from '../../../src/extension/util/event';

const editor = vi.hoisted(() => ({ open: new Map<string, string[]>(), made: 0 }));

vi.mock('vscode', () => ({
  l10n: { t: (text: string, ...args: unknown[]) => text.replaceAll(/\{(\d)\}/g, (_all, index: string) => String(args[Number(index)])) },
  window: {
    createOutputChannel: (name: string) => {
      const lines: string[] = [];
      editor.made += 1;
      editor.open.set(name, lines);
      const write = (level: string) => (text: string) => void lines.push(`${level} ${text}`);
      return { info: write('info'), warn: write('warn'), error: write('error'), debug: write('debug'), show: () => void lines.push('shown'), dispose: () => editor.open.delete(name) };
    },
  },
}));

let events: Emitter<ServerEvent>;
let outputs: ServerOutputs;
beforeEach(() => {
  editor.open.clear();
  editor.made = 0;
  events = new Emitter();
  outputs = new ServerOutputs(events.event);
});
const stderr = (server: string, ...lines: string[]): void => events.fire({ type: 'server.stderr', server, data: { lines } });
const of = (server: string): readonly string[] => editor.open.get(`MCP Shark: ${server}`) ?? [];

it('each server has its own, made when there is something to write or to read', () => {
  expect(editor.made).toBe(0);
  stderr('a', 'one', 'two');
  events.fire({ type: 'server.strayStdout', server: 'a', data: { text: 'oops' } });
  events.fire({ type: 'server.failed', server: 'a', data: { message: 'It exited.' } });
  outputs.show('b');
  expect(of('a')).toEqual(['info one', 'info two', 'warn on stdout, but no message: oops', 'error It exited.']);
  expect(of('b')).toEqual(['shown']);
  expect(editor.made).toBe(2);
});

it('one line stays one line, without colours and control characters', () => {
  stderr('a', '\u001b[31mred\u001b[0m\r\n2026-01-01 [error] forged\u2028more\u0007', 'tab\t[info] stays');
  expect(of('a')).toEqual(['info red 2026-01-01 [error] forged more', 'info tab\t[info] stays']);
});

it('lines and their number are bounded, and what is left out is said', () => {
  stderr('a', 'x'.repeat(100_000), ...Array.from({ length: 2000 }, (_, k) => `line ${k}`));
  events.fire({ type: 'server.running', server: 'a', data: { huge: 'y'.repeat(100_000) } });
  expect(of('a').length).toBeLessThan(600);
  expect(Math.max(...of('a').map(({ length }) => length))).toBeLessThan(4100);
  expect(of('a')).toContainEqual(expect.stringMatching(/^warn 1501 more lines/));
});

it('of many servers those that spoke last have a channel, and all go with the window', () => {
  for (let k = 0; k < 300; k += 1) {
    stderr(`s${k}`, 'x');
    stderr('talker', 'x');
  }
  expect(editor.open.size).toBe(50);
  expect(of('talker').length).toBe(300);
  expect(of('s299').length).toBe(1);
  outputs.show('s0');
  expect(of('s0')).toEqual(['shown']);
  outputs.dispose();
  expect(editor.open.size).toBe(0);
  stderr('a', 'late');
  expect(editor.open.size).toBe(0);
});
