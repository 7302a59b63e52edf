/** Holds that nothing of an entry is dropped in silence, whichever client wrote it: it is used, kept for the routed entry, or named. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseServersFile } from '../../../../src/extension/servers/configFile';
import { readFoundFile } from '../../../../src/extension/servers/import/discover';
import { STRATEGIES, strategyOf } from '../../../../src/extension/servers/import/strategies';
import type { DiscoveryEnvironment, FoundServer, Place, Strategy } from '../../../../src/extension/servers/import/types';
import { targetEntry } from '../../../../src/extension/servers/routing/targetEntry';

const ENVIRONMENT: DiscoveryEnvironment = { platform: 'linux', home: '/home/ann', env: {}, folders: [{ name: 'app', path: '/proj/app' }] };
const PLACE: Place = { file: '/home/ann/file', scope: 'user', format: 'jsonc', base: '/home/ann' };

function found(strategy: Strategy, entry: object): FoundServer | undefined {
  const [container] = strategy.containers(PLACE, undefined, ENVIRONMENT);
  const list = container?.by === 'name' ? [{ name: 'x', ...entry }] : { x: entry };
  const document = (container?.path ?? []).reduceRight<unknown>((inner, key) => ({ [key]: inner }), list);
  return readFoundFile(strategy, PLACE, JSON.stringify(document), ENVIRONMENT).servers[0];
}

function routed(strategy: Strategy, entry: object): { value: Record<string, unknown>; notes: readonly string[] } | undefined {
  const server = found(strategy, entry);
  return server && { value: targetEntry(server, entry, undefined, 'linux').value, notes: server.notes };
}

/** Every text is another one, so that it can be looked for. */
let count = 0;
const text = fc.constant(0).map(() => `leaf-${(count += 1)}-end`);
const texts = fc.array(text, { minLength: 1, maxLength: 2 });
const named = fc.array(text, { minLength: 1, maxLength: 2 }).map((values) => Object.fromEntries(values.map((value) => [`K_${value}`, value])));
const url = text.map((leaf) => `https://${leaf}.example/mcp`);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined, freq: 3 });
const entries = fc
  .record(
    Object.fromEntries(
      Object.entries({
        type: fc.constantFrom('stdio', 'http', 'sse', 'local', 'remote', 7),
        transport: fc.oneof(fc.constantFrom('stdio', 'http'), text),
        command: fc.oneof(text, texts, fc.record({ path: text, args: texts, env: named, other: text }, { requiredKeys: ['path'] })),
        args: texts,
        env: named,
        environment: named,
        envFile: fc.oneof(text, fc.record({ odd: text })),
        cwd: fc.oneof(text, fc.record({ odd: text })),
        url,
        httpUrl: url,
        serverUrl: url,
        headers: named,
        http_headers: named,
        env_http_headers: named,
        bearer_token_env_var: fc.oneof(text, texts),
        oauth: fc.oneof(text, fc.record({ clientId: text, clientSecret: text, scope: text, scopes: texts }, { requiredKeys: [] })),
        requestOptions: fc.oneof(text, fc.record({ headers: named, timeout: text }, { requiredKeys: [] })),
        disabled: fc.oneof(fc.boolean(), text),
        enabled: fc.oneof(fc.boolean(), text),
        disabledTools: fc.oneof(texts, text),
        excludeTools: texts,
        tools: fc.oneof(texts, fc.record({ odd: text })),
        includeTools: texts,
        timeout: text,
        note: text,
        permissions: named,
        unheardOf: fc.record({ inner: texts }),
      }).map(([key, value]) => [key, maybe<unknown>(value)]),
    ),
  )
  .map((entry): object => Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined)));

describe('an entry of any client', () => {
  it('is routed with every text that stands in it, and what is routed is one server without a problem', () => {
    let servers = 0;
    fc.assert(
      fc.property(entries, fc.constantFrom(...STRATEGIES.filter(({ id }) => !/^(vscode\.|devcontainer$)/.test(id))), (entry, strategy) => {
        const result = routed(strategy, entry);
        if (!result) return;
        servers += 1;
        const written = JSON.stringify(result.value);
        const leaves = JSON.stringify(entry).match(/leaf-\d+-end/g) ?? [];
        expect(leaves.filter((leaf) => !written.includes(leaf))).toEqual([]);
        expect(parseServersFile(JSON.stringify({ servers: { x: result.value } }), '/f').problems).toEqual([]);
      }),
      { numRuns: 1500 },
    );
    expect(servers).toBeGreaterThan(300);
  });

  it.each<[string, object, object, readonly string[]]>([
    ['gemini', { httpUrl: 'https://x/mcp', oauth: { enabled: true, scopes: ['a'] } }, { url: 'https://x/mcp', 'x-oauth': { enabled: true, scopes: ['a'] } }, ['"oauth" is kept but not honoured: signing in follows what the server says of it.']],
    ['opencode', { type: 'remote', url: 'https://x/mcp', oauth: false }, { url: 'https://x/mcp', 'x-oauth': false }, ['"oauth" is kept but not honoured: signing in follows what the server says of it.']],
    ['opencode', { type: 'remote', url: 'https://x/mcp', oauth: { clientId: 'i', scope: 'q' } }, { url: 'https://x/mcp', oauth: { clientId: 'i' }, 'x-oauth': { scope: 'q' } }, ['Of "oauth" MCP Shark uses "clientId" only; the rest is kept but not honoured.']],
    ['opencode', { type: 'local', command: ['a'], environment: { A: '1' }, env: { B: '2' } }, { command: 'a', env: { B: '2' }, environment: { A: '1' } }, ['"environment" is kept but not honoured.']],
    ['gemini', { url: 'https://x/sse', httpUrl: 'https://x/mcp' }, { url: 'https://x/mcp', 'x-url': 'https://x/sse' }, ['"url" is kept but not honoured.']],
    [
      'codex',
      { command: 'x', bearer_token_env_var: 'T', http_headers: { a: 'b' }, httpUrl: 'https://x' },
      { command: 'x', bearer_token_env_var: 'T', http_headers: { a: 'b' }, httpUrl: 'https://x' },
      ['bearer_token_env_var', 'http_headers', 'httpUrl'].map((key) => `"${key}" means nothing to a server of type "stdio"; it is kept.`),
    ],
    ['cursor', { command: 'x', disabled: 'yes', cwd: null }, { command: 'x', 'x-disabled': 'yes' }, ['"disabled" is kept but not honoured.']],
    ['github.mcp', { command: 'x', tools: ['a'], includeTools: ['b'] }, { command: 'x', 'x-tools': ['a'], includeTools: ['b'] }, ['"tools" is kept but not honoured.', '"includeTools" is kept but not honoured: all tools of the server are offered.']],
  ])('of %s: what is not used is kept and named (%o)', (id, entry, value, notes) => {
    expect(routed(strategyOf(id) as Strategy, entry)).toEqual({ value, notes });
  });
});
