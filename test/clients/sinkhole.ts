/**
 * Owns the end of the road to the internet: an HTTP proxy on loopback that refuses everything and notes who was asked for.
 * Clients get it as their proxy, so that nothing a test starts gets past this machine, whatever switches they ignore.
 */
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Sinkhole {
  /** For a client's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Hosts that were asked for, in order, with repeats. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1,localhost,::1';

export async function startSinkhole(): Promise<Sinkhole> {
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    asked.push(URL.canParse(request.url ?? '') ? new URL(request.url!).host : '?');
    response.writeHead(403, { connection: 'close' }).end('Tests stay on this machine.');
  });
  server.on('connect', (request, socket) => {
    asked.push(request.url ?? '?');
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env: Record<string, string> = {};
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']) env[name] = env[name.toLowerCase()] = url;
  env['NO_PROXY'] = env['no_proxy'] = LOOPBACK;
  return {
    env,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
