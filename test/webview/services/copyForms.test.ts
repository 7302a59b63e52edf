/** The forms a call is copied in: they parse, they hold no secret, and nothing recorded breaks out of them. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { CallDetail } from '../../../src/extension/contract/traffic';
import { copyText } from '../../../src/extension/services/copyForms';
import { detailOf } from '../../support/webview/generateCalls';
import { rowOf } from '../../support/webview/scriptedHost';

const hostile = "it's $(touch /tmp/x) `id` \\ \" \u001b[31m \u009b \u202e \u2028 ``` ``` | ${1+1} </script>\n# heading";
function detailWith(params: object, method = 'tools/call', more: Partial<CallDetail['row']> = {}): CallDetail {
  const detail = detailOf(rowOf(7, { method, ...more }));
  return { ...detail, request: { ...detail.request, text: JSON.stringify({ jsonrpc: '2.0', id: 7, method, params }) } };
}
const args = { name: 'create_issue', arguments: { body: hostile, ['__proto__x']: 1 } };
const unseen = { test: (text: string): boolean => ['\u001b', '\u009b', '\u202e', '\u2028'].some((c) => text.includes(c)) };

describe('cURL', () => {
  it('gives a shell exactly the message, and placeholders for what is secret', () => {
    const text = copyText(detailWith(args), 'curl');
    expect(text).toContain('"Authorization: Bearer $MCP_TOKEN"');
    expect(unseen.test(text)).toBe(false);
    const seen = execFileSync('bash', ['-c', `curl() { printf '%s\\0' "$@"; }; MCP_URL=u MCP_TOKEN=t MCP_SESSION=s\n${text}`], { encoding: 'utf8' }).split('\0');
    expect(JSON.parse(seen.at(-2)!)).toEqual(JSON.parse(detailWith(args).request.text));
    expect(seen).toContain('Authorization: Bearer t');
  });

  it('lets no protocol version of a server act on the terminal', () => {
    const detail = detailWith(args);
    const text = copyText({ ...detail, session: { ...detail.session!, protocolVersion: `${hostile}\u001b[201~\n` } }, 'curl');
    expect(unseen.test(text)).toBe(false);
    expect(text.split('\n').find((line) => line.includes('MCP-Protocol-Version'))).toMatch(/' \\$/);
  });

  it.each(['server', 'http'] as const)('says why there is none for what a %s asked', (origin) => {
    expect(() => copyText(detailWith({}, 'sampling/createMessage', { origin }), 'curl')).toThrow('not asked by a client');
  });

  it('says so where the request is no JSON', () => {
    const detail = detailWith({});
    expect(() => copyText({ ...detail, request: { ...detail.request, text: 'x' } }, 'curl')).toThrow('no JSON object');
  });
});

describe('TypeScript', () => {
  const argumentOf = (text: string): unknown => {
    const [, call] = /const result = await client\.\w+\(([^]*)\);\nconsole/.exec(text) ?? [];
    return Function(`"use strict"; return [${call?.replace(', ResultSchema', '')}]`)() as unknown;
  };

  it('calls the SDK with the same parameters, without the meta data of the transport', () => {
    const text = copyText(detailWith({ ...args, _meta: { progressToken: 3 } }), 'typescript');
    expect(text).toContain('client.callTool({');
    expect(argumentOf(text)).toEqual([args]);
    expect(unseen.test(text)).toBe(false);
    expect(text).toContain('process.env.MCP_TOKEN');
  });

  it('keeps a key that a literal would take for the prototype', () => {
    const detail = detailWith({});
    const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'x' } }).replace('"name":"x"', '"name":"x","arguments":{"__proto__":{"a":1}}');
    const [params] = argumentOf(copyText({ ...detail, request: { ...detail.request, text } }, 'typescript')) as [{ arguments: object }];
    expect(JSON.stringify(params)).toContain('"__proto__":{"a":1}');
  });

  const nested = (levels: number): CallDetail => {
    const detail = detailWith({});
    return { ...detail, request: { ...detail.request, text: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{"a":${'['.repeat(levels)}1${']'.repeat(levels)}}}}` } };
  };

  it('writes deep arguments without megabytes of blanks', () => {
    const text = copyText(nested(900), 'typescript');
    expect(text.length).toBeLessThan(5_000);
    expect(argumentOf(text)).toEqual([JSON.parse(nested(900).request.text).params]);
    expect(copyText(nested(2), 'typescript')).toContain('[\n      [\n');
  });

  it('says why there is none of arguments that are too deep for any compiler', () => {
    expect(() => copyText(nested(10_000), 'typescript')).toThrow('nested more than 1,000 deep');
  });

  it('asks in general for a method the SDK has no name for', () => {
    expect(argumentOf(copyText(detailWith({ a: 1 }, 'x/y', {}), 'typescript'))).toEqual([{ method: 'x/y', params: { a: 1 } }]);
  });
});

describe('the bug report', () => {
  it('says who, what, how it ended, and both messages', () => {
    const text = copyText(detailWith(args, 'tools/call', { status: 'error', errorCode: -32_603, detail: 'Not mergeable' }), 'markdown');
    for (const part of ['### `tool_7` on `github`: error', '| Status | `error (-32603)` |', '#### What went wrong', '#### Request\n\n````json', '#### Response']) expect(text).toContain(part);
  });

  it('lets nothing recorded end its block, its cell or its line', () => {
    const text = copyText(detailWith(args, 'tools/call', { name: hostile, server: 'a|b`c' }), 'markdown');
    expect(unseen.test(text)).toBe(false);
    expect(text.split('\n').filter((line) => line.startsWith('#'))).toHaveLength(3);
    expect(text).toContain('`` a\\|b`c ``');
  });
});
