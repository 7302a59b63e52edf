/** Tasks on `/mcp` (MCP 2025-11-25): ids that two servers give alike, and tasks that the client runs for one server. */
import { describe, expect, it } from 'vitest';
import { scriptedServer, type GatewayFixture } from '../../support/gateway/gatewayFixture';
import type { RawClient } from '../../support/gateway/rawClient';
import { rawGateways } from '../../support/gateway/rawGateways';
import { eventually } from '../../support/gateway/waiting';

const gateways = rawGateways();
let fixture: GatewayFixture;
let client: RawClient;

const RELATED = 'io.modelcontextprotocol/related-task';
const script = { tools: ['answer', 'emit', 'ask', 'notifications'], capabilities: { tools: {}, tasks: { list: {}, cancel: {} } } };

async function open(...names: string[]): Promise<void> {
  ({ fixture, client } = await gateways.open(names.map((name) => scriptedServer(name, script))));
  await gateways.listen(client);
}

const send = (message: object): Promise<{ messages: string[] }> => client.post(JSON.stringify({ jsonrpc: '2.0', ...message }));
const post = async (id: number, method: string, params: object): Promise<Record<string, unknown>> =>
  JSON.parse((await send({ id, method, params })).messages.at(-1)!) as Record<string, unknown>;

/** Runs a tool of the server as a task; gives the answer as it came. */
async function makeTask(id: number, server: string, task: string): Promise<string> {
  const text = `{"jsonrpc":"2.0", "id":$ID,"result":{"task":{"status":"working","taskId":${JSON.stringify(task)}},"x":1.0}}`;
  const params = { name: `${server}__answer`, arguments: { text }, task: { ttl: 1000 } };
  return (await send({ id, method: 'tools/call', params })).messages.at(-1)!;
}

const taskIn = (answer: string): string => (JSON.parse(answer) as { result: { task: { taskId: string } } }).result.task.taskId;
const upstream = (method: string): { server?: string; message: unknown }[] =>
  fixture.recorder.frames
    .filter(({ leg, direction, envelope }) => leg === 'upstream' && direction === 'toServer' && envelope.method === method)
    .map(({ server, text }) => ({ server, message: JSON.parse(text) as unknown }));

describe('tasks of two servers that have the same id', () => {
  it('are told apart in all that names them, and nothing else is changed', async () => {
    await open('a', 'b');
    const first = await makeTask(1, 'a', '1');
    const second = await makeTask(2, 'b', '1');
    expect(first).toBe('{"jsonrpc":"2.0", "id":1,"result":{"task":{"status":"working","taskId":"1"},"x":1.0}}');
    const mapped = taskIn(second);
    expect(mapped).not.toBe('1');
    expect(second).toBe(`{"jsonrpc":"2.0", "id":2,"result":{"task":{"status":"working","taskId":${JSON.stringify(mapped)}},"x":1.0}}`);

    await post(3, 'tasks/get', { taskId: '1' });
    await post(4, 'tasks/get', { taskId: mapped });
    expect(upstream('tasks/get')).toMatchObject([
      { server: 'a', message: { params: { taskId: '1' } } },
      { server: 'b', message: { params: { taskId: '1' } } },
    ]);

    const status = '{"jsonrpc":"2.0","method":"notifications/tasks/status","params":{"taskId":"1","status":"completed"}}';
    const related = `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1,"_meta":{"${RELATED}":{"taskId":"1"}}}}`;
    const told = await client.call(5, 'b__emit', { lines: [status, related] });
    expect(told.messages.slice(0, 2)).toEqual([status, related].map((text) => text.replace('"1"', JSON.stringify(mapped))));
    expect((await client.call(6, 'a__emit', { lines: [status] })).messages[0]).toBe(status);
  });

  it('keep their servers where a client’s request or answer says to which it belongs', async () => {
    await open('a', 'b');
    await makeTask(1, 'a', '1');
    const mapped = taskIn(await makeTask(2, 'b', '1'));
    expect(mapped).not.toBe('1');
    const meta = (taskId: string): object => ({ [RELATED]: { taskId } });
    void client.call(3, 'b__ask', { id: 'q', method: 'elicitation/create', params: { message: 'm', _meta: meta('1') } });
    const question = await eventually('the question', () => fixture.recorder.frames.find(({ leg, direction, envelope }) => leg === 'downstream' && direction === 'toClient' && envelope.method === 'elicitation/create'));
    const { id, params } = JSON.parse(question.text) as { id: number; params: { _meta: unknown } };
    expect(params._meta).toEqual(meta(mapped));
    await send({ id, result: { action: 'decline', _meta: meta(mapped) } });
    const answer = await eventually('the answer', () => fixture.recorder.frames.find(({ leg, server, text }) => leg === 'upstream' && server === 'b' && text.includes('"decline"')));
    expect(JSON.parse(answer.text)).toEqual({ jsonrpc: '2.0', id: 'q', result: { action: 'decline', _meta: meta('1') } });
  });

  it('are not taken for another’s when their server is gone', async () => {
    await open('a', 'b');
    await makeTask(1, 'a', '1');
    await fixture.gateway.stopServer('a');
    expect(await post(2, 'tasks/get', { taskId: '1' })).toMatchObject({ error: { code: -32_602, message: 'Unknown task: 1' } });
    expect(upstream('tasks/get')).toEqual([]);
  });
});

describe('a task that the client runs for a server', () => {
  /** Server `a` has asked for a task, and the client has made `c-1` of it. */
  async function made(): Promise<number> {
    await open('a', 'b');
    const params = { messages: [], maxTokens: 1, task: { ttl: 1 }, _meta: { progressToken: 'p' } };
    void client.call(1, 'a__ask', { id: 'q', method: 'sampling/createMessage', params });
    const question = await eventually('the question', () => fixture.recorder.frames.find(({ leg, direction, envelope }) => leg === 'downstream' && direction === 'toClient' && envelope.method === 'sampling/createMessage'));
    const { id } = JSON.parse(question.text) as { id: number };
    // Its status may be told before the server knows the task.
    await send({ method: 'notifications/tasks/status', params: { taskId: 'c-1', status: 'working' } });
    await send({ id, result: { task: { taskId: 'c-1', status: 'working' } } });
    await send({ method: 'notifications/tasks/status', params: { taskId: 'c-1', status: 'completed' } });
    return id;
  }

  it('may be told of by progress as long as it runs', async () => {
    const progressToken = await made();
    await send({ method: 'notifications/progress', params: { progressToken, progress: 1 } });
    expect(upstream('notifications/progress')).toEqual([
      { server: 'a', message: { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 'p', progress: 1 } } },
    ]);
  });

  it('is told of to that server only', async () => {
    await made();
    for (const server of ['a', 'b']) await client.call(server, `${server}__notifications`);
    expect(upstream('notifications/tasks/status')).toMatchObject([
      { server: 'a', message: { params: { status: 'working' } } },
      { server: 'a', message: { params: { status: 'completed' } } },
    ]);
    await send({ method: 'notifications/tasks/status', params: { taskId: 'c-unknown', status: 'working' } });
    expect(upstream('notifications/tasks/status')).toHaveLength(2);
    expect(fixture.recorder.events('client.answerDropped')).toHaveLength(1);
  });

  it('is nothing that another server can ask for or list', async () => {
    await made();
    const { messages } = await client.call(2, 'b__ask', { id: 5, method: 'tasks/result', params: { taskId: 'c-1' } });
    const { result } = JSON.parse(messages.at(-1)!) as { result: { answer: string } };
    expect(JSON.parse(result.answer)).toEqual({ jsonrpc: '2.0', id: 5, error: { code: -32_602, message: 'Unknown task: c-1' } });

    const lists: unknown[] = [];
    for (const [k, server] of ['a', 'b'].entries()) {
      const call = client.call(10 + k, `${server}__ask`, { id: 6, method: 'tasks/list' });
      const asked = await eventually('the question', () => fixture.recorder.frames.filter(({ leg, direction, envelope }) => leg === 'downstream' && direction === 'toClient' && envelope.method === 'tasks/list')[k]);
      const { id } = JSON.parse(asked.text) as { id: number };
      await send({ id, result: { tasks: [{ taskId: 'c-1' }, { taskId: 'c-2' }] } });
      const answer = JSON.parse((await call).messages.at(-1)!) as { result: { answer: string } };
      lists.push((JSON.parse(answer.result.answer) as { result: unknown }).result);
    }
    // Whose the second is nobody knows.
    expect(lists).toEqual([{ tasks: [{ taskId: 'c-1' }, { taskId: 'c-2' }] }, { tasks: [{ taskId: 'c-2' }] }]);
  });
});
