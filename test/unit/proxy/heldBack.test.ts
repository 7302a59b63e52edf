/** A server that does not read what it is sent: its client waits, memory has a bound, and somebody says so. */
import { afterEach, describe, expect, it } from 'vitest';
import { scanEnvelope } from '../../../src/extension/mcp/envelope';
import { StdioTransport } from '../../../src/extension/proxy/transports/stdio';
import { inheritedEnvironment } from '../../../src/extension/servers/environment';
import { systemClock } from '../../../src/extension/util/clock';
import { commandServer, ROOT, startGateway, TOKEN, type GatewayFixture } from '../../support/gateway/gatewayFixture';
import { eventually } from '../../support/gateway/waiting';

/** Answers `initialize`, then reads nothing until it gets SIGUSR2. */
const DEAF = `
  let text = '';
  process.stdin.on('data', (chunk) => {
    text += chunk;
    for (let end; (end = text.indexOf('\\n')) >= 0; text = text.slice(end + 1)) {
      const { id, method, params } = JSON.parse(text.slice(0, end));
      if (id === undefined) continue;
      const result = method === 'initialize' ? { protocolVersion: params.protocolVersion, capabilities: {}, serverInfo: { name: 'deaf', version: '1' } } : { done: true };
      process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n');
      if (method === 'initialize') process.stdin.pause();
    }
  });
  process.on('SIGUSR2', () => process.stdin.resume());
  process.stdin.on('end', () => process.exit());
  setInterval(() => undefined, 1000);
`;
const call = (id: number, bytes: number): Buffer => Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'x', arguments: { text: 'x'.repeat(bytes) } } }));

describe.skipIf(process.platform === 'win32')('a server that does not read its stdin', () => {
  const transports: StdioTransport[] = [];
  let fixture: GatewayFixture | undefined;
  afterEach(async () => {
    await Promise.all(transports.splice(0).map((transport) => transport.close()));
    await fixture?.close();
    fixture = undefined;
  });

  it('is held back from a megabyte on, and fails what is beyond the bound by a message that says why', async () => {
    const failed: [string | undefined, string][] = [];
    const transport = new StdioTransport(
      { type: 'stdio', name: 'deaf', command: process.execPath, args: ['-e', 'process.stdin.pause(); process.on("SIGUSR2", () => process.stdin.resume()); process.stdin.on("end", () => process.exit()); console.log("{}"); setInterval(() => 0, 1000)'], env: inheritedEnvironment(process.env), cwd: ROOT },
      { onMessage: () => (isUp = true), onStderr: () => undefined, onSendFailed: (id, message) => failed.push([id, message]), onSessionLost: () => undefined, onClose: () => undefined },
      systemClock,
      4_000_000,
    );
    let isUp = false;
    transports.push(transport);
    await eventually('the server to be up', () => isUp);
    const send = (id: number): void => transport.send(call(id, 1_500_000), scanEnvelope(call(id, 1)));
    expect(transport.held()).toBeUndefined();
    send(1);
    const wait = transport.held();
    let went = 0;
    wait?.(() => went++);
    transport.held()?.(() => went++);
    send(2);
    send(3);
    expect(failed).toEqual([]);
    send(4);
    await eventually('the failure', () => failed.length > 0);
    expect(failed).toEqual([['4', expect.stringMatching(/^Server "deaf" does not read what it is sent \(\d MB wait for it\)/)]]);
    expect(went).toBe(0);
    process.kill(transport.pid!, 'SIGUSR2');
    await eventually('the server to have read it all', () => went === 2);
    expect(transport.held()).toBeUndefined();
    send(5);
    expect(failed).toHaveLength(1);
  });

  it('makes its client wait, and nobody else', async () => {
    const started = await startGateway([commandServer('deaf', process.execPath, ['-e', DEAF])]);
    fixture = started;
    const open = async (path: string): Promise<(body: Buffer | string) => Promise<Response>> => {
      const headers: Record<string, string> = { authorization: `Bearer ${TOKEN}`, accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
      const post = (body: Buffer | string): Promise<Response> => fetch(started.url + path, { method: 'POST', headers, body: body.toString() });
      const answer = await post('{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}');
      headers['mcp-session-id'] = answer.headers.get('mcp-session-id')!;
      await answer.text();
      return post;
    };
    const slow = await open('/mcp/deaf');
    const other = await open('/mcp');
    const { pid } = started.recorder.events('server.running')[0]!.data;
    const large = slow(call(1, 3_000_000));
    const recorded = (id: string): boolean => started.recorder.frames.some(({ leg, direction, envelope }) => leg === 'downstream' && direction === 'toServer' && envelope.id === id);
    await eventually('the large call to be sent', () => recorded('1'));
    const held = slow(call(2, 10));
    expect(await (await other('{"jsonrpc":"2.0","id":9,"method":"ping"}')).json()).toMatchObject({ id: 9, result: {} });
    expect(recorded('2')).toBe(false);
    process.kill(pid as number, 'SIGUSR2');
    expect(await (await large).json()).toMatchObject({ id: 1, result: { done: true } });
    expect(await (await held).json()).toMatchObject({ id: 2, result: { done: true } });
  });
});
