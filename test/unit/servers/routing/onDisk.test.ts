/** Holds routing on a real disk: permissions, links, read-only files, what MCP Shark makes of it, and the uninstall script. */
import { execFile } from 'node:child_process';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import esbuild from 'esbuild';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseServersFile } from '../../../../src/extension/servers/configFile';
import { discoverServers } from '../../../../src/extension/servers/import/discover';
import { STRATEGIES } from '../../../../src/extension/servers/import/strategies';
import type { DiscoveryEnvironment } from '../../../../src/extension/servers/import/types';
import { createRouting, type Routing } from '../../../../src/extension/servers/routing/routing';
import { rememberedStorage, rememberStorage, storagePlaces } from '../../../../src/extension/servers/routing/storagePlaces';
import { ENDPOINT } from './bench';

const run = promisify(execFile);
const FIXTURES = path.join(__dirname, '../import/fixtures');
const made: string[] = [];

afterEach(async () => {
  await Promise.all(made.splice(0).map((dir) => rm(dir, { recursive: true, force: true })));
});

interface Machine {
  readonly home: string;
  readonly app: string;
  readonly storageDir: string;
  readonly routing: Routing;
  find(): ReturnType<typeof discoverServers>;
}

async function machine(): Promise<Machine> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'mcp-shark-route-'));
  made.push(root);
  const [home, app] = [path.join(root, 'home'), path.join(root, 'app')];
  const userDir = path.join(home, '.config/Code/User');
  const storageDir = path.join(userDir, 'globalStorage/mcpshark.mcp-shark');
  await Promise.all([mkdir(storageDir, { recursive: true }), mkdir(app)]);
  let ids = 0;
  const routing = createRouting({ storageDir, now: Date.now, randomId: () => `id${++ids}`, isTrusted: () => true, platform: 'linux' });
  const environment: DiscoveryEnvironment = { platform: 'linux', home, env: {}, folders: [{ name: 'app', path: app }], editorUserDir: userDir };
  return { home, app, storageDir, routing, find: () => discoverServers(environment) };
}

async function put(file: string, text: string, mode = 0o644): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
  await chmod(file, mode);
  return file;
}

const cursorText = '{\n  "mcpServers": { "a": { "command": "a" } }\n}\n';

async function route({ routing, find, app }: Machine): Promise<void> {
  const { servers } = await find();
  await routing.apply(await routing.planRoute({ servers, folders: [{ name: 'app', path: app }], otherClients: 'point', endpoint: ENDPOINT }));
}

describe('on a disk', () => {
  it('a file keeps its permissions through a link, which stays one; ours are the user’s alone', async () => {
    const m = await machine();
    const real = await put(path.join(m.home, 'dotfiles/cursor.json'), cursorText, 0o640);
    const link = path.join(m.home, '.cursor/mcp.json');
    await mkdir(path.dirname(link));
    await symlink(real, link);
    await route(m);
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await readFile(real, 'utf8')).toContain('mcp-shark');
    expect((await stat(real)).mode & 0o777).toBe(0o640);
    expect((await stat(m.routing.userFile)).mode & 0o777).toBe(0o600);
    expect((await stat(path.join(m.storageDir, 'routing.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(path.join(m.storageDir, 'routing-backups'))).mode & 0o777).toBe(0o700);
    await m.routing.apply(await m.routing.planUndo('all'));
    expect(await readFile(real, 'utf8')).toBe(cursorText);
    expect((await stat(real)).mode & 0o777).toBe(0o640);
    expect((await readdir(path.dirname(real))).toSorted()).toEqual(['cursor.json']);
  });

  it('a read-only file gives a clear error, and nothing is changed', async () => {
    const m = await machine();
    const file = await put(path.join(m.home, '.cursor/mcp.json'), cursorText, 0o444);
    await expect(route(m)).rejects.toMatchObject({ code: 'routing.notWritable', message: expect.stringContaining(`${file} is read-only`) as string });
    expect(await readFile(file, 'utf8')).toBe(cursorText);
    await expect(stat(m.routing.userFile)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('a link that leads nowhere, or in a circle, is a problem of that file alone', async () => {
    const m = await machine();
    await put(path.join(m.home, '.cursor/mcp.json'), cursorText);
    await put(path.join(m.app, '.vscode/mcp.json'), '{"servers":{"b":{"command":"b"}}}');
    await symlink(path.join(m.app, 'nowhere'), path.join(m.app, '.vscode/mcp-shark.json'));
    const { servers } = await m.find();
    const plan = await m.routing.planRoute({ servers, folders: [{ name: 'app', path: m.app }], otherClients: 'point', endpoint: ENDPOINT });
    expect(plan.problems).toEqual([{ file: path.join(m.app, '.vscode/mcp-shark.json'), message: 'It is a link that leads nowhere.' }]);
    expect(plan.servers).toEqual(['a']);
  });

  it('what is routed from every client is read without a problem', async () => {
    const m = await machine();
    const names = await readdir(FIXTURES);
    const places = STRATEGIES.flatMap((strategy) => {
      const environment: DiscoveryEnvironment = { platform: 'linux', home: m.home, env: {}, folders: [{ name: 'app', path: m.app }], editorUserDir: path.join(m.home, '.config/Code/User') };
      const place = strategy.places(environment).find((candidate) => 'file' in candidate);
      const name = names.find((candidate) => path.parse(candidate).name === strategy.id);
      return place && 'file' in place && name !== undefined ? [{ file: place.file, name }] : [];
    });
    for (const { file, name } of places) await put(file, await readFile(path.join(FIXTURES, name), 'utf8'));
    await route(m);
    const files = [m.routing.userFile, path.join(m.app, '.vscode/mcp-shark.json')];
    const read = await Promise.all(files.map(async (file) => parseServersFile(await readFile(file, 'utf8'), file)));
    expect(read.flatMap(({ problems }) => problems.map(({ message }) => message))).toEqual([]);
    expect(read.flatMap(({ servers }) => servers).length).toBeGreaterThan(25);
    expect(new Set(read.flatMap(({ servers }) => servers.map(({ name }) => name))).size).toBe(read.flatMap(({ servers }) => servers).length);
  });
});

describe('the storage folder', () => {
  const places = (home: string, dist: string, platform: NodeJS.Platform = 'linux') => storagePlaces({ platform, home, env: {} }, dist);
  it.each([
    ['VS Code', '/home/a/.vscode/extensions/mcpshark.mcp-shark-1.0.0/dist', '/home/a/.config/Code/User/globalStorage/mcpshark.mcp-shark'],
    ['VS Code Insiders', '/home/a/.vscode-insiders/extensions/x/dist', '/home/a/.config/Code - Insiders/User/globalStorage/mcpshark.mcp-shark'],
    ['VSCodium', '/home/a/.vscode-oss/extensions/x/dist', '/home/a/.config/VSCodium/User/globalStorage/mcpshark.mcp-shark'],
    ['code-server', '/home/a/.local/share/code-server/extensions/x/dist', '/home/a/.local/share/code-server/User/globalStorage/mcpshark.mcp-shark'],
    ['a remote server', '/home/a/.vscode-server/extensions/x/dist', '/home/a/.vscode-server/data/User/globalStorage/mcpshark.mcp-shark'],
    ['a portable editor', '/opt/code/data/extensions/x/dist', '/opt/code/data/user-data/User/globalStorage/mcpshark.mcp-shark'],
  ])('of %s follows from where the extension is', (_what, dist, expected) => {
    expect(places('/home/a', dist)).toContain(expected);
  });

  it('is on macOS and Windows where programs keep their settings', () => {
    expect(places('/Users/a', '/Users/a/.vscode/extensions/x/dist', 'darwin')[0]).toBe('/Users/a/Library/Application Support/Code/User/globalStorage/mcpshark.mcp-shark');
    expect(places('C:\\Users\\a', 'C:\\Users\\a\\.vscode\\extensions\\x\\dist', 'win32')[0]).toBe('C:\\Users\\a\\AppData\\Roaming\\Code\\User\\globalStorage\\mcpshark.mcp-shark');
  });

  it('never is that of another editor', () => {
    expect(places('/home/a', '/home/a/.vscode-insiders/extensions/x/dist').filter((place) => place.includes('/Code/'))).toEqual([]);
  });

  it('is remembered in a note at every start, where something is routed, and if the note makes sense', async () => {
    const m = await machine();
    const { home, routing } = m;
    await rememberStorage(routing, home, '/some/storage');
    expect(await rememberedStorage(home)).toBeUndefined();
    await put(path.join(home, '.cursor/mcp.json'), cursorText);
    await route(m);
    await rememberStorage(routing, home, '/some/storage');
    expect(await rememberedStorage(home)).toBe('/some/storage');
    await writeFile(path.join(home, 'storage.json'), '{"storageDir":"relative"}');
    expect(await rememberedStorage(home)).toBeUndefined();
    await expect(rememberStorage(routing, '/no/such/folder', '/x')).resolves.toBeUndefined();
  });
});

describe('uninstalling', () => {
  let bundle = '';
  beforeAll(async () => {
    const built = await esbuild.build({
      entryPoints: [path.join(__dirname, '../../../../src/extension/headless/uninstall.ts')],
      bundle: true,
      write: false,
      platform: 'node',
      format: 'cjs',
      target: 'node22',
      mainFields: ['module', 'main'],
      logLevel: 'silent',
    });
    bundle = built.outputFiles[0]?.text ?? '';
  });

  it('is what package.json names, is built, and is in the package', async () => {
    const root = path.join(__dirname, '../../../..');
    const read = (file: string) => readFile(path.join(root, file), 'utf8');
    const manifest = JSON.parse(await read('package.json')) as { publisher: string; name: string; scripts: Record<string, string> };
    expect(manifest.scripts['vscode:uninstall']).toBe('node ./dist/uninstall');
    expect(await read('esbuild.mjs')).toContain("{ in: 'src/extension/headless/uninstall.ts', out: 'uninstall' }");
    expect((await read('.vscodeignore')).split('\n')).toContain('!dist/uninstall.js');
    expect(storagePlaces({ platform: 'linux', home: '/h', env: {} }, '/h/.vscode/extensions/x/dist')[0]).toContain(`/${manifest.publisher}.${manifest.name}`.toLowerCase());
  });

  /** Runs the script as VS Code does: by its path, knowing nothing. */
  async function uninstall(m: Machine, root = '.vscode'): Promise<{ stdout: string; stderr: string; code: number }> {
    const script = await put(path.join(m.home, root, 'extensions/mcpshark.mcp-shark-1.0.0/dist/uninstall.js'), bundle);
    const env = { ...process.env, HOME: m.home, USERPROFILE: m.home, XDG_CONFIG_HOME: '', APPDATA: path.join(m.home, '.config') };
    return run(process.execPath, [script.replace(/\.js$/, ''), '--type=extension-post-uninstall'], { env }).then(
      ({ stdout, stderr }) => ({ stdout, stderr, code: 0 }),
      (error: { stdout: string; stderr: string; code: number }) => ({ stdout: error.stdout, stderr: error.stderr, code: error.code }),
    );
  }

  it.skipIf(process.platform !== 'linux')('undoes everything, without vscode and without being told where', async () => {
    const m = await machine();
    const file = await put(path.join(m.home, '.cursor/mcp.json'), cursorText);
    const mcp = await put(path.join(m.app, '.vscode/mcp.json'), '{"servers":{"b":{"command":"b"}}}');
    await route(m);
    expect(await readFile(file, 'utf8')).not.toBe(cursorText);
    const { stdout, stderr, code } = await uninstall(m);
    expect([stderr, code]).toEqual(['', 0]);
    expect(stdout).toContain(`${file} is as it was.`);
    expect(await readFile(file, 'utf8')).toBe(cursorText);
    expect(await readFile(mcp, 'utf8')).toBe('{"servers":{"b":{"command":"b"}}}');
    await expect(stat(path.join(m.app, '.vscode/mcp-shark.json'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.skipIf(process.platform !== 'linux')('undoes what it can, and saves the rest where it is not deleted', async () => {
    const m = await machine();
    const file = await put(path.join(m.home, '.cursor/mcp.json'), cursorText);
    const other = await put(path.join(m.home, '.gemini/settings.json'), '{"mcpServers":{"g":{"command":"g"}}}');
    await route(m);
    await chmod(file, 0o444);
    const { stderr, code } = await uninstall(m);
    expect(code).toBe(1);
    expect(stderr).toContain(`${file} could not be undone`);
    expect(await readFile(other, 'utf8')).toBe('{"mcpServers":{"g":{"command":"g"}}}');
    const [saved] = await readdir(path.join(m.home, 'mcp-shark-backups'));
    expect(await readFile(path.join(m.home, 'mcp-shark-backups', saved ?? ''), 'utf8')).toBe(cursorText);
  });

  it.skipIf(process.platform !== 'linux')('loses no server whose file was deleted, or whose name was taken, and saves what the user wrote for himself', async () => {
    const m = await machine();
    const text = '{"servers":{"b":{"command":"b"}}}';
    const mcp = await put(path.join(m.app, '.vscode/mcp.json'), text);
    const cursor = await put(path.join(m.home, '.cursor/mcp.json'), cursorText);
    await route(m);
    await rm(mcp);
    await writeFile(cursor, '{"mcpServers":{"a":{"command":"other"}}}');
    const { stderr, code } = await uninstall(m);
    expect(code).toBe(1);
    expect(await readFile(mcp, 'utf8')).toBe(text);
    expect(await readFile(cursor, 'utf8')).toContain('other');
    expect(stderr).toContain(`${cursor} could not be undone, or not whole: There is another "a" now`);
    const rescue = path.join(m.home, 'mcp-shark-backups');
    const saved = await Promise.all((await readdir(rescue)).map((name) => readFile(path.join(rescue, name), 'utf8')));
    expect(saved).toContain(cursorText);
    // The user's own file goes with the storage folder.
    expect(saved.filter((one) => one !== cursorText).map((one) => JSON.parse(one) as unknown)).toEqual([{ servers: { a: { command: 'a' } } }]);
  });

  it.skipIf(process.platform !== 'linux')('leaves the routing of another editor alone, and has nothing to say where nothing was routed', async () => {
    const m = await machine();
    const file = await put(path.join(m.home, '.cursor/mcp.json'), cursorText);
    await route(m);
    expect(await uninstall(m, '.vscode-insiders')).toEqual({ stdout: '', stderr: '', code: 0 });
    expect(await readFile(file, 'utf8')).not.toBe(cursorText);
  });
});
