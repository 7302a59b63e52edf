/** What goes wrong with servers stays with those servers: dead, slow, silent, chatty, lying, crashing ones. */
import { afterEach, describe, expect, it } from 'vitest';
import { CreateMessageRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { commandServer, httpServer, ROOT, scriptedServer, startGateway, type GatewayFixture } from '../../support/gateway/gatewayFixture';
import { RawClient } from '../../support/gateway/rawClient';
import { eventually, isAlive } from '../../support/gateway/waiting';
import { freePort } from '../../support/gateway/httpEverything';

let fixture: GatewayFixture | undefined;
const good = scriptedServer('good', { tools: ['echo'] });
const grace = { afterFirstMs: 150, totalMs: 600 };

afterEach(async () => {
  await fixture?.close();
  fixture = undefined;
});

const toolNames = async (client: Client): Promise<string[]> => (await client.listTools()).tools.map((tool) => tool.name);

describe('a server that is out of order', () => {
  it.each([
    ['cannot be found', commandServer('bad', 'no-such-program-here'), /no program "no-such-program-here" on the PATH/],
    ['may not be executed', commandServer('bad', `${ROOT}package.json`), /may not be executed/],
    ['exits at once', scriptedServer('bad', { exitAtStart: 3, stderr: ['line one', 'the last word'] }), /exited with code 3.*the last word/],
    ['refuses the handshake', scriptedServer('bad', { refuseInitialize: 'not today' }), /not today/],
    ['is not listening', httpServer('bad', 'http://127.0.0.1:1/mcp'), /cannot be reached/],
  ])('that %s is shown failed, recorded, and does not disturb the others', async (_name, bad, message) => {
    fixture = await startGateway([bad, good], { grace });
    const { client } = await fixture.connect();
    expect(await toolNames(client)).toEqual(['good__echo']);
    const { gateway, recorder } = fixture;
    const status = await eventually('bad to be failed', () => gateway.servers.find((one) => one.name === 'bad' && one.state.kind === 'failed'));
    expect(status.state).toMatchObject({ kind: 'failed', message: expect.stringMatching(message) as string });
    expect(gateway.servers.find((one) => one.name === 'good')?.state).toEqual({ kind: 'running', connections: 1, version: '0.1.0' });
    expect(recorder.events('server.failed')[0]).toMatchObject({ server: 'bad' });
  });

  it('answers initialize of its own endpoint with an error and ends the session', async () => {
    fixture = await startGateway([scriptedServer('bad', { exitAtStart: 3, stderr: ['the last word'] })]);
    const client = new RawClient(`${fixture.url}/mcp/bad`, fixture.headers);
    const answer = await client.open();
    expect(JSON.parse(answer.messages[0]!)).toMatchObject({
      id: 'init',
      error: { code: -32000, message: expect.stringContaining('the last word') as string },
    });
    expect((await client.call(1, 'echo')).status).toBe(404);
    client.close();
  });

  it('that never answers is not waited for', async () => {
    fixture = await startGateway([scriptedServer('silent', { neverInitialize: true }), good], { grace });
    const { client } = await fixture.connect();
    expect(await toolNames(client)).toEqual(['good__echo']);
  });

  it('that comes late is announced by list_changed', async () => {
    fixture = await startGateway([scriptedServer('late', { initDelayMs: 500, tools: ['echo'] }), good], { grace });
    let changed = 0;
    const client = new Client(
      { name: 'c', version: '1' },
      { listChanged: { tools: { autoRefresh: false, onChanged: () => void changed++ } } },
    );
    await fixture.connect('/mcp', client);
    expect(await toolNames(client)).toEqual(['good__echo']);
    await eventually('list_changed', () => changed > 0);
    expect(await toolNames(client)).toEqual(['late__echo', 'good__echo']);
    const { content } = await client.callTool({ name: 'late__echo', arguments: {} });
    expect(content).toEqual([{ type: 'text', text: 'late echo {}' }]);
  });

  it('that never lists does not keep the lists of the others back', async () => {
    fixture = await startGateway([scriptedServer('mute', { tools: ['x'], neverList: true }), good], { grace });
    const { client } = await fixture.connect();
    expect(await toolNames(client)).toEqual(['good__echo']);
  });

  it('that lists late is announced, and then listed from what it said before', async () => {
    fixture = await startGateway([scriptedServer('slow', { tools: ['x'], listDelayMs: 400 }), good], { grace });
    let changed = 0;
    const client = new Client(
      { name: 'c', version: '1' },
      { listChanged: { tools: { autoRefresh: false, onChanged: () => void changed++ } } },
    );
    await fixture.connect('/mcp', client);
    expect(await toolNames(client)).toEqual(['good__echo']);
    await eventually('list_changed', () => changed === 1);
    expect(await toolNames(client)).toEqual(['slow__x', 'good__echo']);
  });

  it('that gives the same cursor for ever is read once', async () => {
    fixture = await startGateway([scriptedServer('circle', { tools: ['a', 'b', 'c'], pageSize: 2, sameCursor: true })]);
    const { client } = await fixture.connect();
    const names = await toolNames(client);
    expect(names.length).toBeLessThan(10);
    expect(names).toContain('circle__a');
  });

  it('that writes to stdout what is no message is heard all the same', async () => {
    const stray = ['Listening on 3000', '{"level":"info"}', '[]', '{"jsonrpc":"2.0"'];
    fixture = await startGateway([scriptedServer('chatty', { tools: ['echo'], stray, stderr: ['hello from stderr'] })]);
    const { client } = await fixture.connect();
    expect(await toolNames(client)).toEqual(['chatty__echo']);
    const { recorder } = fixture;
    expect(recorder.events('server.strayStdout').map(({ data }) => data.text)).toEqual(stray);
    await eventually('stderr', () => recorder.events('server.stderr').find(({ data }) => (data.lines as string[]).includes('hello from stderr')));
  });

  it('that dies in the middle of a call has the call answered, and comes back', async () => {
    fixture = await startGateway([scriptedServer('frail', { tools: ['echo', 'crash', 'hang'] }), good], { grace });
    const { client } = await fixture.connect();
    await toolNames(client);
    const hanging = client.callTool({ name: 'frail__hang' }).catch((error: unknown) => error);
    const crash = client.callTool({ name: 'frail__crash' }).catch((error: unknown) => error);
    for (const error of [await hanging, await crash]) {
      expect(error).toMatchObject({ code: -32000 });
      expect(String(error)).toMatch(/Server "frail" exited with code 7; last line of stderr: about to crash/);
    }
    const { content } = await client.callTool({ name: 'good__echo', arguments: { a: 1 } });
    expect(content).toEqual([{ type: 'text', text: 'good echo {"a":1}' }]);
    const { gateway } = fixture;
    await eventually('frail to run again', () => gateway.servers.every((one) => one.state.kind === 'running'));
    const again = await client.callTool({ name: 'frail__echo', arguments: {} });
    expect(again.content).toEqual([{ type: 'text', text: 'frail echo {}' }]);
  });

  it('that dies while it asks the client takes its question back', async () => {
    fixture = await startGateway([scriptedServer('frail', { tools: ['ask'] })]);
    const client = new Client({ name: 'c', version: '1' }, { capabilities: { sampling: {} } });
    let asked: AbortSignal | undefined;
    client.setRequestHandler(CreateMessageRequestSchema, (_request, { signal }) => {
      asked = signal;
      return new Promise(() => undefined);
    });
    await fixture.connect('/mcp', client);
    await toolNames(client);
    const { pid } = (await client.callTool({ name: 'frail__pid' }).catch(() => ({ pid: undefined }))) as { pid?: number };
    expect(pid).toBeUndefined();
    const call = client
      .callTool({ name: 'frail__ask', arguments: { method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } } })
      .catch((error: unknown) => error);
    await eventually('the question', () => asked);
    const running = fixture.recorder.events('server.running')[0]!;
    process.kill(running.data.pid as number, 'SIGKILL');
    expect(String(await call)).toContain('was ended by SIGKILL');
    await eventually('the question to be taken back', () => asked?.aborted);
  });

  it('that ignores every polite signal ends with its children when the gateway closes', async () => {
    fixture = await startGateway([scriptedServer('stubborn', { tools: ['pid'], ignoreTerm: true, child: true })]);
    const client = new RawClient(`${fixture.url}/mcp/stubborn`, fixture.headers);
    await client.open();
    const answer = await client.call(1, 'pid');
    const { result } = JSON.parse(answer.messages[0]!) as { result: { pid: number; child: number } };
    expect(isAlive(result.pid) && isAlive(result.child)).toBe(true);
    const started = Date.now();
    await fixture.close();
    expect(Date.now() - started).toBeLessThan(5000);
    await eventually('both processes to be gone', () => !isAlive(result.pid) && !isAlive(result.child), 2000);
    client.close();
  });
});

describe('a change of configuration', () => {
  it('restarts only what has changed and announces it', async () => {
    const changing = scriptedServer('changing', { tools: ['before'] });
    fixture = await startGateway([good, changing]);
    let changed = 0;
    const client = new Client(
      { name: 'c', version: '1' },
      { listChanged: { tools: { autoRefresh: false, onChanged: () => void changed++ } } },
    );
    await fixture.connect('/mcp', client);
    expect(await toolNames(client)).toEqual(['good__echo', 'changing__before']);
    const { gateway, recorder } = fixture;
    const version = gateway.catalogVersion;
    gateway.setServers([good, scriptedServer('changing', { tools: ['after'] }), scriptedServer('new', { tools: ['x'] })]);
    expect(gateway.catalogVersion).not.toBe(version);
    await eventually('all to run', () => gateway.servers.length === 3 && gateway.servers.every((one) => one.state.kind === 'running'));
    await eventually('list_changed', () => changed > 0);
    expect(await toolNames(client)).toEqual(['good__echo', 'changing__after', 'new__x']);
    expect(recorder.events('server.starting').map(({ server }) => server)).toEqual(['good', 'changing', 'changing', 'new']);
    gateway.setServers([good]);
    expect(await toolNames(client)).toEqual(['good__echo']);
    await expect(client.callTool({ name: 'new__x' })).rejects.toThrow('Unknown tool: new__x');
  });

  it('ends the sessions on the endpoint of a server that is gone', async () => {
    fixture = await startGateway([good]);
    const client = new RawClient(`${fixture.url}/mcp/good`, fixture.headers);
    await client.open();
    fixture.gateway.setServers([]);
    expect((await client.call(1, 'echo')).status).toBe(404);
    client.close();
  });
});

it('says so when its port is taken', async () => {
  const port = await freePort();
  fixture = await startGateway([], { port });
  await expect(startGateway([], { port })).rejects.toMatchObject({ code: 'gateway.listenFailed', message: expect.stringContaining(String(port)) as string });
});
