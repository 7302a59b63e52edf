// Headers of answers are read one by one: each as Node reads it among all of them.
import * as http from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { headerOf } from '../../../src/extension/proxy/transports/httpRequest';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Node's reading of an answer with these header lines. */
async function answered(lines: readonly string[]): Promise<http.IncomingMessage> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`));
  });
  closers.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    http.get({ port, host: '127.0.0.1', agent: false }, (response) => resolve(response.resume())).on('error', reject);
  });
}

it.each([
  ['in lower case', ['content-type: text/event-stream', 'content-length: 0']],
  ['in any case', ['CONTENT-type: application/json', 'Content-Length: 0', 'Location: /a']],
  ['said twice, of which the first counts', ['Content-Type: a/b', 'content-type: c/d', 'location: /a', 'location: /b', 'content-length: 0']],
  ['with blanks around it', ['content-type:   a/b  ', 'content-length:0']],
  ['empty', ['content-type:', 'content-length: 0']],
  ['beside others of the same length', ['content-typo: x', 'x-content-type: y', 'content-length: 0']],
  ['that are none', []],
])('a header %s', async (_, lines) => {
  const response = await answered(lines);
  for (const name of ['content-type', 'content-length', 'location'] as const) expect(headerOf(response, name)).toBe(response.headers[name]);
});
