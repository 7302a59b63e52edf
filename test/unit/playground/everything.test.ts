// The Playground as a full client of the real server-everything, through the real gateway: everything it offers is tried.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CatalogItem } from '../../../src/extension/contract/playgroundCatalog';
import { EVERYTHING, stdioServer } from '../../support/gateway/gatewayFixture';
import { startPlayground, textsOf, tool, type PlaygroundFixture } from '../../support/playground/playgroundFixture';

const server = 'everything';
let fixture: PlaygroundFixture;

beforeAll(async () => {
  fixture = await startPlayground([stdioServer(server, EVERYTHING)]);
  await fixture.connect(server);
  // Tools that depend on what the client can are registered after the handshake.
  await fixture.until('all tools', ({ servers }) => (servers[0]?.counts.tool ?? 0) >= 19);
});
afterAll(() => fixture?.close());

const items = (): readonly CatalogItem[] => fixture.playground.catalog(server, '').items;
const named = (kind: CatalogItem['kind']): string[] => items().filter((item) => item.kind === kind).map(({ name }) => name);

describe('the catalogue', () => {
  it('has every tool, prompt, resource and template with its definition as the server gave it', () => {
    expect(named('tool').toSorted()).toEqual(
      [
        'echo', 'get-annotated-message', 'get-env', 'get-resource-links', 'get-resource-reference', 'get-roots-list', 'get-structured-content',
        'get-sum', 'get-tiny-image', 'gzip-file-as-resource', 'simulate-research-query', 'toggle-simulated-logging', 'toggle-subscriber-updates',
        'trigger-elicitation-request', 'trigger-elicitation-request-async', 'trigger-long-running-operation', 'trigger-sampling-request',
        'trigger-sampling-request-async', 'trigger-url-elicitation',
      ].toSorted(),
    );
    expect(named('prompt').length).toBeGreaterThanOrEqual(4);
    expect(named('resource').length).toBeGreaterThanOrEqual(7);
    expect(named('template')).toEqual(expect.arrayContaining(['demo://resource/dynamic/text/{resourceId}', 'demo://resource/dynamic/blob/{resourceId}']));
    for (const { kind, name } of items()) {
      const definition = fixture.playground.definition({ server, kind, name });
      expect(fixture.recorder.frames.some(({ leg, text }) => leg === 'upstream' && text.includes(definition!.text))).toBe(true);
    }
  });

  it('tells what the server can, says and is', () => {
    const [state] = fixture.playground.state.servers;
    expect(state).toMatchObject({ connection: { kind: 'ready' }, can: { complete: true, log: true, subscribe: true, tasks: true }, problems: [], omitted: 0 });
    expect(state?.info?.name).toBe('mcp-servers/everything');
    expect(state?.instructions).toContain('Everything');
  });

  it('finds items by words of name, title and description', () => {
    const { items: found, total } = fixture.playground.catalog(server, 'ELICIT url');
    expect(found.map(({ name }) => name)).toEqual(['trigger-url-elicitation']);
    expect(total).toBe(1);
  });
});

describe('every tool', () => {
  const plain: Readonly<Record<string, { args?: object; shows: string | RegExp }>> = {
    echo: { args: { message: 'hello' }, shows: 'Echo: hello' },
    'get-annotated-message': { args: { messageType: 'error', includeImage: true }, shows: /error/i },
    'get-env': { args: {}, shows: 'PATH' },
    'get-resource-links': { args: { count: 2 }, shows: /resource/i },
    'get-resource-reference': { args: { resourceType: 'Text', resourceId: 1 }, shows: /resource/i },
    'get-roots-list': { args: {}, shows: 'file:///project' },
    'get-structured-content': { args: { location: 'Chicago' }, shows: 'temperature' },
    'get-sum': { args: { a: 40, b: 2 }, shows: '42' },
    'get-tiny-image': { args: {}, shows: /image/i },
    'gzip-file-as-resource': { args: { name: 'a.gz', data: 'data:text/plain;base64,aGVsbG8=', outputType: 'resource' }, shows: '' },
  };
  it.each(Object.entries(plain))('%s runs and gives its result', async (name, { args, shows }) => {
    const run = await fixture.run(tool(server, name), args);
    expect(run).toMatchObject({ status: 'ok', hasResult: true });
    expect(run.call).toMatch(/^writer\/\d+$/);
    const result = await fixture.result(run.id);
    if (typeof shows === 'string') expect(JSON.stringify(result)).toContain(shows);
    else expect(JSON.stringify(result)).toMatch(shows);
  });

  it('checks structured content against the output schema', async () => {
    const run = await fixture.run(tool(server, 'get-structured-content'), { location: 'New York' });
    expect((await fixture.playground.result(run.id))?.output).toEqual({ kind: 'fits' });
  });

  it('shows progress and its message while a long operation runs', async () => {
    const id = await fixture.start(tool(server, 'trigger-long-running-operation'), { duration: 1, steps: 4 });
    const progress = await fixture.until('progress', ({ runs }) => runs.find((run) => run.id === id)?.progress);
    expect(progress.total).toBe(4);
    const run = await fixture.settled(id);
    expect(run.status).toBe('ok');
    expect(run.elapsedMs).toBeGreaterThan(900);
  });

  it('ends a long operation at once when it is cancelled, and tells the server', async () => {
    const id = await fixture.start(tool(server, 'trigger-long-running-operation'), { duration: 60, steps: 60 });
    await fixture.until('progress', ({ runs }) => runs.find((run) => run.id === id)?.progress);
    fixture.playground.cancel(id);
    expect(fixture.playground.run(id)).toMatchObject({ status: 'cancelled' });
    await fixture.until('the notification', () => fixture.recorder.frames.some(({ leg, envelope }) => leg === 'upstream' && envelope.method === 'notifications/cancelled'));
  });

  it('trigger-sampling-request waits for the person and gets the answer', async () => {
    const id = await fixture.start(tool(server, 'trigger-sampling-request'), { prompt: 'a question', maxTokens: 50 });
    const card = await fixture.request('sampling');
    expect(card).toMatchObject({ server, run: id });
    expect(card.paramsText).toContain('a question');
    await fixture.playground.requests.answerSampling(card.id, { kind: 'text', draft: { text: 'the answer', model: 'me', stopReason: 'endTurn' } });
    await fixture.settled(id);
    expect(textsOf(await fixture.result(id))).toContain('the answer');
    expect(fixture.playground.state.requests).toEqual([]);
  });

  it('a declined sampling request is an error for the server', async () => {
    const id = await fixture.start(tool(server, 'trigger-sampling-request'), { prompt: 'no', maxTokens: 50 });
    await fixture.playground.requests.answerSampling((await fixture.request('sampling')).id, { kind: 'decline' });
    expect(JSON.stringify([await fixture.settled(id), await fixture.result(id)])).toContain('rejected');
  });

  it('trigger-sampling-request-async is answered as a task of the client', { timeout: 40_000 }, async () => {
    const id = await fixture.start(tool(server, 'trigger-sampling-request-async'), { prompt: 'later', maxTokens: 50 });
    const card = await fixture.request('sampling');
    await fixture.playground.requests.answerSampling(card.id, { kind: 'text', draft: { text: 'in the end', model: 'me', stopReason: 'endTurn' } });
    await fixture.settled(id);
    const text = textsOf(await fixture.result(id));
    expect(text).toContain('[COMPLETED]');
    expect(text).toContain('in the end');
  });

  const form = { name: 'Ada', check: true, email: 'ada@example.org', integer: 7, number: 3.5 };

  it('trigger-elicitation-request checks the form against its schema and passes it on', async () => {
    const id = await fixture.start(tool(server, 'trigger-elicitation-request'), {});
    const card = await fixture.request('form');
    const wrong = await fixture.playground.requests.answerForm(card.id, { kind: 'accept', contentText: '{"integer":"seven"}', sendAnyway: false });
    expect(wrong.kind).toBe('problems');
    const right = await fixture.playground.requests.answerForm(card.id, { kind: 'accept', contentText: JSON.stringify(form), sendAnyway: false });
    expect(right).toEqual({ kind: 'ok' });
    await fixture.settled(id);
    expect(textsOf(await fixture.result(id))).toContain('Ada');
  });

  it('trigger-elicitation-request-async is answered as a task of the client', { timeout: 40_000 }, async () => {
    const id = await fixture.start(tool(server, 'trigger-elicitation-request-async'), {});
    const card = await fixture.request('form');
    await fixture.playground.requests.answerForm(card.id, { kind: 'decline' });
    await fixture.settled(id);
    expect(textsOf(await fixture.result(id))).toMatch(/declin/i);
  });

  it('trigger-url-elicitation opens the whole URL only when the person agrees', async () => {
    const url = 'https://example.org/a?b=c';
    const id = await fixture.start(tool(server, 'trigger-url-elicitation'), { url, message: 'please' });
    const card = await fixture.request('url');
    expect(card).toMatchObject({ url, host: 'example.org', isOpened: false });
    fixture.person.opensUrls = false;
    await fixture.playground.requests.answerUrl(card.id, 'open');
    expect(fixture.playground.run(id)?.status).toBe('running');
    fixture.person.opensUrls = true;
    await fixture.playground.requests.answerUrl(card.id, 'open');
    expect(fixture.person.opened).toEqual([url]);
    await fixture.settled(id);
    expect(textsOf(await fixture.result(id))).toContain('User completed');
    await fixture.playground.requests.answerUrl(card.id, 'cancel');
    expect(fixture.playground.state.requests).toEqual([]);
  });

  it('a URL that an error asks for can be opened, and the call made again', async () => {
    // What has to be opened before the call can be made at all.
    const url = 'https://modelcontextprotocol.io';
    const args = { url: 'https://example.org/pay', message: 'please', errorPath: true };
    const run = await fixture.run(tool(server, 'trigger-url-elicitation'), args);
    expect(run).toMatchObject({ status: 'error', message: expect.stringContaining('-32042') });
    expect(fixture.playground.state.requests).toMatchObject([{ kind: 'url', server, url, host: 'modelcontextprotocol.io', isOpened: false }]);
    fixture.person.opened.length = 0;
    const first = await fixture.request('url');
    await fixture.playground.requests.answerUrl(first.id, 'open');
    expect(fixture.person.opened).toEqual([url]);
    await fixture.playground.requests.answerUrl(first.id, 'cancel');
    // Made again it goes on, and asks for the address it was given.
    const again = await fixture.start(tool(server, 'trigger-url-elicitation'), args);
    const second = await fixture.request('url');
    expect(second).toMatchObject({ url: args.url, run: again });
    await fixture.playground.requests.answerUrl(second.id, 'open');
    expect((await fixture.settled(again)).status).toBe('ok');
    expect(textsOf(await fixture.result(again))).toContain('User completed');
    await fixture.playground.requests.answerUrl(second.id, 'cancel');
    expect(fixture.playground.state.requests).toEqual([]);
  });

  it('simulate-research-query runs as a task, asks in its course, and gives the result', { timeout: 40_000 }, async () => {
    const id = await fixture.start(tool(server, 'simulate-research-query'), { topic: 'sharks', ambiguous: true });
    await fixture.until('the task', ({ runs }) => runs.find((run) => run.id === id)?.task);
    const card = await fixture.request('form');
    expect(card.run).toBe(id);
    await fixture.playground.requests.answerForm(card.id, { kind: 'decline' });
    const run = await fixture.settled(id);
    expect(run).toMatchObject({ status: 'ok', task: { status: 'completed' } });
    expect(textsOf(await fixture.result(id))).toContain('Research Report: sharks');
  });

  it('toggle-simulated-logging brings log messages with their levels', async () => {
    await fixture.playground.setLogLevel(server, 'debug');
    const before = fixture.playground.logs(server, 0).at(-1)?.number ?? 0;
    const run = await fixture.run(tool(server, 'toggle-simulated-logging'), {});
    expect(run.status).toBe('ok');
    const message = await fixture.until('a message', () => fixture.playground.logs(server, before).find(({ text }) => /level message|level-message/i.test(text)));
    // The server writes the level into what it says.
    expect(message.text.toLowerCase()).toContain(message.level);
    expect(message.number).toBeGreaterThan(before);
    expect(fixture.playground.state.servers[0]).toMatchObject({ logLevel: 'debug' });
    await fixture.run(tool(server, 'toggle-simulated-logging'), {});
  });

  it('toggle-subscriber-updates has subscribed resources read again', async () => {
    const uri = 'demo://resource/dynamic/text/1';
    await fixture.playground.subscribe(server, uri);
    await fixture.run(tool(server, 'toggle-subscriber-updates'), {});
    const updated = await fixture.until('an update', ({ subscriptions }) => subscriptions.find((one) => one.updates > 0 && one.run !== undefined));
    expect(updated).toMatchObject({ server, uri });
    await fixture.until('the reading', ({ runs }) => runs.find((run) => run.origin === 'subscription' && run.status === 'ok'));
    await fixture.playground.unsubscribe(server, uri);
    expect(fixture.playground.state.subscriptions).toEqual([]);
    await fixture.run(tool(server, 'toggle-subscriber-updates'), {});
  });
});

describe('every prompt, resource and template', () => {
  it('prompts are fetched with their arguments', async () => {
    const args: Readonly<Record<string, object>> = {
      'args-prompt': { city: 'Berlin' },
      'completable-prompt': { department: 'Sales', name: 'Eve' },
      'resource-prompt': { resourceType: 'Text', resourceId: '1' },
    };
    for (const name of named('prompt')) {
      const run = await fixture.run({ server, kind: 'prompt', name }, args[name] ?? {});
      expect([name, run.status, run.message]).toEqual([name, 'ok', undefined]);
      expect((await fixture.result(run.id))['messages']).toBeInstanceOf(Array);
    }
  });

  it('resources are read', async () => {
    for (const name of named('resource')) {
      const run = await fixture.run({ server, kind: 'resource', name });
      expect([name, run.status]).toEqual([name, 'ok']);
    }
  });

  it('templates are expanded and read', async () => {
    for (const name of named('template')) {
      const run = await fixture.run({ server, kind: 'template', name }, { resourceId: '3' });
      expect([name, run.status]).toEqual([name, 'ok']);
      expect(JSON.stringify(await fixture.result(run.id))).toContain('/3');
    }
  });

  it('arguments are completed, with the others as context', async () => {
    const target = { server, kind: 'prompt', name: 'completable-prompt' } as const;
    const departments = await fixture.playground.complete({ target, argument: 'department', value: 'S', argumentsText: '{}' });
    expect(departments.values).toEqual(['Sales', 'Support']);
    const names = await fixture.playground.complete({ target, argument: 'name', value: '', argumentsText: '{"department":"Sales"}' });
    expect(names.values).toEqual(['David', 'Eve', 'Frank']);
    const template = { server, kind: 'template', name: 'demo://resource/dynamic/text/{resourceId}' } as const;
    expect((await fixture.playground.complete({ target: template, argument: 'resourceId', value: '5', argumentsText: '' })).values).toEqual(['5']);
  });
});

describe('as a client', () => {
  it('tells the server of other roots', async () => {
    await fixture.playground.setRoots([{ uri: 'file:///elsewhere', name: 'elsewhere' }]);
    await fixture.until('the roots', () => fixture.recorder.frames.some(({ direction, leg, text }) => leg === 'upstream' && direction === 'toServer' && text.includes('file:///elsewhere')));
    const run = await fixture.run(tool(server, 'get-roots-list'), {});
    expect(textsOf(await fixture.result(run.id))).toContain('file:///elsewhere');
    await fixture.playground.setRoots(undefined);
    expect(fixture.playground.state.roots).toEqual({ roots: [{ uri: 'file:///project', name: 'project' }], isDefault: true });
  });

  it('sends raw JSON-RPC of any method, and shows what comes back', async () => {
    const ping = await fixture.run({ server, kind: 'request', name: 'ping' });
    expect(await fixture.result(ping.id)).toEqual({});
    const unknown = await fixture.run({ server, kind: 'request', name: 'no/such' }, { any: 1 });
    expect(unknown).toMatchObject({ status: 'error', message: expect.stringContaining('-32601') });
    const notification = await fixture.run({ server, kind: 'notification', name: 'notifications/roots/list_changed' });
    expect(notification).toMatchObject({ status: 'ok', hasResult: false });
  });

  it('marks its session in the audit log, and no other client can', async () => {
    const opened = fixture.recorder.events('session.opened');
    expect(opened.map(({ data }) => data['playground'])).toContain(true);
    const other = await fixture.gateway.connect(`/mcp/${server}`);
    expect(fixture.recorder.events('session.opened').at(-1)?.data).not.toHaveProperty('playground');
    await other.client.close();
  });

  it('remembers runs without their results', () => {
    const stored = JSON.stringify(fixture.memory.get('history'));
    expect(stored).toContain('"echo"');
    expect(stored).not.toContain('Echo: hello');
    expect(fixture.playground.history.length).toBeGreaterThan(10);
  });
});
