// The host's side of the Setup view, from finding servers to putting everything back, and what a webview cannot make it do.
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { PlanRequest } from '../../../src/extension/contract/setup';
import { MAX_VERSIONS } from '../../../src/extension/contract/setupApi';
import { setUp, TOKEN, type SetupFixture } from './setupFixture';

const SECRET = `ghp_${'aB3dE9xYz0Qw'.repeat(3)}`;
/** Comments, tabs, a byte order mark, Windows line endings and a trailing comma. */
const OWN = [
  '\ufeff// Servers of this project',
  '{',
  '\t"servers": {',
  '\t\t// says what it is told',
  `\t\t"echo": { "command": "node", "args": ["echo.mjs"], "env": { "GITHUB_TOKEN": "${SECRET}" } }, // in one line`,
  '\t\t"left": { "type": "http", "url": "http://127.0.0.1:9/mcp" },',
  '\t},',
  '}',
  '',
].join('\r\n');
const CURSOR = '{\n  "mcpServers": {\n    // mine\n    "notes": { "command": "notes" }\n  }\n}\n';
const FILES = { 'work/.vscode/mcp.json': OWN, 'home/.cursor/mcp.json': CURSOR };
const TARGET = 'work/.vscode/mcp-shark.json';

let fixture: SetupFixture | undefined;
afterEach(async () => {
  await fixture?.close();
  fixture = undefined;
});

function start(files: Readonly<Record<string, string>> = FILES): SetupFixture {
  fixture = setUp(files);
  return fixture;
}

async function placeOf({ api }: SetupFixture, name: string): Promise<string> {
  const places = (await api.find()).groups.flatMap((group) => group.places);
  return places.find((place) => place.name === name)!.id;
}

/** Routes the server of the workspace. */
async function route(one: SetupFixture, name = 'echo'): Promise<void> {
  const plan = await one.api.plan({ kind: 'route', places: [await placeOf(one, name)], otherClients: 'leave' });
  await one.api.apply(plan.id);
}

describe('from finding to undoing', () => {
  it('finds what stands on the machine, with file and line, and shows no secret', async () => {
    const { api, at } = start();
    const found = await api.find();
    expect(found.groups.map(({ name, transport }) => [name, transport])).toEqual([['echo', 'stdio'], ['left', 'http'], ['notes', 'stdio']]);
    expect(found.groups[0]).toMatchObject({ places: [{ client: 'VS Code', scope: 'folder', file: at('work/.vscode/mcp.json'), line: 5 }] });
    expect(found.groups[0]!.findings.map(({ rule }) => rule)).toContain('config.secret');
    expect(found.clients).toMatchObject([{ client: 'Cursor', isPointed: false }]);
    expect(JSON.stringify(found)).not.toContain(SECRET);
  });

  it('plans without writing, applies exactly what it showed, asks for approval, and brings every byte back', async () => {
    const one = start();
    const { api, service, registry, read, at, governance, editor } = one;
    const plan = await api.plan({ kind: 'route', places: [await placeOf(one, 'echo')], otherClients: 'leave' });
    expect(plan.servers).toEqual(['echo']);
    expect(plan.problems).toEqual([]);
    expect(plan.files.map(({ file, kind }) => [file, kind])).toEqual(expect.arrayContaining([[at('work/.vscode/mcp.json'), 'change'], [at(TARGET), 'create']]));
    expect(JSON.stringify(plan)).not.toContain(SECRET);
    expect(read('work/.vscode/mcp.json')).toBe(OWN);
    expect(existsSync(at(TARGET))).toBe(false);

    await api.showPlanned(plan.id, at(TARGET));
    expect(editor.did).toEqual([`diff ${plan.id} ${at(TARGET)} ${TARGET}`]);
    const [before, after] = (['before', 'after'] as const).map((side) => service.plannedText(plan.id, at('work/.vscode/mcp.json'), side));
    expect(before).toBe(OWN);
    expect(service.plannedText(plan.id, at(TARGET), 'before')).toBeUndefined();
    const target = service.plannedText(plan.id, at(TARGET), 'after');

    await api.apply(plan.id);
    expect(read('work/.vscode/mcp.json')).toBe(after);
    expect(read(TARGET)).toBe(target);
    expect(registry.servers.map(({ name }) => name)).toEqual(['echo']);
    const [waiting] = one.state.pending;
    expect(waiting).toMatchObject({ name: 'echo', why: { kind: 'new' } });
    expect(JSON.stringify(one.state)).not.toContain(SECRET);
    expect((await api.find()).groups.find(({ name }) => name === 'left')?.routedAs).toBeUndefined();

    await api.approve(waiting!.id, waiting!.hash);
    expect(one.state.pending).toEqual([]);
    expect(governance.gateOf(registry.servers[0]!)).toEqual({ kind: 'open' });

    const [record] = one.state.done;
    expect(record).toMatchObject({ kind: 'route', servers: ['echo'] });
    const undo = await api.plan({ kind: 'undo', records: [record!.id] });
    expect(undo.files.find(({ file }) => file === at(TARGET))?.kind).toBe('delete');
    await api.apply(undo.id);
    expect(readFileSync(at('work/.vscode/mcp.json')).equals(Buffer.from(OWN))).toBe(true);
    expect(existsSync(at(TARGET))).toBe(false);
    expect(registry.servers).toEqual([]);
    expect(one.state.done).toEqual([]);
  });

  it('a plan is carried out once, and refused when a file has changed since it was shown', async () => {
    const one = start();
    const { api, put, read, at } = one;
    const plan = await api.plan({ kind: 'route', places: [await placeOf(one, 'echo')], otherClients: 'leave' });
    put('work/.vscode/mcp.json', OWN.replace('"left"', '"right"'));
    await expect(api.apply(plan.id)).rejects.toMatchObject({ code: 'routing.changed' });
    expect(read('work/.vscode/mcp.json')).toContain('"right"');
    expect(existsSync(at(TARGET))).toBe(false);
    put('work/.vscode/mcp.json', OWN);
    await api.apply(plan.id);
    await expect(api.apply(plan.id)).rejects.toMatchObject({ code: 'notFound' });
  });

  it('of two that are applied at the same moment one is done', async () => {
    const one = start();
    const plan = await one.api.plan({ kind: 'route', places: [await placeOf(one, 'echo')], otherClients: 'leave' });
    const ends = await Promise.allSettled([one.api.apply(plan.id), one.api.apply(plan.id)]);
    expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(one.state.done.length).toBe(1);
    expect(one.registry.servers.map(({ name }) => name)).toEqual(['echo']);
  });

  it('remembers ten plans; an older one says so, in its documents too', async () => {
    const one = start();
    const request: PlanRequest = { kind: 'route', places: [await placeOf(one, 'echo')], otherClients: 'leave' };
    const first = await one.api.plan(request);
    for (let k = 0; k < 10; k += 1) await one.api.plan(request);
    await expect(one.api.apply(first.id)).rejects.toMatchObject({ code: 'notFound', message: expect.stringContaining('too old') as string });
    expect(() => one.service.plannedText(first.id, first.files[0]!.file, 'after')).toThrow(/too old/);
  });

  it('tells the uninstall script of the storage folder where something is routed: after a change, and at a start after an update', async () => {
    const one = start();
    await one.clock.advance(1);
    expect(await one.remembered()).toBeUndefined();
    await route(one);
    const told = await one.remembered();
    expect(told).toBe(path.dirname(one.routing.userFile));
    // An update of the extension comes without the note.
    rmSync(one.at('storage.json'));
    await one.close(true);
    fixture = setUp({}, one.root);
    await expect.poll(() => fixture?.remembered()).toBe(told);
  });

  it('servers of the user go to the file of the user, which others cannot read', async () => {
    const one = start();
    await route(one, 'notes');
    expect(one.registry.servers).toMatchObject([{ name: 'notes', file: one.routing.userFile }]);
    expect(one.state.servers).toMatchObject([{ name: 'notes', isUser: true }]);
    expect(one.read('home/.cursor/mcp.json')).toBe(CURSOR);
  });

  it('lists and shows backups, and keeps those an undo needs', async () => {
    const one = start();
    await route(one);
    const [backup] = await one.api.backups();
    expect(backup).toMatchObject({ file: one.at('work/.vscode/mcp.json'), fileLabel: 'work/.vscode/mcp.json', isNeeded: true, bytes: Buffer.byteLength(OWN) });
    await one.api.showBackup(backup!.id);
    expect(one.editor.did).toEqual([`backup ${backup!.id} ${backup!.file}`]);
    await expect(one.api.deleteBackup(backup!.id)).rejects.toMatchObject({ code: 'routing.failed' });
    await expect(one.api.showBackup('../../etc/passwd')).rejects.toMatchObject({ code: 'notFound' });
    const restore = await one.api.plan({ kind: 'restore', backup: backup!.id });
    await one.api.apply(restore.id);
    expect(one.read('work/.vscode/mcp.json')).toBe(OWN);
  });

  it('says what is in the way of an undo, and puts nothing back where one file cannot be written', async () => {
    const one = start();
    await route(one);
    const routed = one.read('work/.vscode/mcp.json');
    const undo = await one.api.plan({ kind: 'undo', records: 'all' });
    writeFileSync(one.at('work/.vscode/mcp.json'), `${routed}\n// mine`);
    await expect(one.api.apply(undo.id)).rejects.toMatchObject({ code: 'routing.changed' });
    expect(existsSync(one.at(TARGET))).toBe(true);
    const merged = await one.api.plan({ kind: 'undo', records: 'all' });
    await one.api.apply(merged.id);
    expect(one.read('work/.vscode/mcp.json')).toBe(`${OWN}\n// mine`);
  });
});

describe('pointing other clients at the gateway', () => {
  it('needs a port that stays and a token', async () => {
    const one = start();
    const clients = (await one.api.find()).clients.map(({ id }) => id);
    await expect(one.api.plan({ kind: 'point', clients })).rejects.toMatchObject({ message: expect.stringContaining('mcpShark.endpoint.port') as string });
    one.given.port = 4321;
    await expect(one.api.plan({ kind: 'point', clients })).rejects.toMatchObject({ message: expect.stringContaining('token') as string });
  });

  it('writes address and token into the file that was shown, and tells neither view nor findings the token', async () => {
    const one = start();
    Object.assign(one.given, { port: 4321, token: TOKEN });
    chmodSync(one.at('home/.cursor/mcp.json'), 0o600);
    const found = await one.api.find();
    const plan = await one.api.plan({ kind: 'point', clients: found.clients.map(({ id }) => id) });
    expect(one.service.plannedText(plan.id, one.at('home/.cursor/mcp.json'), 'after')).toContain(TOKEN);
    await one.api.apply(plan.id);
    const text = one.read('home/.cursor/mcp.json');
    expect(text).toContain('http://127.0.0.1:4321/mcp');
    expect(text).toContain(TOKEN);
    expect(text).toContain('// mine');
    const again = await one.api.find();
    expect(again.clients).toMatchObject([{ client: 'Cursor', isPointed: true }]);
    expect(again.groups.flatMap(({ places }) => places).map(({ name }) => name)).not.toContain('mcp-shark');
    const told = JSON.stringify([plan, found, again, one.state, await one.api.backups(), await one.routing.records(), one.events]);
    expect(told).not.toContain(TOKEN);
    expect(one.state).toMatchObject({ fixedPort: 4321, hasClientToken: true });
    const undo = await one.api.plan({ kind: 'undo', records: 'all' });
    expect(JSON.stringify(undo)).not.toContain(TOKEN);
    await one.api.apply(undo.id);
    expect(one.read('home/.cursor/mcp.json')).toBe(CURSOR);
  });
});

describe('clients that are pointed, or could be', () => {
  const outdated = (one: SetupFixture): readonly string[] => one.state.outdatedClients.map((file) => path.relative(one.root, file));

  it('are outdated once port or token are others, and up to date again after an update', async () => {
    const one = start({ ...FILES, 'home/.gemini/settings.json': '{}', 'home/.config/Claude/claude_desktop_config.json': '{}' });
    Object.assign(one.given, { port: 4321, token: TOKEN });
    const point = async (): Promise<void> => {
      const plan = await one.api.plan({ kind: 'point', clients: (await one.api.find()).clients.map(({ id }) => id) });
      await one.api.apply(plan.id);
      await one.api.find();
    };
    const all = ['home/.config/Claude/claude_desktop_config.json', 'home/.cursor/mcp.json', 'home/.gemini/settings.json'];
    await point();
    expect(outdated(one)).toEqual([]);
    one.given.token = 'another';
    expect(outdated(one)).toEqual(all);
    await point();
    expect(outdated(one)).toEqual([]);
    one.given.port = 5432;
    expect(outdated(one)).toEqual(all);
    await point();
    expect(outdated(one)).toEqual([]);
    for (const file of all) expect([one.read(file).includes(':5432/mcp'), one.read(file).includes(TOKEN), one.read(file).includes('Bearer another')]).toEqual([true, false, true]);
  });

  it('are updated where the entry stands: in a project of Claude Code too', async () => {
    const entry = { type: 'http', url: 'http://127.0.0.1:1111/mcp', headers: { Authorization: 'Bearer old' } };
    const one = start({});
    one.put('home/.claude.json', JSON.stringify({ mcpServers: {}, projects: { [one.at('work')]: { mcpServers: { 'mcp-shark': entry } } } }));
    Object.assign(one.given, { port: 4321, token: TOKEN });
    const { clients } = await one.api.find();
    const plan = await one.api.plan({ kind: 'point', clients: clients.map(({ id }) => id) });
    await one.api.apply(plan.id);
    expect(JSON.parse(one.read('home/.claude.json'))).toMatchObject({ mcpServers: {}, projects: { [one.at('work')]: { mcpServers: { 'mcp-shark': { url: 'http://127.0.0.1:4321/mcp' } } } } });
    await one.api.find();
    expect(outdated(one)).toEqual([]);
  });

  it('need no file yet, and go back to none', async () => {
    const one = start({ ...FILES, 'home/.config/Claude/Preferences': '{}' });
    Object.assign(one.given, { port: 4321, token: TOKEN });
    const { clients } = await one.api.find();
    const file = one.at('home/.config/Claude/claude_desktop_config.json');
    expect(clients).toMatchObject([{ client: 'Cursor', isNew: false }, { id: file, client: 'Claude Desktop', isPointed: false, isNew: true }]);
    const plan = await one.api.plan({ kind: 'point', clients: [file] });
    expect(plan.files).toMatchObject([{ file, kind: 'create' }]);
    await one.api.apply(plan.id);
    expect(readFileSync(file, 'utf8')).toContain('http://127.0.0.1:4321/mcp');
    expect((await one.api.find()).clients.map(({ isPointed, isNew }) => [isPointed, isNew])).toEqual([[true, false], [false, false]]);
    await one.api.apply((await one.api.plan({ kind: 'undo', records: 'all' })).id);
    expect(existsSync(file)).toBe(false);
  });

  it('can read the token from a variable, and then it stands in no file', async () => {
    const one = start();
    Object.assign(one.given, { port: 4321, token: TOKEN });
    const { clients } = await one.api.find();
    const plan = await one.api.plan({ kind: 'point', clients: clients.map(({ id }) => id), token: 'variable' });
    await one.api.apply(plan.id);
    expect(one.read('home/.cursor/mcp.json')).toContain('Bearer ${env:MCP_SHARK_TOKEN}');
    expect(one.read('home/.cursor/mcp.json')).not.toContain(TOKEN);
    expect(plan.notes.map(({ message }) => message)).toEqual(['The client reads the token from the environment variable MCP_SHARK_TOKEN: set it before it starts.']);
    await one.api.find();
    one.given.token = 'another';
    expect(outdated(one)).toEqual([]);
    one.given.port = 1;
    expect(outdated(one)).toEqual(['home/.cursor/mcp.json']);
  });
});

describe('in Restricted Mode', () => {
  it('shows nothing of the workspace and changes nothing', async () => {
    const one = start();
    await route(one);
    const { id } = (await one.api.plan({ kind: 'undo', records: 'all' }));
    one.given.trusted = false;
    expect(one.state).toMatchObject({ isTrusted: false, servers: [], pending: [], problems: [], notes: [] });
    const found = await one.api.find();
    expect(JSON.stringify(found)).not.toContain(one.at('work'));
    expect(found.groups.map(({ name }) => name)).toEqual(['notes']);
    const [server] = one.governance.servers();
    for (const attempt of [
      one.api.plan({ kind: 'route', places: found.groups[0]!.places.map((place) => place.id), otherClients: 'leave' }),
      one.api.plan({ kind: 'undo', records: 'all' }),
      one.api.apply(id),
      one.api.edit(server!.id, { note: 'x' }),
      one.api.approve(server!.id, server!.hash),
      one.api.approveDefinitions(server!.id, undefined),
    ]) {
      await expect(attempt).rejects.toMatchObject({ code: 'server.notAllowed' });
    }
    expect(existsSync(one.at(TARGET))).toBe(true);
  });
});

describe('a webview that asks for what it was not shown', () => {
  it('opens files it was told of, also after a change made the last look old, and no other', async () => {
    const one = start();
    const own = one.at('work/.vscode/mcp.json');
    await expect(one.api.openFile(own, 5)).rejects.toMatchObject({ code: 'notFound' });
    await route(one);
    await one.api.openFile(own, 5);
    await one.api.openFile(one.at(TARGET), -3);
    for (const file of ['/etc/passwd', one.at('work'), `${own}/../../secret`, '', undefined as never, [own] as never]) {
      await expect(one.api.openFile(file, 1)).rejects.toMatchObject({ code: 'notFound' });
    }
    expect(one.editor.did).toEqual([`file ${own}:5`, `file ${one.at(TARGET)}:1`]);
  });

  it.each(['mcpShark.endpoint.port', 'mcpShark', 'chat.mcp', 'chat.mcp.access'])('opens the setting %s', async (setting) => {
    const { api, editor } = start({});
    await api.openSetting(setting);
    expect(editor.did).toEqual([`setting ${setting}`]);
  });

  it.each(['security.workspace.trust.enabled', 'mcpShark @modified', 'mcpSharkX', 'mcpShark-x', 'chat.mcpx', '', undefined, ['mcpShark']])('does not open the setting %s', async (setting) => {
    const { api, editor } = start({});
    await expect(api.openSetting(setting as string)).rejects.toMatchObject({ code: 'query.invalid' });
    expect(editor.did).toEqual([]);
  });

  it('takes steps of the connection check for what is configured only', async () => {
    const one = start();
    await route(one);
    await one.api.takeFix({ kind: 'restart', server: 'echo' });
    await one.api.takeFix({ kind: 'manageTrust', server: 'ignored' } as never);
    expect(one.editor.did).toEqual(['fix {"kind":"restart","server":"echo"}', 'fix {"kind":"manageTrust"}']);
    for (const fix of [
      { kind: 'restart', server: 'other' },
      { kind: 'openConfig', file: '/etc/passwd', line: 1 },
      { kind: 'openSetting', setting: 'terminal.integrated.env.linux' },
      { kind: 'runCommand', command: 'workbench.action.terminal.new' },
      undefined,
      null,
    ]) {
      await expect(one.api.takeFix(fix as never)).rejects.toThrow();
    }
    expect(one.editor.did.length).toBe(2);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['another kind', { kind: 'delete', file: '/etc/passwd' }],
    ['places that are no list', { kind: 'route', places: 'all', otherClients: 'leave' }],
    ['a place that was not found', { kind: 'route', places: ['0123456789abcdef'], otherClients: 'leave' }],
    ['a client by its path', { kind: 'point', clients: ['/etc/passwd'] }],
    ['clients that are no list', { kind: 'point', clients: { length: 1 } }],
    ['a backup by its path', { kind: 'restore', backup: '../../../etc/passwd' }],
  ])('gets no plan for %s', async (_what, request) => {
    const one = start();
    await one.api.find();
    await expect(one.api.plan(request as PlanRequest)).rejects.toMatchObject({ name: 'AppError' });
  });

  it('cannot point the editor\'s own files at the gateway', async () => {
    const one = start();
    Object.assign(one.given, { port: 4321, token: TOKEN });
    await one.api.find();
    await expect(one.api.plan({ kind: 'point', clients: [one.at('work/.vscode/mcp.json')] })).rejects.toMatchObject({ code: 'notFound' });
  });

  it('cannot show a file that is not part of a plan, nor call methods of servers that are not configured', async () => {
    const one = start();
    const plan = await one.api.plan({ kind: 'route', places: [await placeOf(one, 'echo')], otherClients: 'leave' });
    await expect(one.api.showPlanned(plan.id, '/etc/passwd')).rejects.toMatchObject({ code: 'notFound' });
    for (const attempt of [one.api.stop('x'), one.api.restart('x'), one.api.showOutput('x'), one.api.openPlayground('x'), one.api.examine('x')]) {
      await expect(attempt).rejects.toMatchObject({ code: 'notFound' });
    }
    for (const hash of ['', 'a'.repeat(63), `${'a'.repeat(64)} or tool:x`, ['a'.repeat(64)] as never]) await expect(one.api.showCallsUnder(hash)).rejects.toMatchObject({ code: 'query.invalid' });
    await expect(one.api.exportInventory('__proto__' as never)).rejects.toMatchObject({ code: 'query.invalid' });
    expect(one.editor.did).toEqual([]);
  });

  it('shows, compares and finds the calls of versions a definition has had, and of no others', async () => {
    const one = start({ [TARGET]: '{ "servers": { "a": { "command": "a" } } }' });
    await one.registry.reload();
    const { id } = one.state.servers[0]!;
    const hashes = ['1', '2', '3'].map((digit) => digit.repeat(64));
    for (const hash of hashes) {
      const listing = one.governance.listing(one.registry.servers[0]!, 'tool');
      listing.page([{ name: 't', hash, bytes: Buffer.from('{}') }]);
      listing.end(true);
    }
    const [first, second, third] = hashes;
    expect((await one.api.versions(id, 'tool', 't')).map(({ hash, place, approvedMs }) => [hash, place, approvedMs !== undefined])).toEqual([
      [third, 'listed', false],
      [second, 'earlier', false],
      [first, 'earlier', true],
    ]);
    await one.api.showVersion(id, 'tool', 't', first!);
    await one.api.compareVersion(id, 'tool', 't', second!);
    await one.api.showCallsUnder(second!);
    const did = [`version a tool t ${first}`, `versions a tool t ${first} ${second}`, `traffic definition:${'2'.repeat(16)}`];
    expect(one.editor.did).toEqual(did);
    expect(await one.api.versions(id, 'prompt', 't')).toEqual([]);
    const wrong: Promise<unknown>[] = [
      one.api.versions('nobody', 'tool', 't'),
      one.api.compareVersion(id, 'tool', 't', first!),
      one.api.compareVersion(id, 'tool', 't', '4'.repeat(64)),
      one.api.showVersion(id, 'tool', 't', '4'.repeat(64)),
      one.api.showVersion(id, 'tool', 't', '../../../etc/passwd'),
      one.api.showVersion(id, 'tool', 'u', first!),
    ];
    for (const attempt of wrong) await expect(attempt).rejects.toMatchObject({ code: 'notFound' });
    expect(one.editor.did).toEqual(did);
  });

  it('tells of so many versions of a definition at most, the last ones', async () => {
    const one = start({ [TARGET]: '{ "servers": { "a": { "command": "a" } } }' });
    await one.registry.reload();
    const listing = one.governance.listing(one.registry.servers[0]!, 'tool');
    const hashOf = (index: number): string => String(index).padStart(64, '0');
    for (let index = 0; index <= MAX_VERSIONS; index++) listing.page([{ name: 't', hash: hashOf(index), bytes: Buffer.from('{}') }]);
    listing.end(true);
    const versions = await one.api.versions(one.state.servers[0]!.id, 'tool', 't');
    expect(versions).toHaveLength(MAX_VERSIONS);
    expect(versions[0]).toMatchObject({ hash: hashOf(MAX_VERSIONS), place: 'listed' });
  });

  it('approves nothing but what is there as it was shown', async () => {
    const one = start();
    await route(one);
    const [waiting] = one.state.pending;
    await expect(one.api.approve(waiting!.id, 'f'.repeat(64))).rejects.toMatchObject({ code: 'server.notAllowed' });
    one.put(TARGET, one.read(TARGET).replace('echo.mjs', 'evil.mjs'));
    await one.registry.reload();
    await expect(one.api.approve(waiting!.id, waiting!.hash)).rejects.toMatchObject({ code: 'server.notAllowed' });
    expect(one.state.pending.length).toBe(1);
  });
});

describe('edits', () => {
  it('are left in an editor tab, with comments kept, and written nowhere', async () => {
    const text = '{\n  // ours\n  "servers": {\n    "a": { "command": "a" }, // one\n  },\n}\n';
    const one = start({ [TARGET]: text });
    await one.registry.reload();
    const [server] = one.state.servers;
    await one.api.edit(server!.id, { purpose: 'Says a', deny: ['delete_*', '', 7 as never], isEnabled: false, command: 'evil' } as never);
    const edited = one.editor.edited.get(one.at(TARGET))!;
    expect(edited).toContain('// ours');
    expect(edited).toContain('// one');
    expect(edited).not.toContain('evil');
    expect(edited).toContain('"purpose": "Says a"');
    expect(edited).toContain('delete_*');
    expect(one.read(TARGET)).toBe(text);
  });

  it('say what is wrong with a file that does not parse, and leave it', async () => {
    const one = start({ [TARGET]: '{ "servers": { "a": { "command": "a" } } }' });
    await one.registry.reload();
    const [server] = one.state.servers;
    one.put(TARGET, '{ "servers": { "a": { "command" } }');
    await expect(one.api.edit(server!.id, { note: 'x' })).rejects.toMatchObject({ code: 'config.invalid', message: expect.stringContaining(TARGET) as string });
    one.put(TARGET, '{ "servers": { "b": { "command": "a" } } }');
    await expect(one.api.edit(server!.id, { note: 'x' })).rejects.toMatchObject({ code: 'notFound' });
    expect(one.editor.edited.size).toBe(0);
  });
});

describe('the state', () => {
  it('is told once for many changes, and is not put together for nobody', async () => {
    const one = start({ [TARGET]: '{ "servers": { "a": { "command": "a" } } }' });
    one.findings.dispose();
    let looked = 0;
    const { definitions } = one.governance;
    one.governance.definitions = (id) => ((looked += 1), definitions.call(one.governance, id));
    await one.registry.reload();
    one.service.refresh();
    await one.clock.advance(1000);
    expect(looked).toBe(0);
    let told = 0;
    one.service.onDidChange(() => (told += 1));
    for (let k = 0; k < 50; k += 1) one.service.refresh();
    await one.clock.advance(1000);
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThanOrEqual(2);
  });

  it('exports an inventory with approvals and findings', async () => {
    const one = start();
    await route(one);
    const [waiting] = one.state.pending;
    await one.api.approve(waiting!.id, waiting!.hash);
    await one.api.exportInventory('json');
    const [, language, text] = /^text (\S+) ([^]*)$/.exec(one.editor.did[0]!)!;
    expect(language).toBe('json');
    const { servers } = JSON.parse(text!) as { servers: { name: string; approved: string; approvedBy: string; findings: string[] }[] };
    expect(servers).toMatchObject([{ name: 'echo', approvedBy: 'ada', approved: new Date(one.clock.wallMs()).toISOString() }]);
    expect(servers[0]!.findings.length).toBeGreaterThan(0);
    expect(text).not.toContain(SECRET);
  });
});
