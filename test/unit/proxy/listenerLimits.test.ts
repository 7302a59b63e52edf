/**
 * What a client may cost the listener: it is reached from this machine only, and gives nobody its time or memory without end.
 * Node's own limits are at work, with the times that the listener sets a hundred times shorter.
 */
import * as net from 'node:net';
import { expect, it, vi } from 'vitest';
import { TOKEN } from '../../support/gateway/gatewayFixture';
import { rawGateways } from '../../support/gateway/rawGateways';
import { eventually } from '../../support/gateway/waiting';

vi.mock('node:http', async (importOriginal) => {
  const http = await importOriginal<typeof import('node:http')>();
  const createServer = ({ headersTimeout, requestTimeout, ...options }: import('node:http').ServerOptions, listener: import('node:http').RequestListener): import('node:http').Server =>
    http.createServer({ ...options, headersTimeout: headersTimeout! / 100, requestTimeout: requestTimeout! / 100, connectionsCheckingInterval: 10 }, listener);
  return { ...http, createServer };
});

const gateways = rawGateways();

/** Sends some bytes and waits until the listener has had enough. */
async function sent(port: number, text: string): Promise<{ answer: string; ms: number }> {
  const start = performance.now();
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text));
    let got = '';
    socket.on('data', (chunk: Buffer) => (got += chunk.toString('latin1')));
    socket.once('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? resolve(got) : reject(error)));
    socket.once('close', () => resolve(got));
  });
  return { answer, ms: performance.now() - start };
}

const HEAD = (port: number): string => `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\n`;

it.each<[string, (port: number) => string, RegExp, string, number]>([
  ['does not send its headers', (port) => HEAD(port), /^HTTP\/1.1 408 /, 'too slow', 150],
  ['does not send its body', (port) => `${HEAD(port)}Content-Length: 1000\r\n\r\n{"jsonrpc"`, /^HTTP\/1.1 408 /, 'too slow', 1200],
  ['sends nothing but the beginning of a chunk', (port) => `${HEAD(port)}Transfer-Encoding: chunked\r\n\r\n5\r\n{"`, /^HTTP\/1.1 408 /, 'too slow', 1200],
  ['sends headers without end', (port) => `${HEAD(port)}X-Long: ${'x'.repeat(40_000)}\r\n\r\n`, /^HTTP\/1.1 4\d\d /, 'HPE_HEADER_OVERFLOW', 0],
])('a client that %s is sent away, and that is recorded', async (_what, bytes, status, reason, afterMs) => {
  const { url, recorder } = await gateways.start([]);
  const { answer, ms } = await sent(Number(new URL(url).port), bytes(Number(new URL(url).port)));
  expect(answer).toMatch(status);
  expect(ms).toBeGreaterThanOrEqual(afterMs);
  const refused = await eventually('it to be recorded', () => recorder.events('http.rejected')[0]);
  expect(refused.data).toMatchObject({ reason });
  expect(JSON.stringify(refused)).not.toContain(TOKEN);
});

it.skipIf(process.platform !== 'linux')('the listener is reached at 127.0.0.1 and at no other address', async () => {
  const { url } = await gateways.start([]);
  const port = Number(new URL(url).port);
  const reach = (host: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = net.connect(port, host, () => {
        socket.destroy();
        resolve('reached');
      });
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    });
  expect(await reach('127.0.0.1')).toBe('reached');
  // All of 127.0.0.0/8 is this machine, so who listens everywhere is reached there.
  expect(await reach('127.0.0.2')).toBe('ECONNREFUSED');
});
