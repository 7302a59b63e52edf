/** `/mcp/<server>`: everything passes byte for byte, both ways. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scriptedServer, startGateway, type GatewayFixture } from '../../support/gateway/gatewayFixture';
import { RawClient } from '../../support/gateway/rawClient';
import { eventually } from '../../support/gateway/waiting';

let fixture: GatewayFixture;
let client: RawClient;

beforeAll(async () => {
  fixture = await startGateway([
    scriptedServer('one', { tools: ['echo'], instructions: 'Be kind.', capabilities: { tools: {}, 'x-unknown': { deep: [1] } } }),
    scriptedServer('name with space', { tools: ['echo'] }),
  ]);
  client = new RawClient(`${fixture.url}/mcp/one`, fixture.headers);
});

afterAll(async () => {
  client.close();
  await fixture.close();
});

describe('a session on /mcp/<server>', () => {
  it("gives the server's own answer to initialize, with a session id", async () => {
    const answer = await client.open();
    expect(answer.headers['mcp-session-id']).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(JSON.parse(answer.messages[0]!)).toEqual({
      jsonrpc: '2.0',
      id: 'init',
      result: {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {}, 'x-unknown': { deep: [1] } },
        serverInfo: { name: 'scripted', version: '0.1.0' },
        instructions: 'Be kind.',
      },
    });
  });

  it('serves a server whose name must be escaped in a URL', async () => {
    const other = new RawClient(`${fixture.url}/mcp/name%20with%20space`, fixture.headers);
    expect((await other.open()).status).toBe(200);
    other.close();
  });

  it('does not qualify names', async () => {
    const answer = await client.post('{"jsonrpc":"2.0","id":2,"method":"tools/list"}');
    expect(answer.messages[0]).toBe(
      '{"jsonrpc":"2.0","id":2,"result":{"tools":[{"inputSchema":{"type":"object"},"name":"echo"}]}}',
    );
  });

  it('answers a request under the id of which another is sent, and the other ends when it is cancelled', async () => {
    const own = new RawClient(`${fixture.url}/mcp/one`, fixture.headers);
    await own.open();
    const hang = '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"hang"}}';
    const underWay = (): number => fixture.recorder.frames.filter(({ leg, text }) => leg === 'upstream' && text === hang).length;
    const before = underWay();
    const first = own.post(hang);
    await eventually('it to be under way', () => underWay() === before + 1);
    const second = own.post(hang);
    expect(JSON.parse((await first).messages[0]!)).toMatchObject({ id: 7, error: { message: 'Another request was sent with the same id' } });
    await eventually('the other to be under way', () => underWay() === before + 2);
    await own.post('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}');
    expect((await second).messages).toEqual([]);
    own.close();
  });

  it('passes requests on as they are, whatever stands in them', async () => {
    let id = 1000;
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { maxKeys: 4 }),
        fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { maxKeys: 4 }),
        async (args, extra) => {
          const request = { ...extra, jsonrpc: '2.0', id: ++id, method: 'tools/call', params: { name: 'raw', arguments: args, 'unknown key': [1e400, 'é\u2028'] } };
          const text = JSON.stringify(request).replace('null,"é', '12345678901234567890.10,"\\u00e9');
          const answer = await client.post(text);
          const { result } = JSON.parse(answer.messages[0]!) as { result: { line: string } };
          expect(result.line).toBe(text);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('passes answers on as they are, whatever stands in them', async () => {
    let id = 5000;
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), fc.constantFrom('result', 'error'), async (value, member) => {
        const text = ` {"x":1.50, "id" : $ID,"${member}":${JSON.stringify(value)} , "jsonrpc":"2.0"}`;
        const answer = await client.call(++id, 'answer', { text });
        expect(answer.messages[0]).toBe(text.replaceAll('$ID', String(id)).trimEnd());
      }),
      { numRuns: 150 },
    );
  });

  it('passes unknown methods and notifications', async () => {
    const answer = await client.post('{"jsonrpc":"2.0","id":7,"method":"vendor/thing","params":[1]}');
    expect(JSON.parse(answer.messages[0]!)).toMatchObject({ id: 7, result: { method: 'vendor/thing' } });
    const accepted = await client.post('{"jsonrpc":"2.0","method":"notifications/vendor","params":{"z":0.10}}');
    expect(accepted.status).toBe(202);
    const seen = await client.call(8, 'notifications');
    expect(seen.messages[0]).toContain('{\\"jsonrpc\\":\\"2.0\\",\\"method\\":\\"notifications/vendor\\",\\"params\\":{\\"z\\":0.10}}');
  });

  it('takes a batch from the server apart, and heals bytes that are no UTF-8', async () => {
    const parts = ['{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"in a batch"}}', '{"jsonrpc":"2.0","id":$ID,"result":{"batched":true}}'];
    const batched = await client.call('batch', 'answer', { text: `[${parts.join(' , ')}]` });
    expect(batched.messages).toEqual([parts[0], parts[1]!.replace('$ID', '"batch"')]);
    const healed = await client.call('latin', 'latin1', { text: '{"jsonrpc":"2.0","id":$ID,"result":{"text":"caf\u00e9"}}' });
    expect(healed.body).toBe('{"jsonrpc":"2.0","id":"latin","result":{"text":"caf\ufffd"}}');
  });

  it('sends a request with line ends in it as one line', async () => {
    const answer = await client.post('{"jsonrpc":"2.0",\r\n"id":9,\n"method":"tools/call","params":{"name":"raw"}}\n');
    const { result } = JSON.parse(answer.messages[0]!) as { result: { line: string } };
    expect(JSON.parse(result.line)).toEqual({ jsonrpc: '2.0', id: 9, method: 'tools/call', params: { name: 'raw' } });
  });

  it('brings progress before the result, in order and byte for byte, although they come in one chunk', async () => {
    const answer = await client.post(
      '{"jsonrpc":"2.0","id":"p","method":"tools/call","params":{"name":"progress","arguments":{"count":3},"_meta":{"progressToken":"tok"}}}',
    );
    expect(answer.headers['content-type']).toBe('text/event-stream');
    expect(answer.messages).toEqual([
      ...[1, 2, 3].map((k) => `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"tok","progress":${k}}}`),
      '{"jsonrpc":"2.0","id":"p","result":{"content":[{"type":"text","text":"done"}]}}',
    ]);
  });

  it("lets the server ask the client, with the server's own id", async () => {
    const answer = client.stream(
      'POST',
      '{"jsonrpc":"2.0","id":"ask","method":"tools/call","params":{"name":"ask","arguments":{"id":"init","method":"sampling/createMessage","params":{"x":[1.0]}}}}',
    );
    const stream = await answer;
    const question = await eventually('the question', () => stream.messages[0]);
    expect(JSON.parse(question)).toEqual({ jsonrpc: '2.0', id: 'init', method: 'sampling/createMessage', params: { x: [1] } });
    const reply = '{"jsonrpc":"2.0","id":"init","result":{"role":"assistant","unknown":1.10}}';
    expect((await client.post(reply)).status).toBe(202);
    await stream.ended;
    expect(JSON.parse(stream.messages[1]!)).toMatchObject({ id: 'ask', result: { answer: reply } });
  });

  it('records both legs of each frame, the second one as unchanged', () => {
    const request = fixture.recorder.frames.find((frame) => frame.text.includes('vendor/thing') && frame.leg === 'downstream')!;
    const forwarded = fixture.recorder.frames.find((frame) => frame.forwards === request.number)!;
    expect(forwarded).toMatchObject({ leg: 'upstream', direction: 'toServer', unchanged: true, server: 'one' });
    expect(forwarded.text).toBe(request.text);
    const progress = fixture.recorder.frames.filter((frame) => frame.envelope.method === 'notifications/progress');
    expect(progress.length).toBe(6);
    const call = fixture.recorder.frames.find((frame) => frame.envelope.id === '"p"' && frame.leg === 'downstream')!;
    for (const frame of progress) expect(frame.cause).toBe(call.number);
  });
});
