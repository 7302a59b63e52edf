/** What hostile servers can fill: tables and events have an end, and only the server itself is the worse for it. */
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { scanEnvelope } from '../../../src/extension/mcp/envelope';
import { ResourceTable } from '../../../src/extension/mcp/resourceTable';
import { TaskTable } from '../../../src/extension/proxy/taskTable';
import { LegacySseTransport } from '../../../src/extension/proxy/transports/legacySse';
import { StreamableHttpTransport } from '../../../src/extension/proxy/transports/streamableHttp';
import { systemClock } from '../../../src/extension/util/clock';
import { eventually } from '../../support/gateway/waiting';

describe('the table of tasks', () => {
  it('forgets the oldest of the server that has too many, and none of others', () => {
    const table = new TaskTable(3);
    table.learn('good', 'mine');
    for (let k = 0; k < 10; k++) table.learn('evil', `t${k}`);
    expect(['mine', 't6', 't7', 't9'].map((task) => table.ownerOf(task)?.server)).toEqual(['good', undefined, 'evil', 'evil']);
    expect(table.ownerOf(table.learn('good', 't9'))).toEqual({ server: 'good', own: 't9' });
    expect(table.ownerOf('t9')?.server).toBe('evil');
  });
});

describe('the table of resources', () => {
  it('learns so many URIs of a server, says so once, and passes the others as they are', () => {
    const full: [string, number][] = [];
    const table = new ResourceTable((...what) => full.push(what));
    for (let k = 0; k < 20_100; k++) expect(table.learn('evil', `x:${k}`)).toBe(`x:${k}`);
    expect(full).toEqual([['evil', 20_000]]);
    expect(table.ownerOf('x:19999')).toEqual({ server: 'evil', uri: 'x:19999' });
    expect(table.ownerOf('x:20000')).toBeUndefined();
    expect(table.learn('good', 'y:1')).toBe('y:1');
    expect(table.learn('good', 'x:1')).toBe('x:1#mcp-shark=good');
    expect(table.learn('evil', 'x:1')).toBe('x:1');
    table.forget('evil');
    expect(table.learn('evil', 'z:1')).toBe('z:1');
    expect(table.ownerOf('z:1')?.server).toBe('evil');
  });

  it('tries no more templates than anybody has', () => {
    const full: [string, number][] = [];
    const table = new ResourceTable((...what) => full.push(what));
    for (let k = 0; k < 1100; k++) table.learnTemplate('evil', `x:${k}/{id}`);
    expect(full).toEqual([['evil', 1000]]);
    expect(table.ownerOf('x:999/1')?.server).toBe('evil');
    expect(table.ownerOf('x:1000/1')).toBeUndefined();
  });
});

describe('an event of a server that has no end', () => {
  const servers: http.Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  async function endless(): Promise<string> {
    const server = http.createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('id: 1\ndata: ');
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(1000)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  }

  it('costs its request, with words, and is not asked for again', async () => {
    const url = await endless();
    const failed: [string | undefined, string][] = [];
    let closed: string | undefined;
    const transport = new StreamableHttpTransport(
      { type: 'http', name: 'evil', url, headers: {} },
      {
        onMessage: () => undefined,
        onStderr: () => undefined,
        onSendFailed: (id, message) => failed.push([id, message]),
        onSessionLost: () => undefined,
        onClose: ({ message }) => (closed = message),
      },
      systemClock,
      undefined,
      100_000,
    );
    const bytes = Buffer.from('{"jsonrpc":"2.0","id":1,"method":"tools/call"}');
    transport.send(bytes, scanEnvelope(bytes));
    await eventually('the failure', () => failed.length > 0);
    expect(failed).toEqual([['1', 'Server "evil" sent a message of more than 100000 bytes']]);
    expect(closed).toBeUndefined();
    await transport.close();
  });

  it('ends the connection where everything comes on one stream', async () => {
    const url = await endless();
    let closed: string | undefined;
    const transport = new LegacySseTransport(
      { type: 'sse', name: 'evil', url, headers: {} },
      {
        onMessage: () => undefined,
        onStderr: () => undefined,
        onSendFailed: () => undefined,
        onSessionLost: () => undefined,
        onClose: ({ message }) => (closed = message),
      },
      undefined,
      100_000,
    );
    expect(await eventually('the end', () => closed)).toBe('Server "evil" sent a message of more than 100000 bytes');
    await transport.close();
  });
});
