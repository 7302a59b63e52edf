/** Holds discovery as a whole: what it looks at, what it says of files that are broken or hostile, and duplicates. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_FILE_BYTES, nodeConfigFiles, type ConfigFiles } from '../../../../src/extension/servers/import/configFiles';
import { discoverServers, readFoundFile } from '../../../../src/extension/servers/import/discover';
import { strategyOf, STRATEGIES } from '../../../../src/extension/servers/import/strategies';
import type { DiscoveryEnvironment } from '../../../../src/extension/servers/import/types';

const ENVIRONMENT: DiscoveryEnvironment = { platform: 'linux', home: '/home/ann', env: {}, folders: [{ name: 'app', path: '/proj/app' }] };

function memory(files: Record<string, string>): ConfigFiles {
  return {
    read: (file) => Promise.resolve(files[file] === undefined ? { kind: 'missing' } : { kind: 'text', text: files[file] }),
    list: (dir) => Promise.resolve([...new Set(Object.keys(files).filter((file) => file.startsWith(`${dir}/`)).map((file) => file.slice(dir.length + 1).split('/')[0] ?? ''))]),
  };
}

const one = (name: string, entry: object, key = 'mcpServers'): string => JSON.stringify({ [key]: { [name]: entry } });

describe('discovery', () => {
  it('finds servers of every kind of place, and groups those that run the same', async () => {
    const same = { command: 'npx', args: ['-y', 'x@1'], env: { KEY: 'secret-one' } };
    const { servers, groups, files, problems } = await discoverServers(
      ENVIRONMENT,
      memory({
        '/proj/app/.vscode/mcp.json': one('x', same, 'servers'),
        '/home/ann/.cursor/mcp.json': one('other-name', { type: 'stdio', ...same }),
        '/home/ann/.config/Code/User/profiles/proj/mcp.json': one('profiled', { url: 'https://x.example' }, 'servers'),
        '/home/ann/.continue/mcpServers/block.yaml': 'name: B\nmcpServers:\n  - name: net\n    url: https://x.example/\n',
        '/proj/app/.devcontainer/python/devcontainer.json': '{"customizations":{"vscode":{"mcp":{"servers":{"dc":{"command":"d"}}}}}}',
      }),
    );
    expect(servers.map(({ name, scope, client }) => [name, scope, client])).toEqual([
      ['x', 'folder', 'VS Code (workspace folder)'],
      ['profiled', 'profile', 'VS Code (user)'],
      ['dc', 'devcontainer', 'Dev container'],
      ['other-name', 'user', 'Cursor'],
      ['net', 'user', 'Continue'],
    ]);
    expect(groups.map((group) => group.servers.map(({ name }) => name))).toEqual([['x', 'other-name'], ['profiled', 'net'], ['dc']]);
    expect(files).toHaveLength(5);
    expect(problems).toEqual([]);
    expect(new Set(servers.map(({ id }) => id)).size).toBe(5);
  });

  it('tells servers apart by program, arguments, folder, variables and headers, and by their values: another account is another server', async () => {
    const entries = {
      a: { command: 'x', args: ['1'] },
      b: { command: 'x', args: ['2'] },
      c: { command: 'x', args: ['1'], env: { A: '1' } },
      d: { command: 'x', args: ['1'], cwd: '/d' },
      e: { command: 'x', args: ['1'], env: { A: '2' } },
      f: { url: 'https://x/', headers: { A: '1' } },
      g: { url: 'https://x', headers: { a: '2' } },
      h: { command: 'x', args: [1], env: { A: 1 } },
      i: { url: 'https://x', headers: { a: '1' } },
      j: { command: 'x', args: ['1'], envFile: 'e' },
    };
    const { groups } = await discoverServers(ENVIRONMENT, memory({ '/home/ann/.cursor/mcp.json': JSON.stringify({ mcpServers: entries }) }));
    expect(groups.map((group) => group.servers.map(({ name }) => name))).toEqual([['a'], ['b'], ['c', 'h'], ['d'], ['e'], ['f', 'i'], ['g'], ['j']]);
  });

  it('knows clients that are there without a file, one place for each, and none that is not there or has a file', async () => {
    const { absent } = await discoverServers(
      ENVIRONMENT,
      memory({
        '/home/ann/.config/Claude/Preferences': '{}',
        '/home/ann/.cursor/argv.json': '{}',
        '/home/ann/.claude/history': '',
        '/home/ann/.kiro/agents/x': '',
        '/home/ann/.gemini/settings.json': '{}',
        '/home/ann/.gemini/other': '',
        '/proj/app/.zed/tasks.json': '[]',
      }),
    );
    expect(absent.map(({ client, place }) => [client, place.file])).toEqual([
      ['Claude Desktop', '/home/ann/.config/Claude/claude_desktop_config.json'],
      ['Claude Code', '/home/ann/.claude.json'],
      ['Cursor', '/home/ann/.cursor/mcp.json'],
      ['Kiro', '/home/ann/.kiro/settings/mcp.json'],
    ]);
  });

  it('looks at no file of a workspace where it is given no folders', async () => {
    const asked: string[] = [];
    const files = memory({});
    await discoverServers(
      { ...ENVIRONMENT, folders: [] },
      { read: (file) => (asked.push(file), files.read(file)), list: (dir) => (asked.push(dir), files.list(dir)) },
    );
    expect(asked.filter((file) => file.startsWith('/proj'))).toEqual([]);
    expect(asked.length).toBeGreaterThan(20);
  });

  it('knows its own endpoint again, as an address and behind a bridge', async () => {
    const { servers } = await discoverServers(
      ENVIRONMENT,
      memory({
        '/home/ann/.cursor/mcp.json': one('mcp-shark', { url: 'http://127.0.0.1:4321/mcp' }),
        '/home/ann/.junie/mcp/mcp.json': one('mcp-shark-2', { command: 'npx', args: ['mcp-remote', 'http://127.0.0.1:4321/mcp'] }),
        '/home/ann/.lmstudio/mcp.json': one('mine', { url: 'http://127.0.0.1:4321/mcp' }),
      }),
    );
    expect(servers.map(({ name, isEndpoint }) => [name, isEndpoint])).toEqual([['mcp-shark', true], ['mine', false], ['mcp-shark-2', true]]);
  });

  it('says where a broken file is broken, and reads the others', async () => {
    const { servers, problems, files } = await discoverServers(
      ENVIRONMENT,
      memory({
        '/home/ann/.cursor/mcp.json': '{\n  "mcpServers": {\n    "a" {}\n  }\n}',
        '/home/ann/.codex/config.toml': 'a = 1\nb = = 2\n',
        '/home/ann/.continue/config.yaml': 'a: 1\n b: [\n',
        '/home/ann/.gemini/settings.json': '[]',
        '/home/ann/.lmstudio/mcp.json': '{"mcpServers":[]}',
        '/home/ann/.ai/mcp/mcp.json': '{"mcpServers":{"a":1,"b":{},"c":{"command":""},"d":{"url":"file:///etc"},"e":{"type":"ws","url":"ws://x"},"f":{"command":"x","args":[{}]},"g":{"command":"x","env":{"A":[]}},"ok":{"command":"x"}}}',
        '/home/ann/.claude.json': '',
      }),
    );
    expect(problems.map(({ file, line, column, message }) => `${path.basename(path.dirname(file))} ${line}:${column} ${message}`)).toEqual([
      '.cursor 3:9 Cursor: A colon is missing after the name. Correct it to see the servers of this file.',
      expect.stringMatching(/^\.codex 2:\d+ Codex: This is not valid TOML\./),
      '.gemini 1:1 Gemini CLI: the file must hold an object, found a list.',
      expect.stringMatching(/^\.continue \d:\d+ Continue: This is not valid YAML\./),
      '.lmstudio 1:15 LM Studio: "mcpServers" must be an object of servers by name, found a list.',
      'mcp 1:16 JetBrains AI Assistant: a: it must be an object, found a number.',
      'mcp 1:22 JetBrains AI Assistant: b: it names neither a program to start nor an address.',
      'mcp 1:29 JetBrains AI Assistant: c: "command" is missing or no text.',
      'mcp 1:48 JetBrains AI Assistant: d: its address does not begin with http:// or https://.',
      'mcp 1:74 JetBrains AI Assistant: e: its "type" is none that MCP Shark knows (stdio, http, sse).',
      'mcp 1:107 JetBrains AI Assistant: f: "args" holds an object: every item must be a text.',
      'mcp 1:139 JetBrains AI Assistant: g: "env.A" is no text.',
    ]);
    expect(servers.map(({ name }) => name)).toEqual(['ok']);
    expect(files.filter(({ state }) => state === 'broken')).toHaveLength(4);
  });

  it('puts no text of a broken file into a problem', async () => {
    for (const text of ['{"a": sk-secret', 'sk-secret', '{"mcpServers":{"a":{"command":sk-secret}}}', 'x = sk-secret', '{"a":"sk-secret']) {
      for (const strategy of STRATEGIES) {
        for (const format of ['jsonc', 'toml', 'yaml'] as const) {
          const { problems } = readFoundFile(strategy, { file: '/f', scope: 'user', format }, text, ENVIRONMENT);
          expect(JSON.stringify(problems)).not.toContain('sk-secret');
        }
      }
    }
  });
});

describe('hostile documents', () => {
  const cursor = strategyOf('cursor');
  const read = (text: string, format: 'jsonc' | 'toml' | 'yaml') => {
    if (!cursor) throw new Error('no strategy');
    return readFoundFile(cursor, { file: '/f', scope: 'user', format }, text, ENVIRONMENT);
  };

  it.each([
    ['JSON', 'jsonc', '['.repeat(100_000)],
    ['JSON objects', 'jsonc', '{"a":'.repeat(100_000)],
    ['TOML', 'toml', `a = ${'['.repeat(100_000)}`],
    ['YAML', 'yaml', '['.repeat(20_000)],
    ['YAML by indentation', 'yaml', Array.from({ length: 2000 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')],
  ] as const)('nested deeply (%s) are a problem, not a crash', (_what, format, text) => {
    const { problems, broken } = read(text, format);
    expect(broken).toBe(true);
    expect(problems).toHaveLength(1);
  });

  it('of YAML anchors that grow without end are refused', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let index = 1; index < 12; index++) lines.push(`a${index}: &a${index} [${Array(10).fill(`*a${index - 1}`).join(', ')}]`);
    expect(read(lines.join('\n'), 'yaml').broken).toBe(true);
  });

  it('with names such as __proto__ change nothing but themselves', () => {
    const json = read('{"__proto__":{"polluted":1},"mcpServers":{"__proto__":{"command":"x","env":{"__proto__":"y"},"constructor":{"prototype":{"polluted":1}}}}}', 'jsonc');
    expect(json.servers.map(({ name, config }) => [name, Object.keys(config.type === 'stdio' ? config.env : {})])).toEqual([['__proto__', ['__proto__']]]);
    read('[__proto__]\npolluted = 1\n[mcp_servers.__proto__]\ncommand = "x"\n[constructor.prototype]\npolluted = 1\n', 'toml');
    read('__proto__:\n  polluted: 1\nmcpServers:\n  - name: __proto__\n    command: x\n', 'yaml');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('of any text never throw, in any format, for any client', () => {
    const words = fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\n', ' ', 'mcpServers', 'mcp_servers', '"command"', 'command', '=', '- ', 'name', '${', '}', '#', '//', '/*', '\uFEFF', '\r', '\\', '&a', '*a', '|', '\t', 'é', '\0', '1');
    fc.assert(
      fc.property(fc.array(words, { maxLength: 40 }), fc.constantFrom(...STRATEGIES), fc.constantFrom('jsonc', 'toml', 'yaml'), (parts, strategy, format) => {
        readFoundFile(strategy, { file: '/f', scope: 'user', format: format as 'jsonc' }, parts.join(''), ENVIRONMENT);
      }),
      { numRuns: 1500 },
    );
  });

  it('of any value in an entry never throw, and never give an entry that holds something else', () => {
    const keys = ['type', 'command', 'args', 'env', 'url', 'headers', 'cwd', 'envFile', 'httpUrl', 'oauth', 'requestOptions', 'disabled', 'bearer_token_env_var'];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), fc.jsonValue({ maxDepth: 2 })), fc.constantFrom(...STRATEGIES), (entry, strategy) => {
        const [container] = strategy.containers({ file: '/f', scope: 'user', format: 'jsonc' }, undefined, ENVIRONMENT);
        const list = container?.by === 'name' ? [entry] : { x: entry };
        const document = (container?.path ?? []).reduceRight<unknown>((inner, key) => ({ [key]: inner }), list);
        const { servers } = readFoundFile(strategy, { file: '/f', scope: 'user', format: 'jsonc' }, JSON.stringify(document), ENVIRONMENT);
        for (const { config } of servers) {
          if (config.type === 'stdio') expect([config.command, ...config.args].every((text) => typeof text === 'string')).toBe(true);
          else expect([config.url, ...Object.values(config.headers)].every((text) => typeof text === 'string')).toBe(true);
        }
      }),
      { numRuns: 800 },
    );
  });
});

describe('files on a disk', () => {
  const made: string[] = [];
  afterEach(async () => {
    await Promise.all(made.splice(0).map((dir) => rm(dir, { recursive: true, force: true })));
  });
  const folder = async (): Promise<string> => {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'mcp-shark-find-'));
    made.push(dir);
    return dir;
  };

  it('that are missing are missing; folders, loops of links and other encodings say what to do', async () => {
    const dir = await folder();
    await mkdir(path.join(dir, 'folder'));
    await symlink(path.join(dir, 'b'), path.join(dir, 'a'));
    await symlink(path.join(dir, 'a'), path.join(dir, 'b'));
    await writeFile(path.join(dir, 'utf16'), Buffer.from('\uFEFF{}', 'utf16le'));
    await writeFile(path.join(dir, 'bom'), '\uFEFF{}');
    const read = (name: string) => nodeConfigFiles.read(path.join(dir, name));
    expect(await read('none')).toEqual({ kind: 'missing' });
    expect(await read('bom/below')).toEqual({ kind: 'missing' });
    expect(await read('folder')).toEqual({ kind: 'unreadable', message: 'It is not a regular file' });
    expect(await read('a')).toEqual({ kind: 'unreadable', message: 'It is a link that leads back to itself: remove the link' });
    expect(await read('utf16')).toEqual({ kind: 'unreadable', message: 'It is not UTF-8 text: save it in that encoding' });
    expect(await read('bom')).toEqual({ kind: 'text', text: '\uFEFF{}' });
    expect(await nodeConfigFiles.list(path.join(dir, 'none'))).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')('that are pipes or devices are not waited for', async () => {
    const pipe = path.join(await folder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(await nodeConfigFiles.read(pipe)).toEqual({ kind: 'unreadable', message: 'It is not a regular file' });
    expect(await nodeConfigFiles.read('/dev/zero')).toEqual({ kind: 'unreadable', message: 'It is not a regular file' });
  });

  it('that are huge are left alone', async () => {
    const file = path.join(await folder(), 'huge');
    await writeFile(file, '');
    await truncate(file, MAX_FILE_BYTES + 1);
    expect(await nodeConfigFiles.read(file)).toEqual({ kind: 'unreadable', message: 'It is larger than 16 MB' });
  });
});
