/** Holds routing: which entry goes where, in what words, and that nothing is written but what was planned. */
import { describe, expect, it } from 'vitest';
import { Bench, APP_FILE, ENDPOINT, said, STORAGE, USER_FILE } from './bench';

const MCP = '/proj/app/.vscode/mcp.json';
const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

describe('servers of the editor', () => {
  it('move from a folder’s mcp.json to its mcp-shark.json as they are written, with their inputs', async () => {
    const bench = new Bench({
      [MCP]: '{\n\t"servers": {\n\t\t// about a\n\t\t"a": {\n\t\t\t"command": "npx", // with a note\n\t\t\t"args": ["-y", "x@1"],\n\t\t\t"env": { "KEY": "${input:key}" },\n\t\t\t"sandbox": { "network": false },\n\t\t},\n\t\t"b": { "url": "https://b.example/mcp" },\n\t},\n\t"inputs": [{ "type": "promptString", "id": "key", "password": true }],\n}',
    });
    const plan = await bench.route('a');
    expect(plan.problems).toEqual([]);
    expect(bench.fs.text(MCP)).toBe('{\n\t"servers": {\n\t\t"b": { "url": "https://b.example/mcp" },\n\t},\n\t"inputs": [{ "type": "promptString", "id": "key", "password": true }],\n}');
    expect(bench.fs.text(APP_FILE)).toBe(`{
  "servers": {
    "a": {
      "command": "npx", // with a note
      "args": ["-y", "x@1"],
      "env": { "KEY": "\${input:key}" },
      "sandbox": { "network": false },
    }
  },
  "inputs": [
    {
      "type": "promptString",
      "id": "key",
      "password": true
    }
  ]
}
`);
    expect(said(plan)).toEqual(['"sandbox" is kept but not honoured: the server runs without a sandbox.']);
    expect(plan.servers).toEqual(['a']);
  });

  it('of the user and of profiles go to the user’s file, which only the user can read', async () => {
    const bench = new Bench({
      '/home/ann/.config/Code/User/mcp.json': json({ servers: { a: { command: 'a' } } }),
      '/home/ann/.config/Code/User/profiles/p1/mcp.json': json({ servers: { b: { command: 'b' } } }),
    });
    await bench.route();
    expect(bench.json(USER_FILE)).toEqual({ servers: { a: { command: 'a' }, b: { command: 'b' } } });
    expect(bench.fs.mode(USER_FILE)).toBe(0o600);
    expect(bench.json('/home/ann/.config/Code/User/mcp.json')).toEqual({ servers: {} });
  });

  it('of several folders keep a file each; those of a workspace file go to its first folder', async () => {
    const bench = new Bench({
      [MCP]: json({ servers: { a: { command: 'a' } } }),
      '/proj/lib/.vscode/mcp.json': json({ servers: { b: { command: 'b' } } }),
      '/proj/all.code-workspace': json({ folders: [], settings: { mcp: { servers: { c: { command: 'c' } } } } }),
    });
    await bench.route();
    expect(bench.json(APP_FILE)).toEqual({ servers: { a: { command: 'a' }, c: { command: 'c' } } });
    expect(bench.json('/proj/lib/.vscode/mcp-shark.json')).toEqual({ servers: { b: { command: 'b' } } });
    expect(bench.json('/proj/all.code-workspace')).toEqual({ folders: [], settings: { mcp: { servers: {} } } });
  });

  it('of another editor on the machine are pointed at the endpoint, since MCP Shark is not registered there', async () => {
    const file = '/home/ann/.config/Code - Insiders/User/mcp.json';
    const bench = new Bench({ [file]: json({ servers: { a: { command: 'a' } } }) });
    await bench.route();
    expect(bench.json(file)).toEqual({ servers: { 'mcp-shark': { type: 'http', url: ENDPOINT.url, headers: { Authorization: 'Bearer tok-secret' } } } });
  });
});

describe('servers of other clients', () => {
  it.each<[string, string, unknown, unknown]>([
    ['Cursor', '/home/ann/.cursor/mcp.json', { mcpServers: { a: { command: 'a' } } }, { mcpServers: { 'mcp-shark': { url: ENDPOINT.url, headers: { Authorization: 'Bearer tok-secret' } } } }],
    ['Windsurf', '/home/ann/.codeium/windsurf/mcp_config.json', { mcpServers: { a: { command: 'a' } } }, { mcpServers: { 'mcp-shark': { serverUrl: ENDPOINT.url, headers: { Authorization: 'Bearer tok-secret' } } } }],
    ['Gemini CLI', '/home/ann/.gemini/settings.json', { mcpServers: { a: { command: 'a' } } }, { mcpServers: { 'mcp-shark': { httpUrl: ENDPOINT.url, headers: { Authorization: 'Bearer tok-secret' } } } }],
    ['Cline', '/home/ann/.cline/data/settings/cline_mcp_settings.json', { mcpServers: { a: { command: 'a' } } }, { mcpServers: { 'mcp-shark': { type: 'streamableHttp', url: ENDPOINT.url, headers: { Authorization: 'Bearer tok-secret' }, disabled: false } } }],
    ['Amp', '/home/ann/.config/amp/settings.json', { 'amp.mcpServers': { a: { command: 'a' } } }, { 'amp.mcpServers': { 'mcp-shark': { url: ENDPOINT.url, headers: { Authorization: 'Bearer tok-secret' } } } }],
    ['Zed', '/home/ann/.config/zed/settings.json', { context_servers: { a: { command: 'a' } } }, { context_servers: { 'mcp-shark': { url: ENDPOINT.url, headers: { Authorization: 'Bearer tok-secret' } } } }],
    ['opencode', '/home/ann/.config/opencode/opencode.json', { mcp: { a: { type: 'local', command: ['a'] } } }, { mcp: { 'mcp-shark': { type: 'remote', url: ENDPOINT.url, headers: { Authorization: 'Bearer tok-secret' }, enabled: true } } }],
    ['opencode 2', '/home/ann/.config/opencode/opencode.jsonc', { mcp: { servers: { a: { type: 'local', command: ['a'] } } } }, { mcp: { servers: { 'mcp-shark': { type: 'remote', url: ENDPOINT.url, headers: { Authorization: 'Bearer tok-secret' } } } } }],
    ['Copilot CLI', '/home/ann/.copilot/mcp-config.json', { mcpServers: { a: { command: 'a' } } }, { mcpServers: { 'mcp-shark': { type: 'http', url: ENDPOINT.url, headers: { Authorization: 'Bearer tok-secret' }, tools: ['*'] } } }],
    [
      'Claude Desktop, over a bridge',
      '/home/ann/.config/Claude/claude_desktop_config.json',
      { mcpServers: { a: { command: 'a' } } },
      {
        mcpServers: {
          'mcp-shark': {
            command: 'npx',
            args: ['-y', 'mcp-remote@0.15.1', ENDPOINT.url, '--allow-http', '--transport', 'http-only', '--header', 'Authorization:${MCP_SHARK_AUTH}'],
            env: { MCP_SHARK_AUTH: 'Bearer tok-secret' },
          },
        },
      },
    ],
  ])('%s get one entry for the endpoint', async (_client, file, before, after) => {
    const bench = new Bench({ [file]: json(before) });
    const plan = await bench.route('a');
    expect(plan.problems).toEqual([]);
    expect(bench.json(file)).toEqual(after);
    expect(bench.json(USER_FILE)).toEqual({ servers: { a: { command: 'a' } } });
    await bench.undo();
    expect(bench.fs.text(file)).toBe(json(before));
    expect(bench.fs.text(USER_FILE)).toBeUndefined();
  });

  it('Codex keep the rest of their TOML', async () => {
    const toml = '# mine\nmodel = "x" # keep\n\n# docs\n[mcp_servers.docs]\ncommand = "npx"\n\n[tui]\ntheme = "dark"\n';
    const bench = new Bench({ '/home/ann/.codex/config.toml': toml });
    await bench.route();
    expect(bench.fs.text('/home/ann/.codex/config.toml')).toBe(
      '# mine\nmodel = "x" # keep\n\n[mcp_servers.mcp-shark]\nurl = "http://127.0.0.1:4321/mcp"\nhttp_headers = { Authorization = "Bearer tok-secret" }\n\n[tui]\ntheme = "dark"\n',
    );
    await bench.undo();
    expect(bench.fs.text('/home/ann/.codex/config.toml')).toBe(toml);
  });

  it('Continue keep the rest of their YAML', async () => {
    const yaml = 'name: Mine # keep\nmcpServers:\n  - name: a\n    command: a\nrules: []\n';
    const bench = new Bench({ '/home/ann/.continue/config.yaml': yaml });
    await bench.route();
    expect(bench.fs.text('/home/ann/.continue/config.yaml')).toBe(
      'name: Mine # keep\nmcpServers:\n  - name: mcp-shark\n    type: streamable-http\n    url: http://127.0.0.1:4321/mcp\n    requestOptions:\n      headers:\n        Authorization: Bearer tok-secret\nrules: []\n',
    );
    await bench.undo();
    expect(bench.fs.text('/home/ann/.continue/config.yaml')).toBe(yaml);
  });

  it('keep their files where only a copy is wanted, or no address stays', async () => {
    const text = json({ mcpServers: { a: { command: 'a' } } });
    const bench = new Bench({ '/home/ann/.cursor/mcp.json': text });
    const servers = await bench.find();
    const copied = await bench.plan(servers, 'leave');
    expect(copied.files.map(({ file }) => file)).toEqual([USER_FILE]);
    const refused = await bench.routing.planRoute({ servers, folders: [], otherClients: 'point' });
    expect(refused.files).toEqual([]);
    expect(refused.problems).toMatchObject([{ server: 'a', message: expect.stringContaining('mcpShark.endpoint.port') as string }]);
  });

  it('can take the token from a variable, where they replace any', async () => {
    const bench = new Bench({ '/proj/app/.mcp.json': json({ mcpServers: { a: { command: 'a' } } }), '/home/ann/.config/zed/settings.json': json({ context_servers: { z: { command: 'z' } } }) });
    const endpoint = { ...ENDPOINT, token: { kind: 'variable', name: 'MCP_SHARK_TOKEN' } } as const;
    const plan = await bench.plan(await bench.find(), 'point', endpoint);
    expect(plan.files.find(({ file }) => file.endsWith('.mcp.json'))?.after).toContain('"Bearer ${MCP_SHARK_TOKEN}"');
    expect(plan.problems).toMatchObject([{ file: '/home/ann/.config/zed/settings.json', server: 'z', message: expect.stringContaining('this client replaces none') as string }]);
    expect(plan.servers).toEqual(['a']);
  });

  it('warn of a token in a file that others may see, and never show it', async () => {
    const bench = new Bench({ '/proj/app/.mcp.json': json({ mcpServers: { a: { command: 'a' } } }) });
    const plan = await bench.plan(await bench.find());
    expect(said(plan)).toContainEqual(expect.stringContaining('If the file is shared'));
    expect(JSON.stringify([plan.notes, plan.problems])).not.toContain('tok-secret');
  });

  it('warn of a token in a file that other users of the machine may read', async () => {
    const text = json({ mcpServers: { a: { command: 'a' } } });
    const bench = new Bench({ '/home/ann/.cursor/mcp.json': text });
    expect(said(await bench.plan(await bench.find()))).toContainEqual(expect.stringContaining('other users of this machine'));
    bench.fs.set('/home/ann/.cursor/mcp.json', text, 0o600);
    expect(said(await bench.plan(await bench.find()))).toEqual([]);
  });

  it('can be pointed without routing anything, and a second time with another port', async () => {
    const bench = new Bench({ '/home/ann/.cursor/mcp.json': json({ mcpServers: { a: { command: 'a' } } }) });
    const cursor = { strategy: 'cursor', place: { file: '/home/ann/.cursor/mcp.json', scope: 'user', format: 'jsonc' } } as const;
    const gemini = { strategy: 'gemini', place: { file: '/home/ann/.gemini/settings.json', scope: 'user', format: 'jsonc' } } as const;
    const plan = await bench.routing.planPoint({ targets: [cursor, gemini], endpoint: ENDPOINT });
    await bench.routing.apply(plan);
    expect(bench.json(cursor.place.file)).toMatchObject({ mcpServers: { a: { command: 'a' }, 'mcp-shark': { url: ENDPOINT.url } } });
    expect(bench.json(gemini.place.file)).toMatchObject({ mcpServers: { 'mcp-shark': { httpUrl: ENDPOINT.url } } });
    expect((await bench.routing.planPoint({ targets: [cursor, gemini], endpoint: ENDPOINT })).files).toEqual([]);
    await bench.routing.apply(await bench.routing.planPoint({ targets: [cursor], endpoint: { ...ENDPOINT, url: 'http://127.0.0.1:5000/mcp' } }));
    expect(bench.json(cursor.place.file)).toMatchObject({ mcpServers: { a: { command: 'a' }, 'mcp-shark': { url: 'http://127.0.0.1:5000/mcp' } } });
    await bench.undo();
    expect(bench.fs.text(cursor.place.file)).toBe(json({ mcpServers: { a: { command: 'a' } } }));
    expect(bench.fs.text(gemini.place.file)).toBeUndefined();
    expect(bench.tree()['/home/ann/.gemini/']).toBeUndefined();
  });
});

describe('names, inputs and paths', () => {
  it('that are in use get a number, over all files, and those that cannot be used are mended', async () => {
    const bench = new Bench({
      [APP_FILE]: json({ servers: { a: { command: 'other' } } }),
      [MCP]: json({ servers: { a: { command: 'a' }, 'x#y\u202e': { command: 'x' }, '../z': { command: 'z' } } }),
      '/home/ann/.cursor/mcp.json': json({ mcpServers: { a: { command: 'third' } } }),
    });
    const plan = await bench.route();
    expect(bench.json(APP_FILE)).toEqual({ servers: { a: { command: 'other' }, 'a-2': { command: 'a' }, 'x-y-': { command: 'x' }, z: { command: 'z' } } });
    expect(bench.json(USER_FILE)).toEqual({ servers: { 'a-3': { command: 'third' } } });
    expect(said(plan)).toContain('It is called "a-2" in MCP Shark, since the name is in use.');
    expect(said(plan)).toContain('It is called "z" in MCP Shark, since the name has characters that tools cannot have.');
  });

  it('of servers that run the same are routed once, and their entries still go', async () => {
    const bench = new Bench({
      '/home/ann/.cursor/mcp.json': json({ mcpServers: { a: { command: 'a', args: ['1'] } } }),
      '/home/ann/.gemini/settings.json': json({ mcpServers: { again: { command: 'a', args: ['1'] } } }),
    });
    const plan = await bench.route();
    expect(bench.json(USER_FILE)).toEqual({ servers: { a: { command: 'a', args: ['1'] } } });
    expect(said(plan)).toContain('It is the same as "a", which is routed already: it is not routed twice.');
    expect(bench.json('/home/ann/.gemini/settings.json')).toMatchObject({ mcpServers: { 'mcp-shark': {} } });
  });

  it('of servers that run the same program with other values, inputs, tools or switches are routed one by one', async () => {
    const input = (id: string) => ({ type: 'promptString', id });
    const servers = {
      off: { command: 'npx', args: ['pg'], env: { URL: 'dev' }, disabled: true },
      dev: { command: 'npx', args: ['pg'], env: { URL: 'dev' } },
      prod: { command: 'npx', args: ['pg'], env: { URL: 'prod' } },
      work: { type: 'http', url: 'https://api.example/mcp', headers: { Authorization: 'Bearer ${input:work}' } },
      home: { type: 'http', url: 'https://api.example/mcp', headers: { Authorization: 'Bearer ${input:home}' } },
    };
    const bench = new Bench({ [MCP]: json({ servers, inputs: [input('work'), input('home')] }) });
    await bench.route();
    expect(bench.json(APP_FILE)).toEqual({ servers, inputs: [input('work'), input('home')] });

    const gemini = { mcpServers: { all: { command: 'x' }, some: { command: 'x', excludeTools: ['rm'] } } };
    const other = new Bench({ '/home/ann/.gemini/settings.json': json(gemini), '/home/ann/.cursor/mcp.json': json({ mcpServers: { again: { type: 'stdio', command: 'x', args: [] } } }) });
    await other.route();
    expect(Object.keys((other.json(USER_FILE) as { servers: object }).servers)).toEqual(['again', 'some']);
  });

  it('an entry that stands there already is not put in again', async () => {
    const bench = new Bench({ [APP_FILE]: json({ servers: { a: { command: 'a' } } }), [MCP]: json({ servers: { a: { command: 'a' } } }) });
    const plan = await bench.plan(await bench.find());
    expect(plan.files.map(({ file }) => file)).toEqual([MCP]);
    expect(said(plan)).toEqual(['The same entry stands there already.']);
  });

  it('an input of the same id that means something else gets another id', async () => {
    const input = (id: string, description: string) => ({ type: 'promptString', id, description });
    const bench = new Bench({
      [APP_FILE]: json({ servers: {}, inputs: [input('key', 'ours')] }),
      [MCP]: json({ servers: { a: { command: 'a', env: { K: 'x ${input:key} ${input:key}' } } }, inputs: [input('key', 'theirs')] }),
      '/proj/lib/.vscode/mcp.json': json({ servers: { b: { command: 'b', env: { K: '${input:key}' } } }, inputs: [input('key', 'ours')] }),
    });
    const plan = await bench.route();
    expect(bench.json(APP_FILE)).toEqual({ servers: { a: { command: 'a', env: { K: 'x ${input:key-2} ${input:key-2}' } } }, inputs: [input('key', 'ours'), input('key-2', 'theirs')] });
    expect(bench.json('/proj/lib/.vscode/mcp-shark.json')).toEqual({ servers: { b: { command: 'b', env: { K: '${input:key}' } } }, inputs: [input('key', 'ours')] });
    expect(said(plan)).toContain('Its input "key" is called "key-2", since another one has that name.');
  });

  it('relative paths stay right when the file they stand in is elsewhere', async () => {
    const bench = new Bench({
      '/home/ann/.gemini/settings.json': json({ mcpServers: { a: { command: 'a', cwd: './srv', envFile: '.env' }, b: { command: './run.sh' }, c: { command: 'c', cwd: '~/x' } } }),
      '/proj/app/.cursor/mcp.json': json({ mcpServers: { d: { command: './run.sh', cwd: 'tools' } } }),
      '/home/ann/.claude.json': json({ projects: { '/proj/elsewhere': { mcpServers: { e: { command: 'node', args: ['s.js'] } } }, '/proj/app': { mcpServers: { f: { command: 'node', args: ['s.js'] } } } } }),
    });
    const plan = await bench.route();
    expect(bench.json(USER_FILE)).toEqual({
      servers: {
        e: { command: 'node', args: ['s.js'], cwd: '/proj/elsewhere' },
        f: { command: 'node', args: ['s.js'], cwd: '/proj/app' },
        a: { command: 'a', envFile: '/home/ann/.env', cwd: '/home/ann/srv' },
        b: { command: './run.sh', cwd: '/home/ann' },
        c: { command: 'c', cwd: '~/x' },
      },
    });
    expect(bench.json(APP_FILE)).toEqual({ servers: { d: { command: './run.sh', cwd: 'tools' } } });
    expect(said(plan)).toContain('"cwd" was relative to /home/ann and is written out, since the file it moves to stands elsewhere.');
  });

  it('what a user’s own file keeps for one folder goes to the user’s file, never to one that is shared', async () => {
    const file = '/home/ann/.claude.json';
    const bench = new Bench();
    bench.fs.set(file, json({ projects: { '/proj/app': { mcpServers: { a: { command: 'a', env: { TOKEN: 'private-secret' } } } } } }), 0o600);
    const plan = await bench.route();
    expect(plan.files.map(({ file: changed, mode }) => [changed, mode])).toEqual([[USER_FILE, 0o600], [file, 0o600]]);
    expect(bench.json(USER_FILE)).toEqual({ servers: { a: { command: 'a', env: { TOKEN: 'private-secret' }, cwd: '/proj/app' } } });
    expect(said(plan)).toContain('Its file keeps it for /proj/app alone. Here it stands in your own file, and is there in every workspace.');
  });

  it('a server that was switched off stays so', async () => {
    const bench = new Bench({ '/home/ann/.kiro/settings/mcp.json': json({ mcpServers: { a: { command: 'a', disabled: true } } }) });
    await bench.route();
    expect(bench.json(USER_FILE)).toEqual({ servers: { a: { command: 'a', disabled: true } } });
  });
});

describe('what another client says of tools', () => {
  it('denied stays denied, and keys that mean something else here are set apart', async () => {
    const bench = new Bench({
      '/home/ann/.gemini/settings.json': json({ mcpServers: { a: { command: 'a', excludeTools: ['rm', 'x.y'], note: 5, owner: ['me'] }, b: { command: 'b', excludeTools: ['a*'] } } }),
    });
    const plan = await bench.route();
    expect(bench.json(USER_FILE)).toEqual({
      servers: { a: { command: 'a', tools: { deny: ['rm', 'x.y'] }, 'x-note': 5, 'x-owner': ['me'] }, b: { command: 'b', excludeTools: ['a*'] } },
    });
    expect(said(plan)).toContain('"excludeTools" is kept but not honoured: all tools of the server are offered.');
  });
});

describe('planning', () => {
  it('changes nothing, and shows the whole text before and after', async () => {
    const bench = new Bench({ [MCP]: json({ servers: { a: { command: 'a' } } }) });
    const before = bench.fs.tree('/');
    const plan = await bench.plan(await bench.find());
    expect(bench.fs.tree('/')).toEqual(before);
    expect(plan.files.map(({ file, before: from, after }) => [file, from, after])).toEqual([
      [APP_FILE, undefined, '{\n  "servers": {\n    "a": {\n      "command": "a"\n    }\n  }\n}\n'],
      [MCP, json({ servers: { a: { command: 'a' } } }), '{\n  "servers": {}\n}\n'],
    ]);
  });

  it('leaves out what cannot be edited, with the reason, and goes on with the rest', async () => {
    const bench = new Bench({ [MCP]: json({ servers: { a: { command: 'a' } } }), '/proj/lib/.vscode/mcp.json': json({ servers: { b: { command: 'b' } } }) });
    const servers = await bench.find();
    bench.fs.set('/proj/lib/.vscode/mcp-shark.json', '{ "servers": [');
    const plan = await bench.plan(servers);
    expect(plan.problems).toEqual([{ file: '/proj/lib/.vscode/mcp-shark.json', message: expect.stringContaining('correct it first') as string }]);
    expect(plan.servers).toEqual(['a']);
    expect(plan.files.map(({ file }) => file)).toEqual([APP_FILE, MCP]);
  });

  it('neither loses a server nor routes it twice where one of the two files cannot be edited', async () => {
    const source = json({ servers: { a: { command: 'a' } } });
    const bench = new Bench({ [MCP]: source, [APP_FILE]: '{ "servers": [] }' });
    const full = await bench.plan(await bench.find());
    expect(full.files).toEqual([]);
    expect(full.problems).toEqual([{ file: APP_FILE, server: 'a', message: '"servers" is not what it should be there; correct it first.' }]);

    const twice = new Bench({ [MCP]: '{"servers":{"a":{"command":"x"},"a":{"command":"a"},"b":{"command":"b"}}}' });
    const plan = await twice.plan(await twice.find());
    expect(plan.problems).toMatchObject([{ file: MCP, server: 'a' }]);
    expect(plan.servers).toEqual(['b']);
    expect(plan.files.find(({ file }) => file === APP_FILE)?.after).not.toContain('"a"');
  });

  it('says so when an entry has gone since it was found, and leaves MCP Shark’s own entry alone', async () => {
    const bench = new Bench({ [MCP]: json({ servers: { a: { command: 'a' }, 'mcp-shark': { url: ENDPOINT.url } } }) });
    const servers = await bench.find();
    bench.fs.set(MCP, json({ servers: {} }));
    const plan = await bench.plan(servers);
    expect(plan.files).toEqual([]);
    expect(plan.problems).toMatchObject([{ server: 'a', message: 'It is no longer there: look for servers again.' }]);
    expect(said(plan)).toEqual(['This is MCP Shark itself: it is left where it is.']);
  });

  it('puts no secret of a configuration into a note, a problem or the ledger', async () => {
    const bench = new Bench({
      '/home/ann/.cursor/mcp.json': json({ mcpServers: { a: { command: 'a', args: ['--key', 'sk-secret'], env: { K: 'sk-secret', L: '${nope:sk}' }, headers: { X: 'sk-secret' }, weird: 'sk-secret' } } }),
    });
    const plan = await bench.route();
    expect(JSON.stringify([plan.notes, plan.problems])).not.toContain('sk-secret');
    expect(bench.fs.text(`${STORAGE}/routing.json`)).not.toMatch(/sk-secret|tok-secret/);
    expect(bench.fs.mode(`${STORAGE}/routing.json`)).toBe(0o600);
    const [backup] = await bench.routing.backups();
    expect(bench.fs.mode(`${STORAGE}/routing-backups/${backup?.id}.bak`)).toBe(0o600);
  });

  it('does its work for a workspace of no folders', async () => {
    const bench = new Bench({ '/home/ann/.config/Code/User/mcp.json': json({ servers: { a: { command: 'a' } } }) });
    const plan = await bench.routing.planRoute({ servers: await bench.find(), folders: [], otherClients: 'leave' });
    expect(plan.files.map(({ file }) => file)).toEqual([USER_FILE, '/home/ann/.config/Code/User/mcp.json']);
  });
});
