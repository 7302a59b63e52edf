// Where findings stand in a file: at the very text, at the server's name, and never at another file's.
import { describe, expect, it } from 'vitest';
import type { Finding, FindingPlace } from '../../../src/extension/contract/findings';
import { findingMarks } from '../../../src/extension/services/findingMarks';

const TEXT = '{\r\n\t// first\r\n\t"servers": {\r\n\t\t"a": { "command": "npx", "args": ["-y", "server"] },\r\n\t\t"b": { "url": "http://far.example/" }\r\n\t}\r\n}';
const servers = [
  { name: 'a', file: '/w/f.json', line: 4 },
  { name: 'b', file: '/w/f.json', line: 5 },
  { name: 'u', file: '/home/f.json', line: 2 },
];
const finding = (place: FindingPlace, more: Partial<Finding> = {}): Finding => ({ rule: 'config.unpinned', tier: 'structural', severity: 'medium', message: 'Not pinned.', place, ...more });
const config = (server: string, ...path: (string | number)[]): FindingPlace => ({ in: 'config', server, file: '/w/f.json', line: 1, path });
const definition = (server: string, name: string): FindingPlace => ({ in: 'definition', server, kind: 'tool', name, pointer: '/description' });
const marks = (findings: readonly Finding[], text = TEXT) => findingMarks(findings, servers, (file) => (file === '/w/f.json' ? text : ''));

describe('marks of findings', () => {
  it.each<[string, FindingPlace, number, string]>([
    ['an argument', config('a', 'args', 1), 4, '"server"'],
    ['the command', config('a', 'command'), 4, '"npx"'],
    ['an address', config('b', 'url'), 5, '"http://far.example/"'],
    ['an entry', config('b'), 5, '"b"'],
    ['what is no longer there, at the nearest that is', config('a', 'args', 7), 4, '["-y", "server"]'],
    ['a definition, at its server', definition('b', 'read'), 5, '"b"'],
  ])('stand at %s', (_what, place, line, text) => {
    const [mark] = marks([finding(place)]).get('/w/f.json')!;
    expect(mark!.line).toBe(line);
    expect(TEXT.split('\r\n')[line - 1]!.slice(mark!.column - 1, mark!.endColumn - 1)).toBe(text);
  });

  it('follow the text as it is now, and fall back to the line that was read where it does not parse', () => {
    expect(marks([finding(config('a', 'args', 1))], `\n\n${TEXT}`).get('/w/f.json')).toMatchObject([{ line: 6 }]);
    expect(marks([finding(config('b', 'url'))], 'no json').get('/w/f.json')).toMatchObject([{ line: 5, column: 1, endColumn: 2 }]);
    expect(marks([finding(config('u', 'url'))]).get('/home/f.json')).toMatchObject([{ line: 2, column: 1 }]);
  });

  it('are made for servers that are configured, and not for messages', () => {
    expect(marks([finding(config('gone', 'url')), finding({ in: 'message', start: 0, end: 4 })]).size).toBe(0);
  });

  it('name what is meant, with everything visible and short', () => {
    const [mark] = marks([finding(definition('a', `re\u200bad${'x'.repeat(300)}`), { message: 'Hidden text.', excerpt: 'a\\u{200b}b' })]).get('/w/f.json')!;
    expect(mark!.message).toMatch(/^tool "re\\u\{200b\}adx+…" of server "a": Hidden text\. \(a\\u\{200b\}b\)$/);
    expect(mark!.message.length).toBeLessThan(200);
  });

  it('are twenty of definitions per server at most, and all of the configuration', () => {
    const many = [...Array(50).keys()].flatMap((k) => [finding(definition('a', `t${k}`)), finding(config('a', 'command'), { rule: `r${k}` })]);
    const list = marks(many).get('/w/f.json')!;
    expect(list.filter(({ finding: { place } }) => place.in === 'definition').length).toBe(20);
    expect(list.filter(({ finding: { place } }) => place.in === 'config').length).toBe(50);
  });
});
