// What servers can do wrong, and what people and configuration do in between: hanging, dying, lying, flooding, going away.
import { afterEach, describe, expect, it } from 'vitest';
import type { DefinitionChange } from '../../../src/extension/contract/playgroundCatalog';
import type { ConfiguredServer } from '../../../src/extension/servers/types';
import { scriptedServer } from '../../support/gateway/gatewayFixture';
import { startPlayground, tool, type PlaygroundFixture } from '../../support/playground/playgroundFixture';
import type { PlaygroundOptions } from '../../../src/extension/playground/ports';
import { Emitter } from '../../../src/extension/util/event';

let fixture: PlaygroundFixture;
afterEach(() => fixture?.close());

async function open(servers: readonly ConfiguredServer[], options: Partial<PlaygroundOptions> = {}): Promise<PlaygroundFixture> {
  fixture = await startPlayground(servers, options);
  for (const { name } of servers) await fixture.connect(name);
  return fixture;
}

const state = (name = 's') => fixture.playground.state.servers.find((server) => server.name === name);
const readOnly = (name: string, more: object = {}): object => ({ name, annotations: { readOnlyHint: true }, inputSchema: { type: 'object' }, ...more });
const tools = (...names: string[]): object[] => names.map((name) => readOnly(name));

describe('a gateway that', () => {
  it('stops ends the runs, and one that is known to listen only later ends none', async () => {
    await open([scriptedServer('s', { tools: tools('hang', 'echo') })]);
    const lost = await fixture.start(tool('s', 'hang'));
    fixture.setListening(false);
    fixture.tell();
    expect(await fixture.settled(lost)).toMatchObject({ status: 'transportError', message: 'The connection was closed.' });
    fixture.setListening(true);
    const kept = await fixture.start(tool('s', 'hang'));
    fixture.tell();
    expect(fixture.playground.run(kept)?.status).toBe('running');
    expect((await fixture.run(tool('s', 'echo'))).status).toBe('ok');
    expect(fixture.playground.run(kept)?.status).toBe('running');
  });
});

describe('what is done before a change of the configuration is told', () => {
  it('is done to the servers as they are configured and allowed now', async () => {
    const [server, other] = [scriptedServer('s', { tools: tools('echo', 'hang') }), scriptedServer('other', { tools: tools('echo') })];
    await open([server]);
    fixture.setServers([server], { s: { message: '"s" waits for your approval.', steps: ['review'] } });
    fixture.changeServers([server, other]);
    expect((await fixture.run(tool('s', 'echo'))).status).toBe('ok');
    expect((await fixture.run(tool('other', 'echo'))).status).toBe('ok');
    // Configured otherwise: the run is in a session with the new one, and is not ended by what is told only now.
    fixture.changeServers([scriptedServer('s', { tools: tools('hang', 'more') }), other]);
    const run = await fixture.start(tool('s', 'hang'));
    fixture.tell();
    expect(fixture.playground.run(run)?.status).toBe('running');
    expect((await fixture.run(tool('s', 'more'))).status).toBe('ok');
    expect(fixture.playground.run(run)?.status).toBe('running');
  });

  it('is said to be out of date where the server changed while the person was asked', async () => {
    const changes = scriptedServer('s', { tools: [{ name: 'danger', inputSchema: { type: 'object' } }] });
    await open([changes]);
    fixture.person.confirm = async () => {
      fixture.setServers([scriptedServer('s', { tools: tools('danger') })]);
      return 'once';
    };
    await expect(fixture.start(tool('s', 'danger'))).rejects.toThrow('configured otherwise');
    expect(fixture.recorder.frames.some(({ envelope }) => envelope.method === 'tools/call')).toBe(false);
  });
});

it('what is approved elsewhere is asked for again by the view', async () => {
  const changed = new Emitter<readonly string[]>();
  let change: DefinitionChange = 'new';
  await open([scriptedServer('s', { tools: tools('echo') })], { approvals: { of: () => () => change, onDidChange: changed.event } });
  const before = fixture.playground.catalog('s', '');
  expect(before.items.map((item) => item.change)).toEqual(['new']);
  change = 'unchanged';
  changed.fire(['other']);
  expect(state()?.revision).toBe(before.revision);
  changed.fire(['s']);
  expect(state()?.revision).toBeGreaterThan(before.revision);
  expect(fixture.playground.catalog('s', '').items.map((item) => item.change)).toEqual(['unchanged']);
});

describe('a server that', () => {
  it('hangs can always be cancelled, and other runs go on meanwhile', async () => {
    await open([scriptedServer('s', { tools: tools('hang', 'echo') })]);
    const hanging = await fixture.start(tool('s', 'hang'));
    const other = await fixture.run(tool('s', 'echo'), { a: 1 });
    expect(other.status).toBe('ok');
    expect(fixture.playground.run(hanging)?.status).toBe('running');
    fixture.playground.cancel(hanging);
    expect(fixture.playground.run(hanging)).toMatchObject({ status: 'cancelled', hasResult: false });
    fixture.playground.cancel(hanging);
    expect(fixture.playground.history.filter(({ status }) => status === 'cancelled')).toHaveLength(1);
  });

  it('dies in mid-call ends the run with its last words, and is there again for the next run', async () => {
    await open([scriptedServer('s', { tools: tools('crash', 'echo') })]);
    const run = await fixture.run(tool('s', 'crash'));
    expect(run).toMatchObject({ status: 'transportError', stderr: expect.arrayContaining(['about to crash']) });
    expect(run.message).toContain('exited with code 7');
    expect(state()?.connection).toMatchObject({ kind: 'failed', stderr: expect.arrayContaining(['about to crash']) });
    expect((await fixture.run(tool('s', 'echo'), { again: true })).status).toBe('ok');
    expect(state()?.connection.kind).toBe('ready');
  });

  it('never starts is shown failed with its stderr and what to do', async () => {
    await open([scriptedServer('s', { exitAtStart: 3, stderr: ['no licence key'] })]);
    expect(state()?.connection).toMatchObject({ kind: 'failed', steps: ['retry', 'openConfig', 'showLog'] });
    expect(JSON.stringify(state()?.connection)).toContain('no licence key');
    await expect(fixture.start(tool('s', 'any'))).rejects.toThrow(/exited with code 3/);
  });

  it('refuses the handshake is shown with its words', async () => {
    await open([scriptedServer('s', { refuseInitialize: 'no entry today' })]);
    expect(state()?.connection).toMatchObject({ kind: 'failed', message: expect.stringContaining('no entry today') });
  });

  it('speaks no known version is left alone', async () => {
    await open([scriptedServer('s', { version: '1999-01-01', tools: tools('echo') })]);
    expect(state()?.connection).toMatchObject({ kind: 'failed', message: expect.stringContaining('1999-01-01') });
  });

  it('gives the same page for ever is read once, with a note', async () => {
    await open([scriptedServer('s', { tools: tools('echo', 'other'), sameCursor: true })]);
    expect(state()).toMatchObject({ counts: { tool: 2 }, problems: [expect.stringContaining('same page')] });
  });

  it('lists in pages is read to the end', async () => {
    const names = Array.from({ length: 25 }, (_, k) => `tool-${k}`);
    await open([scriptedServer('s', { tools: names, prompts: names, pageSize: 4 })]);
    expect(state()?.counts).toMatchObject({ tool: 25, prompt: 25 });
  });

  it('lists a name twice or none at all is read without them', async () => {
    await open([scriptedServer('s', { tools: [readOnly('a'), readOnly('a', { description: 'another' }), { name: 7 }, readOnly('')] })]);
    expect(state()).toMatchObject({ counts: { tool: 1 }, problems: [expect.stringContaining('3 entries')] });
  });

  it('lists a hundred thousand tools stays usable, and what is left out is counted', { timeout: 60_000 }, async () => {
    const many = Array.from({ length: 100_100 }, (_, k) => ({ name: `t${k}`, description: k === 77_777 ? 'needle' : 'hay' }));
    // Given by the server, not by its environment: that would be too long for a command line.
    fixture = await startPlayground([scriptedServer('s', { tools: ['answer'] })]);
    await fixture.connect('s');
    const page = JSON.stringify({ jsonrpc: '2.0', result: { tools: many } });
    const session = sessionOf(fixture);
    const original = session.request.bind(session);
    session.request = (method, params) =>
      method === 'tools/list' ? { id: '"big"', answer: Promise.resolve({ kind: 'result', text: JSON.stringify(JSON.parse(page).result) }) } : original(method, params);
    await fixture.playground.refresh('s');
    expect(state()).toMatchObject({ counts: { tool: 100_000 }, omitted: 100 });
    const { items, total } = fixture.playground.catalog('s', '');
    expect([items.length, total]).toEqual([2_000, 100_000]);
    expect(fixture.playground.catalog('s', 'needle').items.map(({ name }) => name)).toEqual(['t77777']);
  });

  it('says that its tools have changed is asked again', async () => {
    await open([scriptedServer('s', { tools: tools('emit') })]);
    const before = state()!.revision;
    await fixture.run(tool('s', 'emit'), { lines: ['{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}'] });
    await fixture.until('the lists', () => fixture.recorder.frames.filter(({ leg, envelope }) => leg === 'upstream' && envelope.method === 'tools/list').length >= 2);
    await fixture.until('a new revision', ({ servers }) => (servers[0]?.revision ?? 0) > before + 1);
  });

  it('pings is answered, and what it does not know it is told', async () => {
    await open([scriptedServer('s', { tools: tools('ask') })]);
    const ping = await fixture.run(tool('s', 'ask'), { method: 'ping' });
    expect(await fixture.result(ping.id)).toMatchObject({ answer: expect.stringContaining('"result":{}') });
    const odd = await fixture.run(tool('s', 'ask'), { method: 'odd/method', params: {} });
    expect(JSON.stringify(await fixture.result(odd.id))).toContain('-32601');
  });

  it('sends params that are none is told so, and nothing waits', async () => {
    await open([scriptedServer('s', { tools: tools('ask') })]);
    for (const method of ['sampling/createMessage', 'elicitation/create']) {
      const run = await fixture.run(tool('s', 'ask'), { method, params: { nonsense: true } });
      expect(JSON.stringify(await fixture.result(run.id))).toContain('-32602');
    }
    expect(fixture.playground.state.requests).toEqual([]);
  });

  it('asks without end is refused after twenty', async () => {
    await open([scriptedServer('s', { tools: tools('emit') })]);
    const params = { message: 'm', requestedSchema: { type: 'object', properties: {} } };
    const lines = Array.from({ length: 25 }, (_, k) => JSON.stringify({ jsonrpc: '2.0', id: `q${k}`, method: 'elicitation/create', params }));
    await fixture.run(tool('s', 'emit'), { lines });
    await fixture.until('refusals', () => fixture.recorder.frames.filter(({ leg, direction, text }) => leg === 'upstream' && direction === 'toServer' && text.includes('Too many requests')).length === 5);
    expect(fixture.playground.state.requests).toHaveLength(20);
  });

  it('takes its question back finds it gone', async () => {
    await open([scriptedServer('s', { tools: tools('emit') })]);
    const ask = JSON.stringify({ jsonrpc: '2.0', id: 'q', method: 'elicitation/create', params: { message: 'm', requestedSchema: { type: 'object' } } });
    await fixture.run(tool('s', 'emit'), { lines: [ask] });
    const card = await fixture.request('form');
    await fixture.run(tool('s', 'emit'), { lines: ['{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"q"}}'] });
    await fixture.until('the end of the request', ({ requests }) => requests.length === 0);
    await expect(fixture.playground.requests.answerForm(card.id, { kind: 'decline' })).rejects.toThrow(/no longer waits/);
  });

  it('asks for an address that is none that is opened can only be declined', async () => {
    await open([scriptedServer('s', { tools: tools('emit') })]);
    const ask = JSON.stringify({ jsonrpc: '2.0', id: 'q', method: 'elicitation/create', params: { mode: 'url', message: 'm', url: 'file:///etc/passwd', elicitationId: 'e' } });
    await fixture.run(tool('s', 'emit'), { lines: [ask] });
    const card = await fixture.request('url');
    expect(card).not.toHaveProperty('host');
    await expect(fixture.playground.requests.answerUrl(card.id, 'open')).rejects.toThrow(/http and https/);
    await fixture.playground.requests.answerUrl(card.id, 'decline');
    await fixture.until('the answer', () => fixture.recorder.frames.some(({ leg, text }) => leg === 'upstream' && text.includes('"action":"decline"')));
    expect(fixture.person.opened).toEqual([]);
  });
});

describe('a run', () => {
  it('that is cancelled takes the questions asked in its course along', async () => {
    await open([scriptedServer('s', { tools: tools('ask') })]);
    const id = await fixture.start(tool('s', 'ask'), { method: 'elicitation/create', params: { message: 'm', requestedSchema: { type: 'object' } } });
    expect(await fixture.request('form')).toMatchObject({ run: id });
    fixture.playground.cancel(id);
    expect(fixture.playground.state.requests).toEqual([]);
    await fixture.until('the answer', () => fixture.recorder.frames.some(({ leg, text }) => leg === 'upstream' && text.includes('"action":"cancel"')));
  });

  it('sends arguments byte for byte, big integers and unknown keys included', async () => {
    await open([scriptedServer('s', { tools: tools('raw') })]);
    const text = '{"big": 12345678901234567890, "exp":1E400,  "unknown":{"z":1,"a":2}}';
    const run = await fixture.run(tool('s', 'raw'), text);
    expect(String((await fixture.result(run.id))['line'])).toContain(`"arguments":${text}`);
  });

  it('keeps its result byte for byte', async () => {
    await open([scriptedServer('s', { tools: tools('answer') })]);
    const result = '{"content":[],"n":90071992547409931234,"z":1,"a":"\\u00e4"}';
    const run = await fixture.run(tool('s', 'answer'), { text: `{"jsonrpc":"2.0","id":$ID,"result":${result}}` });
    expect((await fixture.playground.result(run.id))?.text).toBe(result);
  });

  it.each([
    ['{"a": 1,}', 1, 9],
    ['{\n  "a": tru\n}', 2, 8],
    ['{"a": "open', 1, 7],
    ['[1]', 1, 1],
    ['{} extra', 1, 4],
  ])('of malformed JSON %j is not sent, and marked where it breaks', async (text, line, column) => {
    await open([scriptedServer('s', { tools: tools('echo') })]);
    const start = await fixture.playground.start({ target: tool('s', 'echo'), argumentsText: text, sendAnyway: true, asTask: false });
    expect(start).toMatchObject({ kind: 'invalid', check: { kind: 'syntax', line, column } });
    expect(fixture.recorder.frames.some(({ envelope }) => envelope.method === 'tools/call')).toBe(false);
  });

  it('whose arguments do not fit is sent only when that is wanted', async () => {
    const schema = { type: 'object', properties: { n: { type: 'integer', maximum: 3 } }, required: ['n'] };
    await open([scriptedServer('s', { tools: [readOnly('echo', { inputSchema: schema })] })]);
    const request = { target: tool('s', 'echo'), argumentsText: '{"n":4}', asTask: false };
    expect(await fixture.playground.start({ ...request, sendAnyway: false })).toMatchObject({ kind: 'invalid', check: { kind: 'problems', problems: [{ path: '/n' }] } });
    expect((await fixture.playground.start({ ...request, sendAnyway: true })).kind).toBe('started');
  });

  it('of a tool whose schema is invalid itself goes through, and the check says why it was none', async () => {
    await open([scriptedServer('s', { tools: [readOnly('echo', { inputSchema: { type: 'nonsense' } })] })]);
    const target = { server: 's', kind: 'tool', name: 'echo' } as const;
    expect((await fixture.playground.checkArguments(target, '{"a":1}')).kind).toBe('unusable');
    expect((await fixture.run(tool('s', 'echo'), { a: 1 })).status).toBe('ok');
  });

  it('of a result that does not fit the output schema says where', async () => {
    const outputSchema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
    await open([scriptedServer('s', { tools: [readOnly('answer', { outputSchema })] })]);
    const answer = (result: string) => fixture.run(tool('s', 'answer'), { text: `{"jsonrpc":"2.0","id":$ID,"result":${result}}` });
    const wrong = await answer('{"content":[],"structuredContent":{"n":"one"}}');
    expect((await fixture.playground.result(wrong.id))?.output).toMatchObject({ kind: 'problems', problems: [{ path: '/n' }] });
    const missing = await answer('{"content":[]}');
    expect((await fixture.playground.result(missing.id))?.output).toMatchObject({ kind: 'problems' });
    const failed = await answer('{"content":[{"type":"text","text":"it broke"}],"isError":true}');
    expect(failed).toMatchObject({ status: 'toolError', message: 'it broke' });
    expect((await fixture.playground.result(failed.id))?.output).toBeUndefined();
  });
});

it('a run that is started before the lists are read waits for them: what a tool may do is in its definition', async () => {
  fixture = await startPlayground([scriptedServer('s', { tools: tools('echo'), listDelayMs: 150 })]);
  expect((await fixture.run(tool('s', 'echo'))).status).toBe('ok');
  expect(fixture.person.asked).toEqual([]);
});

it('a log level that the server does not take is said, and not shown as taken', async () => {
  await open([scriptedServer('s', { tools: tools('echo') })]);
  const session = fixture.playground.connections[0]!.session!;
  const original = session.request.bind(session);
  session.request = (method, params) =>
    method === 'logging/setLevel' ? { id: '"x"', answer: Promise.resolve({ kind: 'error', text: '{"code":-32601,"message":"no logs here"}' }) } : original(method, params);
  await expect(fixture.playground.setLogLevel('s', 'debug')).rejects.toThrow(/no logs here/);
  expect(state()).not.toHaveProperty('logLevel');
});

it('a tool runs as a task only where its server has said that it may', async () => {
  await open([scriptedServer('s', { tools: [readOnly('raw', { execution: { taskSupport: 'required' } })] })]);
  const run = await fixture.run(tool('s', 'raw'), {}, { asTask: true });
  expect(String((await fixture.result(run.id))['line'])).not.toContain('"task"');
});

describe('asking first', () => {
  const annotated = (name: string, annotations?: object): object => ({ name, inputSchema: { type: 'object' }, ...(annotations ? { annotations } : {}) });
  const list = [
    annotated('plain'),
    annotated('read', { readOnlyHint: true }),
    annotated('gentle', { destructiveHint: false }),
    annotated('deletes', { readOnlyHint: false, destructiveHint: true }),
    annotated('liar', { readOnlyHint: 'yes' }),
  ];
  it.each([
    ['destructive', ['plain', 'deletes', 'liar']],
    ['notReadOnly', ['plain', 'gentle', 'deletes', 'liar']],
    ['always', ['plain', 'read', 'gentle', 'deletes', 'liar']],
  ] as const)('with "%s" is done for %j', async (policy, asked) => {
    await open([scriptedServer('s', { tools: list })], { confirmPolicy: () => policy });
    for (const name of ['plain', 'read', 'gentle', 'deletes', 'liar']) await fixture.run(tool('s', name), { n: 1 });
    expect(fixture.person.asked.map((one) => one.tool)).toEqual(asked);
    expect(fixture.person.asked[0]).toMatchObject({ server: 's', argumentsText: '{"n":1}' });
  });

  it('a no sends nothing', async () => {
    await open([scriptedServer('s', { tools: list })]);
    fixture.person.confirmation = 'no';
    const start = await fixture.playground.start({ target: tool('s', 'plain'), argumentsText: '', sendAnyway: false, asTask: false });
    expect(start).toEqual({ kind: 'declined' });
    expect(fixture.recorder.frames.some(({ envelope }) => envelope.method === 'tools/call')).toBe(false);
  });

  it('"do not ask again" holds for this tool as it is defined now', async () => {
    await open([scriptedServer('s', { tools: list })]);
    fixture.person.confirmation = 'always';
    await fixture.run(tool('s', 'plain'));
    await fixture.run(tool('s', 'plain'));
    await fixture.run(tool('s', 'deletes'));
    expect(fixture.person.asked.map((one) => one.tool)).toEqual(['plain', 'deletes']);
    const changed = [...list.slice(1), annotated('plain', { title: 'Now another' })];
    fixture.setServers([scriptedServer('s', { tools: changed })]);
    await fixture.connect('s');
    await fixture.run(tool('s', 'plain'));
    expect(fixture.person.asked).toHaveLength(3);
  });

  it('raw tools/call is asked about as the tool it calls, a recorded call sent again only where the person has not agreed to it', async () => {
    await open([scriptedServer('s', { tools: list })]);
    const raw = (name: string) => fixture.run({ server: 's', kind: 'request', name: 'tools/call' }, { name, arguments: {} });
    await raw('read');
    expect(fixture.person.asked).toEqual([]);
    fixture.person.confirmation = 'always';
    await raw('deletes');
    await raw('deletes');
    await raw('unlisted');
    expect(fixture.person.asked.map((one) => one.tool)).toEqual(['deletes', 'unlisted']);
    fixture.person.asked.length = 0;
    await fixture.playground.start({ target: tool('s', 'plain'), argumentsText: '', sendAnyway: true, asTask: false, isAgreed: true }, 'resend');
    expect(fixture.person.asked).toEqual([]);
    // It was read-only when it was recorded, say: what counts is what it is now.
    await fixture.playground.start({ target: tool('s', 'plain'), argumentsText: '', sendAnyway: true, asTask: false }, 'resend');
    expect(fixture.person.asked.map((one) => one.tool)).toEqual(['plain']);
  });
});

describe('sessions', () => {
  it('that the gateway has ended are opened anew for the next run', async () => {
    await open([scriptedServer('s', { tools: tools('echo') })]);
    const wireId = [...new Set(fixture.recorder.events('session.opened').map(({ session }) => session))];
    // The same server with another configuration: the gateway ends every session with it.
    fixture.gateway.gateway.setServers([scriptedServer('s', { tools: tools('echo', 'other') })]);
    expect((await fixture.run(tool('s', 'echo'))).status).toBe('ok');
    await fixture.until('the new lists', ({ servers }) => servers[0]?.counts.tool === 2);
    expect(fixture.recorder.events('session.opened').length).toBeGreaterThan(wireId.length);
  });

  it('end with the view once no run goes on, and questions are turned down', async () => {
    await open([scriptedServer('s', { tools: tools('ask', 'hang') })]);
    const asking = await fixture.start(tool('s', 'ask'), { method: 'sampling/createMessage', params: { messages: [], maxTokens: 5 } });
    await fixture.request('sampling');
    const hanging = await fixture.start(tool('s', 'hang'));
    fixture.playground.viewClosed();
    expect(fixture.playground.state.requests).toEqual([]);
    await fixture.settled(asking);
    expect(state()?.connection.kind).toBe('ready');
    fixture.playground.cancel(hanging);
    await fixture.until('the end of the session', () => fixture.recorder.events('session.closed').length > 0);
    expect(state()?.connection.kind).toBe('idle');
  });

  it('are not left behind by a run that was not started, where no view is there', async () => {
    await open([scriptedServer('s', { tools: [{ name: 'danger', inputSchema: { type: 'object' } }] })]);
    fixture.playground.viewClosed();
    fixture.person.confirmation = 'no';
    const start = await fixture.playground.start({ target: tool('s', 'danger'), argumentsText: '', sendAnyway: false, asTask: false }, 'saved');
    expect(start).toEqual({ kind: 'declined' });
    await fixture.until('the end of the session', () => fixture.recorder.events('session.closed').length === fixture.recorder.events('session.opened').length);
    expect(state()?.connection.kind).toBe('idle');
  });

  it('that are over are not heard any more: what they ask now would be answered in another', async () => {
    await open([scriptedServer('s', { tools: tools('echo') })]);
    const old = sessionOf(fixture) as unknown as { handlers: { onRequest(request: object): void; onNotification(method: string, params: string): void } };
    await fixture.playground.disconnect('s');
    await fixture.connect('s');
    const { logged } = state()!;
    old.handlers.onRequest({ id: '1', method: 'sampling/createMessage', params: '{"messages":[],"maxTokens":5}', stream: undefined });
    old.handlers.onNotification('notifications/message', '{"level":"info","data":"late"}');
    expect(fixture.playground.state.requests).toEqual([]);
    expect(state()?.logged).toBe(logged);
  });

  it('are not opened for servers that may not run, and end when one may no longer', async () => {
    const server = scriptedServer('s', { tools: tools('echo') });
    await open([server]);
    fixture.playground.look(['s']);
    const unavailable = { message: '"s" waits for your approval.', steps: ['review'] as const };
    fixture.setServers([server], { s: unavailable });
    expect(state()?.connection).toEqual({ kind: 'unavailable', ...unavailable });
    await expect(fixture.start(tool('s', 'echo'))).rejects.toThrow('waits for your approval');
    fixture.setServers([server]);
    await fixture.until('the connection', ({ servers }) => servers[0]?.connection.kind === 'ready');
  });

  it('that the user has ended stay ended until they are used', async () => {
    const server = scriptedServer('s', { tools: tools('echo') });
    await open([server]);
    await fixture.playground.disconnect('s');
    fixture.playground.look(['s', 'other']);
    fixture.setServers([server, scriptedServer('other')]);
    await fixture.until('the other one', ({ servers }) => servers[1]?.connection.kind === 'ready');
    expect(state()?.connection.kind).toBe('idle');
    expect((await fixture.run(tool('s', 'echo'))).status).toBe('ok');
  });

  it('of servers that are gone are gone with them', async () => {
    await open([scriptedServer('s', { tools: tools('echo') }), scriptedServer('t')]);
    fixture.setServers([scriptedServer('t')]);
    expect(fixture.playground.state.servers.map(({ name }) => name)).toEqual(['t']);
    await expect(async () => fixture.start(tool('s', 'echo'))).rejects.toThrow(/No server "s"/);
  });
});

/** The one open session: what a server answers is put in its place where the wire would be too slow for a test. */
function sessionOf({ playground }: PlaygroundFixture): { request(method: string, params?: string): { id: string; answer: Promise<{ kind: 'result'; text: string }> } } {
  const [connection] = playground.connections;
  return connection!.session as never;
}
