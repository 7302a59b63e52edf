/** Holds every strategy: where its client keeps files on Linux, macOS and Windows, and what its fixture says in our terms. */
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFoundFile } from '../../../../src/extension/servers/import/discover';
import { STRATEGIES, strategyOf } from '../../../../src/extension/servers/import/strategies';
import { formatOf } from '../../../../src/extension/servers/import/strategyParts';
import type { DiscoveryEnvironment, Place, PlaceFolder } from '../../../../src/extension/servers/import/types';

const ENVIRONMENTS: Readonly<Record<'linux' | 'darwin' | 'win32', DiscoveryEnvironment>> = {
  linux: { platform: 'linux', home: '/home/ann', env: {}, folders: [{ name: 'app', path: '/proj/app' }] },
  darwin: { platform: 'darwin', home: '/Users/ann', env: {}, folders: [{ name: 'app', path: '/proj/app' }] },
  win32: {
    platform: 'win32',
    home: 'C:\\Users\\ann',
    env: { APPDATA: 'C:\\Users\\ann\\AppData\\Roaming' },
    folders: [{ name: 'app', path: 'D:\\work\\app' }],
  },
};
type Platform = keyof typeof ENVIRONMENTS;

/** As it stands in the table: `~` is the home, `@` the workspace folder, `%` the settings of programs, `/` any separator. */
function shown(place: Place | PlaceFolder, platform: Platform): string {
  const file = 'dir' in place ? `${place.dir}/*` : place.file;
  const { home, folders } = ENVIRONMENTS[platform];
  const settings = { linux: '/home/ann/.config', darwin: '/Users/ann/Library/Application Support', win32: 'C:\\Users\\ann\\AppData\\Roaming' }[platform];
  const short = file.replace(settings, '%').replace(home, '~').replace(folders[0]?.path ?? '', '@').replaceAll('\\', '/');
  return `${'dir' in place ? 'folder' : place.scope} ${short}`;
}

const everywhere = (...places: string[]): Record<Platform, string[]> => ({ linux: places, darwin: places, win32: places });

/** All places, or those that a longer list must hold. */
const PLACES: Readonly<Record<string, { exactly?: Record<Platform, string[]>; among?: Record<Platform, string[]> }>> = {
  'vscode.folder': { exactly: everywhere('folder @/.vscode/mcp.json') },
  'vscode.workspaceFile': { exactly: everywhere() },
  'vscode.user': {
    among: everywhere(
      'user %/Code/User/mcp.json',
      'folder %/Code/User/profiles/*',
      'user %/Code - Insiders/User/mcp.json',
      'user %/VSCodium/User/mcp.json',
      'remote ~/.vscode-server/data/User/mcp.json',
      'remote ~/.vscode-server-insiders/data/User/mcp.json',
      'remote ~/.local/share/code-server/User/mcp.json',
      'remote ~/.openvscode-server/data/User/mcp.json',
    ),
  },
  devcontainer: { exactly: everywhere('devcontainer @/.devcontainer/devcontainer.json', 'devcontainer @/.devcontainer.json', 'folder @/.devcontainer/*') },
  'project.mcp': { exactly: everywhere('folder @/.mcp.json') },
  'github.mcp': { exactly: everywhere('folder @/.github/mcp.json') },
  'copilot.cli': { exactly: everywhere('user ~/.copilot/mcp-config.json') },
  'claude.desktop': { exactly: everywhere('user %/Claude/claude_desktop_config.json') },
  'claude.code': { exactly: everywhere('user ~/.claude.json') },
  cursor: { exactly: everywhere('user ~/.cursor/mcp.json', 'folder @/.cursor/mcp.json') },
  windsurf: {
    exactly: everywhere('user ~/.codeium/windsurf/mcp_config.json', 'user ~/.codeium/windsurf-next/mcp_config.json', 'user ~/.codeium/mcp_config.json'),
  },
  codex: { exactly: everywhere('user ~/.codex/config.toml', 'folder @/.codex/config.toml') },
  gemini: { exactly: everywhere('user ~/.gemini/settings.json', 'folder @/.gemini/settings.json') },
  cline: {
    among: everywhere(
      'user ~/.cline/data/settings/cline_mcp_settings.json',
      'user %/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json',
      'user %/Cursor/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json',
      'user ~/.vscode-server/data/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json',
    ),
  },
  roo: { among: everywhere('user %/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json', 'folder @/.roo/mcp.json') },
  continue: { exactly: everywhere('user ~/.continue/config.yaml', 'folder ~/.continue/mcpServers/*', 'folder @/.continue/mcpServers/*') },
  zed: {
    exactly: {
      linux: ['user %/zed/settings.json', 'folder @/.zed/settings.json'],
      darwin: ['user ~/.config/zed/settings.json', 'folder @/.zed/settings.json'],
      win32: ['user %/Zed/settings.json', 'folder @/.zed/settings.json'],
    },
  },
  kiro: { exactly: everywhere('user ~/.kiro/settings/mcp.json', 'folder @/.kiro/settings/mcp.json') },
  amp: {
    exactly: {
      linux: ['user %/amp/settings.json', 'user %/amp/settings.jsonc', 'folder @/.amp/settings.json', 'folder @/.amp/settings.jsonc'],
      darwin: ['user ~/.config/amp/settings.json', 'user ~/.config/amp/settings.jsonc', 'folder @/.amp/settings.json', 'folder @/.amp/settings.jsonc'],
      win32: ['user ~/.config/amp/settings.json', 'user ~/.config/amp/settings.jsonc', 'folder @/.amp/settings.json', 'folder @/.amp/settings.jsonc'],
    },
  },
  lmstudio: { exactly: everywhere('user ~/.lmstudio/mcp.json', 'user ~/.cache/lm-studio/mcp.json') },
  'jetbrains.ai': { exactly: everywhere('user ~/.ai/mcp/mcp.json', 'folder @/.ai/mcp/mcp.json') },
  junie: { exactly: everywhere('user ~/.junie/mcp/mcp.json', 'folder @/.junie/mcp/mcp.json') },
  opencode: {
    among: {
      linux: ['user %/opencode/opencode.json', 'user %/opencode/opencode.jsonc', 'folder @/opencode.json', 'folder @/.opencode/opencode.jsonc'],
      darwin: ['user ~/.config/opencode/opencode.json', 'folder @/opencode.jsonc', 'folder @/.opencode/opencode.json'],
      win32: ['user ~/.config/opencode/opencode.json', 'folder @/opencode.json', 'folder @/.opencode/opencode.json'],
    },
  },
};

const cases = STRATEGIES.flatMap(({ id }) => (['linux', 'darwin', 'win32'] as const).map((platform) => [id, platform] as const));

describe('places', () => {
  it.each(cases)('of %s on %s', (id, platform) => {
    const places = (strategyOf(id)?.places(ENVIRONMENTS[platform]) ?? []).map((place) => shown(place, platform));
    const { exactly, among } = PLACES[id] ?? {};
    if (exactly) expect(places).toEqual(exactly[platform]);
    else expect(places).toEqual(expect.arrayContaining(among?.[platform] ?? ['nothing is expected of this strategy']));
  });

  it('follow the variables by which clients move their folders, unless they are relative', () => {
    const files = (id: string, env: Record<string, string>): (string | undefined)[] =>
      (strategyOf(id)?.places({ ...ENVIRONMENTS.linux, env, folders: [] }) ?? []).map((place) => ('file' in place ? place.file : place.dir));
    expect(files('codex', { CODEX_HOME: '/c' })).toEqual(['/c/config.toml']);
    expect(files('codex', { CODEX_HOME: 'c' })).toEqual(['/home/ann/.codex/config.toml']);
    expect(files('claude.code', { CLAUDE_CONFIG_DIR: '/c' })).toEqual(['/c/.claude.json']);
    expect(files('copilot.cli', { COPILOT_HOME: '/c' })).toEqual(['/c/mcp-config.json']);
    expect(files('claude.desktop', { XDG_CONFIG_HOME: '/x' })).toEqual(['/x/Claude/claude_desktop_config.json']);
    expect(files('cline', { CLINE_MCP_SETTINGS_PATH: '/c.json' })[0]).toBe('/c.json');
    expect(files('continue', { CONTINUE_GLOBAL_DIR: '/c' })).toEqual(['/c/config.yaml', '/c/mcpServers']);
  });

  it('of the editor this runs in are its own, those of other editors are not', () => {
    const places = strategyOf('vscode.user')?.places({ ...ENVIRONMENTS.linux, editorUserDir: '/opt/portable/user-data/User' }) ?? [];
    expect(places.flatMap((place) => ('file' in place && place.own ? [place.file] : []))).toEqual(['/opt/portable/user-data/User/mcp.json']);
  });

  it('of a workspace file is that file', () => {
    const places = strategyOf('vscode.workspaceFile')?.places({ ...ENVIRONMENTS.linux, workspaceFile: '/proj/all.code-workspace' });
    expect(places).toMatchObject([{ file: '/proj/all.code-workspace', scope: 'workspace', own: true }]);
  });
});

const FIXTURES = path.join(__dirname, 'fixtures');

/** What a fixture is read as: entries as written for us, and words of the notes. */
function read(id: string) {
  const name = readdirSync(FIXTURES).find((file) => path.parse(file).name === id) ?? '';
  const text = readFileSync(path.join(FIXTURES, name), 'utf8');
  const strategy = strategyOf(id);
  if (!strategy) throw new Error(id);
  const folder = { name: 'app', path: '/proj/app' };
  const place: Place = { file: `/fixture/${name}`, scope: 'user', format: formatOf(name), base: '/home/ann', folder };
  return readFoundFile(strategy, place, text, ENVIRONMENTS.linux);
}

const EXPECTED: Readonly<Record<string, { servers: Record<string, unknown>; notes?: string[]; problems?: string[] }>> = {
  'vscode.folder': {
    servers: {
      files: {
        type: 'stdio', command: 'npx', args: ['-y', '@modelcontextprotocol/server-filesystem', '${workspaceFolder}'],
        env: { LOG: '${env:LOG_LEVEL}' }, envFile: '${workspaceFolder}/.env', extra: { sandboxEnabled: true, dev: { watch: 'src/**/*.ts' } },
      },
      github: { type: 'http', url: 'https://api.githubcopilot.com/mcp/', headers: { Authorization: 'Bearer ${input:github-token}' } },
    },
    notes: ['files: "sandboxEnabled" is kept but not honoured: the server runs without a sandbox.', 'files: "dev" is kept but not honoured: the server is neither watched nor debugged.'],
  },
  'vscode.workspaceFile': { servers: { search: { type: 'http', url: 'https://search.example/mcp', headers: { 'X-Key': '${input:key}' } } } },
  'vscode.user': {
    servers: {
      memory: { type: 'stdio', command: 'npx', args: ['-y', '@modelcontextprotocol/server-memory@2026.8.31'], env: {} },
      socket: { type: 'http', url: 'unix:///tmp/server.sock', headers: {} },
    },
  },
  devcontainer: { servers: { db: { type: 'stdio', command: 'uvx', args: ['mcp-server-postgres'], env: {}, cwd: 'tools' } } },
  'project.mcp': {
    servers: {
      api: { type: 'http', url: '${API_URL:-https://api.example.com}/mcp', headers: { Authorization: 'Bearer ${env:API_KEY}' } },
      local: { type: 'stdio', command: './tools/server.sh', args: [], env: { CACHE: '${env:CACHE_DIR}' } },
    },
    notes: ['api: ${API_URL:-https://api.example.com} has no equal in MCP Shark and is kept as it is: replace it before the server can start.'],
  },
  'github.mcp': {
    servers: { playwright: { type: 'stdio', command: 'npx', args: ['@playwright/mcp@0.0.83'], env: {} } },
  },
  'copilot.cli': {
    servers: {
      azure: { type: 'stdio', command: 'npx', args: ['-y', '@azure/mcp@1.0.0', 'server', 'start'], env: {} },
      cloud: { type: 'sse', url: 'https://docs.example.com/sse', headers: {}, extra: { includeTools: ['search'] } },
    },
    notes: ['cloud: Its list of allowed "tools" is kept as "includeTools" but not honoured: all tools of the server are offered.'],
  },
  'claude.desktop': {
    servers: {
      filesystem: { type: 'stdio', command: 'npx', args: ['-y', '@modelcontextprotocol/server-filesystem', '/home/ann/Documents'], env: {} },
      brave: { type: 'stdio', command: 'docker', args: ['run', '-i', '--rm', '-e', 'BRAVE_API_KEY', 'mcp/brave'], env: { BRAVE_API_KEY: 'sk-secret-brave' } },
    },
  },
  'claude.code': {
    servers: {
      sentry: { type: 'http', url: 'https://mcp.sentry.dev/mcp', headers: {} },
      here: { type: 'stdio', command: 'node', args: ['server.js'], env: {} },
      there: { type: 'stdio', command: 'node', args: ['./server.js'], env: { TOKEN: '${env:MY_TOKEN}' } },
    },
  },
  cursor: {
    servers: {
      linear: { type: 'http', url: 'https://mcp.linear.app/mcp', headers: { Authorization: 'Bearer ${env:LINEAR_KEY}' } },
      scripts: { type: 'stdio', command: '${workspaceFolder}/run.sh', args: ['--home', '${userHome}'], env: {}, envFile: '.env' },
    },
  },
  windsurf: {
    servers: {
      remote: { type: 'http', url: 'https://remote.example/mcp', headers: { 'X-Token': '${env:TOKEN}' } },
      'secretfile (disabled)': { type: 'stdio', command: 'tool', args: [], env: { KEY: '${file:/run/secrets/key}' } },
    },
    notes: [
      'secretfile: ${file:/run/secrets/key} has no equal in MCP Shark and is kept as it is: replace it before the server can start.',
    ],
  },
  codex: {
    servers: {
      docs: { type: 'stdio', command: 'npx', args: ['-y', 'mcp-docs@1.2.3'], env: { LEVEL: 'info' }, extra: { startup_timeout_sec: 20 } },
      figma: { type: 'http', url: 'https://mcp.figma.com/mcp', headers: { 'X-Region': 'eu', 'X-Team': '${env:TEAM_ID}', Authorization: 'Bearer ${env:FIGMA_TOKEN}' } },
      'off.one (disabled)': { type: 'stdio', command: 'off', args: [], env: {} },
    },
    notes: ['docs: "startup_timeout_sec" is kept but not honoured: MCP Shark sets no time limit.'],
  },
  gemini: {
    servers: {
      py: { type: 'stdio', command: 'python', args: ['-m', 'server'], env: { KEY: '${env:API_KEY}', URL: '${env:BASE}/x' }, cwd: './srv', extra: { timeout: 15000, trust: false } },
      stream: { type: 'http', url: 'https://h.example/mcp', headers: { Authorization: 'Bearer ${env:TOKEN}' } },
      events: { type: 'sse', url: 'https://h.example/sse', headers: {} },
    },
    notes: ['py: "timeout" is kept but not honoured: MCP Shark sets no time limit.', 'py: "trust" is kept but not honoured: confirmations stay a matter of the client.'],
  },
  cline: {
    servers: {
      git: { type: 'stdio', command: 'uvx', args: ['mcp-server-git'], env: {}, extra: { autoApprove: ['status'], timeout: 60 } },
      'web (disabled)': { type: 'http', url: 'https://web.example/mcp', headers: {} },
    },
    notes: ['git: "autoApprove" is kept but not honoured: confirmations stay a matter of the client.', 'git: "timeout" is kept but not honoured: MCP Shark sets no time limit.'],
  },
  roo: {
    servers: {
      local: { type: 'stdio', command: 'node', args: ['server.js'], env: {}, cwd: '${workspaceFolder}', extra: { alwaysAllow: ['a'] } },
      net: { type: 'http', url: 'https://net.example/mcp', headers: { X: '${env:X}' } },
    },
    notes: ['local: "alwaysAllow" is kept but not honoured: confirmations stay a matter of the client.'],
  },
  continue: {
    servers: {
      Browser: { type: 'stdio', command: 'npx', args: ['@playwright/mcp@0.0.83'], env: { TOKEN: '${input:BROWSER_TOKEN}' } },
      Remote: { type: 'http', url: 'https://c.example/mcp', headers: { Authorization: 'Bearer ${input:REMOTE-KEY}' } },
    },
    notes: ['Browser: The secret BROWSER_TOKEN is asked for when the server first starts.', 'Remote: The secret REMOTE-KEY is asked for when the server first starts.'],
  },
  zed: {
    servers: {
      own: { type: 'stdio', command: 'uv', args: ['run', 'main.py'], env: {}, extra: { source: 'custom' } },
      old: { type: 'stdio', command: 'node', args: ['x.js'], env: { A: '1' }, extra: { settings: {} } },
      remote: { type: 'http', url: 'https://z.example/mcp', headers: { Authorization: 'Bearer abc' } },
    },
    notes: ['old: "settings" is kept but not honoured.'],
  },
  kiro: {
    servers: {
      search: { type: 'stdio', command: 'npx', args: ['-y', 'server-brave@1.0.0'], env: { KEY: '${env:BRAVE_KEY}' }, extra: { autoApprove: ['*'] } },
      api: { type: 'http', url: 'https://k.example/mcp', headers: { Authorization: 'Bearer ${env:API_TOKEN}' }, oauth: { clientId: 'app' }, extra: { oauthScopes: ['read'] } },
    },
    notes: ['search: "autoApprove" is kept but not honoured: confirmations stay a matter of the client.', 'api: "oauthScopes" is kept but not honoured.'],
  },
  amp: {
    servers: {
      playwright: { type: 'stdio', command: 'npx', args: ['-y', '@playwright/mcp@0.0.83', '--headless'], env: {}, extra: { includeTools: ['browser_*'] } },
      linear: { type: 'http', url: 'https://mcp.linear.app/mcp', headers: { Authorization: 'Bearer ${env:LINEAR}' } },
    },
    notes: ['playwright: "includeTools" is kept but not honoured: all tools of the server are offered.'],
  },
  lmstudio: { servers: { hf: { type: 'http', url: 'https://huggingface.co/mcp', headers: { Authorization: 'Bearer hf_secret' } } } },
  'jetbrains.ai': { servers: { memory: { type: 'stdio', command: 'npx', args: ['-y', 'server-memory@1.0.0'], env: {} } } },
  junie: { servers: { docs: { type: 'stdio', command: 'uvx', args: ['docs'], env: { PORT: 8080 } } } },
  opencode: {
    servers: {
      local: { type: 'stdio', command: 'bun', args: ['x', 'my-mcp'], env: { KEY: '${env:MY_KEY}' } },
      'remote (disabled)': { type: 'http', url: 'https://o.example/mcp', headers: { Authorization: 'Bearer {file:~/.key}' } },
    },
    notes: ['remote: {file:~/.key} has no equal in MCP Shark and is kept as it is: replace it before the server can start.'],
  },
};

describe('fixtures', () => {
  it.each(STRATEGIES.map(({ id }) => id))('%s is read in our terms', (id) => {
    const { servers, problems } = read(id);
    const expected = EXPECTED[id];
    expect(Object.fromEntries(servers.map(({ name, disabled, config }) => [disabled ? `${name} (disabled)` : name, config]))).toEqual(expected?.servers);
    expect(servers.flatMap(({ name, notes }) => notes.map((note) => `${name}: ${note}`))).toEqual(expected?.notes ?? []);
    expect(problems.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual(expected?.problems ?? []);
  });

  it('give every server its place, its scope and its folder', () => {
    const { servers } = read('claude.code');
    expect(servers.map(({ name, scope, line, column, base, folder, address }) => ({ name, scope, line, column, base, folder: folder?.name, container: address.container }))).toEqual([
      { name: 'sentry', scope: 'user', line: 4, column: 5, base: '/home/ann', folder: 'app', container: ['mcpServers'] },
      { name: 'here', scope: 'folder', line: 10, column: 9, base: '/proj/app', folder: 'app', container: ['projects', '/proj/app', 'mcpServers'] },
      { name: 'there', scope: 'user', line: 15, column: 9, base: '/proj/elsewhere', folder: 'app', container: ['projects', '/proj/elsewhere', 'mcpServers'] },
    ]);
    expect(read('codex').servers.map(({ name, line }) => [name, line])).toEqual([['docs', 5], ['figma', 13], ['off.one', 19]]);
    expect(read('continue').servers.map(({ name, line, column }) => [name, line, column])).toEqual([['Browser', 7, 5], ['Remote', 13, 5]]);
  });

  it('carry the inputs a server uses, and only those', () => {
    const [files, github] = read('vscode.folder').servers;
    expect(files?.inputs).toEqual([]);
    expect(github?.inputs).toEqual([{ type: 'promptString', id: 'github-token', description: 'GitHub token', password: true }]);
    expect(read('continue').servers[0]?.inputs).toMatchObject([{ type: 'promptString', id: 'BROWSER_TOKEN', password: true }]);
  });

  it('hold no value of a secret in any note or problem', () => {
    for (const { id } of STRATEGIES) {
      const { servers, problems } = read(id);
      const words = JSON.stringify([problems, servers.map(({ notes }) => notes)]);
      expect(words).not.toMatch(/sk-secret|hf_secret|Bearer abc/);
    }
  });
});
