// The Playground in the whole application: every try is in the audit log, marked; states with the next step; what the
// webview and the rest of the product ask of it; real servers that touch files and browsers.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findBrowser } from '../../../scripts/lib/systemPackages.mjs';
import { EVERYTHING, ROOT } from '../../support/gateway/gatewayFixture';
import { neverAborted as signal, startApplication, type ApplicationFixture } from '../../support/playground/applicationFixture';
import { textsOf, tool } from '../../support/playground/playgroundFixture';
import { cleanFolders } from '../../support/store/storeHarness';

let fixture: ApplicationFixture;
beforeEach(async () => {
  fixture = await startApplication();
});
afterEach(() => fixture?.close());
afterAll(cleanFolders);

const node = (file: string, ...args: string[]): object => ({ command: process.execPath, args: [file, ...args] });
const scripted = (script: object): object => ({ command: process.execPath, args: [`${ROOT}test/servers/scripted.mjs`], env: { SCRIPT: JSON.stringify(script) } });
const ready = (name: string) => fixture.until(name, ({ servers }) => servers.find((server) => server.name === name && server.connection.kind === 'ready' && server.revision > 0));

async function started(servers: Readonly<Record<string, object>>): Promise<void> {
  await fixture.configure(servers);
  await fixture.application.setRouting(true);
  await fixture.api.ready(signal);
  await fixture.api.look(Object.keys(servers), signal);
  for (const name of Object.keys(servers)) await ready(name);
}

describe('every run', () => {
  it('is a recorded call with its timing, in a session that is marked as the Playground', async () => {
    await started({ everything: node(EVERYTHING) });
    const run = await fixture.run({ target: tool('everything', 'echo'), args: { message: 'kept' } });
    expect(run).toMatchObject({ status: 'ok', call: expect.stringMatching(/\/\d+$/), timing: { totalUs: expect.any(Number), upstreamUs: expect.any(Number) } });
    expect(run.timing!.gatewayUs).toBeGreaterThanOrEqual(0);
    expect(run.timing!.totalUs).toBe(run.timing!.gatewayUs + run.timing!.upstreamUs!);
    const store = await fixture.application.store();
    const detail = await store.call(run.call!);
    expect(detail).toMatchObject({ row: { name: 'echo', server: 'everything', status: 'ok', client: 'mcp-shark-playground', isPlayground: true } });
    expect(detail?.response?.text).toContain('Echo: kept');
    const rows = (await store.page({ filter: 'method:tools/call', position: { kind: 'newest' }, limit: 10 })).rows;
    expect(rows.map(({ id }) => id)).toEqual([run.call]);
    await fixture.until('last used', () => fixture.playground.catalog('everything', 'echo').items.find(({ name, lastUsedMs }) => name === 'echo' && lastUsedMs === run.startedMs));
  });

  it('of earlier windows is known by its last use', async () => {
    await started({ s: scripted({ tools: [{ name: 'echo', annotations: { readOnlyHint: true } }], templates: ['x://{id}'] }) });
    await fixture.run({ target: tool('s', 'echo') });
    await fixture.run({ target: { server: 's', kind: 'resource', name: 'x://7' } });
    await (await fixture.application.store()).settled();
    await fixture.playground.disconnect('s');
    await fixture.playground.connect('s');
    await ready('s');
    const used = fixture.playground.catalog('s', '').items.filter(({ lastUsedMs }) => lastUsedMs !== undefined).map(({ name }) => name);
    expect(used).toEqual(['echo', 'x://{id}']);
  });

  it('during a pause of recording works, and links to nothing', async () => {
    await started({ s: scripted({ tools: [{ name: 'echo', annotations: { readOnlyHint: true } }] }) });
    await fixture.application.setRecording(false);
    const run = await fixture.run({ target: tool('s', 'echo') });
    expect(run).toMatchObject({ status: 'ok', hasResult: true });
    expect(run).not.toHaveProperty('call');
  });
});

describe('a state', () => {
  it('of nothing that can be done names the next step', async () => {
    expect((await fixture.api.ready(signal)).obstacle).toMatchObject({ kind: 'nothingConfigured', steps: ['addServer'] });
    await fixture.configure({ s: scripted({ tools: ['echo'] }) });
    await fixture.api.look(['s'], signal);
    expect(fixture.playground.state.obstacle).toMatchObject({ kind: 'routingOff', steps: ['turnRoutingOn'] });
    await expect(async () => fixture.api.start({ target: tool('s', 'echo'), argumentsText: '', sendAnyway: false, asTask: false }, signal)).rejects.toThrow(/routing/);
    fixture.trust.given = false;
    expect(fixture.playground.state.obstacle).toMatchObject({ kind: 'untrusted', steps: ['manageTrust'] });
    fixture.trust.given = true;
    await fixture.application.setRouting(true);
    expect(fixture.playground.state.obstacle).toBeUndefined();
    await ready('s');
  });

  it('follows routing off and on again', async () => {
    await started({ s: scripted({ tools: [{ name: 'echo', annotations: { readOnlyHint: true } }] }) });
    await fixture.application.setRouting(false);
    await fixture.until('nothing', ({ obstacle, servers }) => obstacle?.kind === 'routingOff' && servers[0]?.connection.kind === 'idle');
    await fixture.application.setRouting(true);
    await ready('s');
    expect((await fixture.run({ target: tool('s', 'echo') })).status).toBe('ok');
  });

  it('starts only the servers that are looked at, and not again what the user has ended', async () => {
    await fixture.configure({ a: scripted({ tools: ['echo'] }), b: scripted({ tools: ['echo'] }), c: scripted({ tools: ['echo'] }) });
    await fixture.application.setRouting(true);
    await fixture.api.ready(signal);
    const kinds = (): string[] => fixture.playground.state.servers.map(({ connection }) => connection.kind);
    await fixture.api.look(['b'], signal);
    await ready('b');
    expect(kinds()).toEqual(['idle', 'ready', 'idle']);
    await fixture.api.disconnect('b', signal);
    await fixture.api.look(['a', 'b'], signal);
    await ready('a');
    expect(kinds()).toEqual(['ready', 'idle', 'idle']);
    await fixture.run({ target: tool('c', 'echo') });
    expect(kinds()).toEqual(['ready', 'idle', 'ready']);
    await fixture.api.connect('b', signal);
    expect(kinds()).toEqual(['ready', 'ready', 'ready']);
  });

  it('shows a server that is switched off, and what to do', async () => {
    await fixture.configure({ s: scripted({ tools: ['echo'] }), off: { ...scripted({}), disabled: true } });
    await fixture.application.setRouting(true);
    await fixture.api.ready(signal);
    await fixture.api.look(['s', 'off'], signal);
    await ready('s');
    const off = fixture.playground.state.servers.find(({ name }) => name === 'off');
    expect(off?.connection).toMatchObject({ kind: 'unavailable', steps: ['openConfig'] });
  });
});

describe('the service', () => {
  beforeEach(async () => {
    await started({ s: scripted({ tools: [{ name: 'echo', annotations: { readOnlyHint: true } }, 'danger', { name: 'answer', annotations: { readOnlyHint: true } }] }) });
  });

  it.each<[string, (api: ApplicationFixture['api']) => unknown]>([
    ['a target that is none', (api) => api.definition({ server: 's', kind: 'weapon' as never, name: 'x' }, signal)],
    ['a run of nothing', (api) => api.start(undefined as never, signal)],
    ['a run without a name', (api) => api.start({ target: { server: 's', kind: 'request', name: '' }, argumentsText: '', sendAnyway: true, asTask: false }, signal)],
    ['arguments that are no text', (api) => api.start({ target: tool('s', 'echo'), argumentsText: {} as never, sendAnyway: true, asTask: false }, signal)],
    ['an unknown server', (api) => api.catalog('nowhere', '', signal)],
    ['an unknown level', (api) => api.setLogLevel('s', 'shout' as never, signal)],
    ['an unknown request', (api) => api.answerForm('request-99', { kind: 'decline' }, signal)],
    ['an unknown saved call', (api) => api.runSaved('x', signal)],
    ['a file that is not listed', (api) => api.openSaved('/etc/passwd', 1, signal)],
    ['content that is not there', (api) => api.openContent('run-1', '/content/0', 'save', signal)],
    ['an unknown step', (api) => api.takeStep('format' as never, undefined, signal)],
    ['roots that are none', (api) => api.setRoots('x' as never, signal)],
  ])('refuses %s in words', async (_what, ask) => {
    await expect(async () => ask(fixture.api)).rejects.toMatchObject({ name: 'AppError', userFacing: true });
  });

  it('compares and opens results of runs and of recorded calls', async () => {
    const run = await fixture.run({ target: tool('s', 'echo'), args: { a: 1 } });
    await fixture.api.compareResults({ kind: 'run', id: run.id }, { kind: 'call', id: run.call! }, signal);
    expect(fixture.editor.compared.map(({ ref }) => ref)).toEqual([{ kind: 'run', id: run.id }, { kind: 'call', id: run.call }]);
    await fixture.api.openResult({ kind: 'run', id: run.id }, signal);
    await fixture.api.showCall(run.call!, signal);
    expect(fixture.editor.did).toEqual(['open echo #1', `call ${run.call}`]);
  });

  it('saves media of a result as what it is', async () => {
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const run = await fixture.run({ target: tool('s', 'answer'), args: { text: `{"jsonrpc":"2.0","id":$ID,"result":{"content":[{"type":"image","data":"${png}","mimeType":"text/html"}]}}` } });
    await fixture.api.openContent(run.id, '/content/0', 'save', signal);
    expect(fixture.editor.did).toEqual(['save content.png 70']);
  });

  it('sends a recorded call again without a second question, and shows it', async () => {
    await fixture.port.resend({ target: tool('s', 'danger'), argumentsText: '{"again":true}', isRedacted: false }, true);
    expect(fixture.person.asked).toEqual([]);
    const { opening, runs } = fixture.playground.state;
    expect(runs[0]).toMatchObject({ origin: 'resend', argumentsText: '{"again":true}' });
    expect(opening).toMatchObject({ target: tool('s', 'danger'), run: runs[0]?.id });
    expect(fixture.editor.did).toEqual(['reveal']);
  });

  it('opens a target without sending anything', async () => {
    const openings: number[] = [];
    for (let k = 0; k < 3; k++) {
      await fixture.port.open({ target: tool('s', 'danger'), argumentsText: '{}', isRedacted: false });
      openings.push(fixture.playground.state.opening!.number);
    }
    expect(fixture.playground.state).toMatchObject({ opening: { argumentsText: '{}' }, runs: [] });
    // One that an earlier extension host gave is never given again.
    expect(openings).toEqual([...new Set(openings)].toSorted((a, b) => a - b));
    expect(openings[0]).toBeGreaterThan(Date.now() - 60_000);
  });

  it('runs a saved call with variables from the file and from the person', async () => {
    const home = join(fixture.folder, '.vscode', 'mcp-shark');
    mkdirSync(home, { recursive: true });
    const call = { name: 'Greet', server: '{{where}}', tool: 'echo', arguments: { text: 'hello {{who}}', times: '{{count:json}}' } };
    writeFileSync(join(home, 'team.json'), JSON.stringify({ version: 1, variables: { where: 's', who: 'Ada' }, calls: [call] }));
    const [file] = await fixture.api.savedCalls(signal);
    // It was read as there was none yet.
    await fixture.saved.reload();
    const id = (await fixture.api.savedCalls(signal))[0]!.calls[0]!.id;
    expect(file).toBeUndefined();
    expect(await fixture.api.runSaved(id, signal)).toEqual({ kind: 'declined' });
    fixture.person.values.set('count', '3');
    const start = await fixture.api.runSaved(id, signal);
    expect(start.kind).toBe('started');
    expect(fixture.playground.state.runs[0]).toMatchObject({ origin: 'saved', target: tool('s', 'echo'), argumentsText: '{"text":"hello Ada","times":3}' });
    await fixture.api.openSaved(join(home, 'team.json'), 1, signal);
    expect(fixture.editor.did).toEqual([`file ${join(home, 'team.json')}:1`]);
  });
});

it('server-filesystem: roots decide what it may read, and a written file is there', { timeout: 40_000 }, async () => {
  const bin = `${ROOT}node_modules/@modelcontextprotocol/server-filesystem/dist/index.js`;
  await started({ files: node(bin, fixture.folder) });
  const path = join(fixture.folder, 'note.txt');
  const write = await fixture.run({ target: tool('files', 'write_file'), args: { path, content: 'written in the Playground' } });
  expect([write.status, readFileSync(path, 'utf8')]).toEqual(['ok', 'written in the Playground']);
  // Writing may destroy something: it was asked about.
  expect(fixture.person.asked.map((one) => one.tool)).toEqual(['write_file']);
  const read = await fixture.run({ target: tool('files', 'read_text_file'), args: { path } });
  expect(textsOf(await fixture.result(read.id))).toContain('written in the Playground');
  expect(fixture.person.asked).toHaveLength(1);
  const refused = await fixture.run({ target: tool('files', 'read_text_file'), args: { path: '/etc/hostname' } });
  expect(refused).toMatchObject({ status: 'toolError', message: expect.stringMatching(/denied/i) });
  const invalid = await fixture.api.start({ target: tool('files', 'read_text_file'), argumentsText: '{"path":7}', sendAnyway: false, asTask: false }, signal);
  expect(invalid).toMatchObject({ kind: 'invalid', check: { kind: 'problems', problems: [{ path: '/path' }] } });
  expect((await fixture.api.definition({ server: 'files', kind: 'tool', name: 'read_text_file' }, signal))?.item.hints?.isReadOnly).toBe(true);
});

describe('@playwright/mcp', () => {
  let page: string;
  beforeAll(() => {
    page = `data:text/html,${encodeURIComponent('<title>A page</title><button onclick="this.textContent=\'Pressed\'">Press me</button>')}`;
  });

  it('opens a page, reads it, presses its button and takes a picture', { timeout: 120_000 }, async () => {
    const browser = findBrowser();
    if (!browser) throw new Error('No Chromium, Chrome or Edge was found.');
    await started({ browser: node(`${ROOT}node_modules/@playwright/mcp/cli.js`, '--headless', '--isolated', '--no-sandbox', '--executable-path', browser) });
    const opened = await fixture.run({ target: tool('browser', 'browser_navigate'), args: { url: page } });
    expect([opened.status, opened.message]).toEqual(['ok', undefined]);
    const seen = await fixture.run({ target: tool('browser', 'browser_snapshot'), args: {} });
    const text = textsOf(await fixture.result(seen.id));
    const ref = /button "Press me".*?\[ref=(\w+)\]/.exec(text)?.[1];
    expect(ref).toBeDefined();
    const pressed = await fixture.run({ target: tool('browser', 'browser_click'), args: { element: 'the button', target: ref } });
    expect([pressed.status, pressed.message]).toEqual(['ok', undefined]);
    const picture = await fixture.run({ target: tool('browser', 'browser_take_screenshot'), args: { type: 'png', scale: 'css' } });
    const content = (await fixture.result(picture.id))['content'] as { type: string }[];
    expect(content.map(({ type }) => type)).toContain('image');
    await fixture.api.openContent(picture.id, `/content/${content.findIndex(({ type }) => type === 'image')}`, 'save', signal);
    expect(fixture.editor.did.at(-1)).toMatch(/^save .*\.png \d+$/);
  });
});
