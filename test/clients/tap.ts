/**
 * Owns an independent witness: an HTTP relay on loopback between a client and the gateway that changes nothing but the
 * `Host` header and notes every exchange. What the store says a client sent is compared with what the tap saw.
 * Header values that are secrets never leave it.
 */
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Exchange {
  readonly method: string;
  readonly path: string;
  /** Lower-case names; without `authorization`, `cookie` and the session's id. */
  readonly headers: Readonly<Record<string, string>>;
  readonly hasToken: boolean;
  readonly hasSession: boolean;
  readonly body: string;
  /** The JSON-RPC method of the body, where it has one. */
  readonly rpc: string | undefined;
  /** Absent until the gateway has answered. */
  status?: number;
  contentType?: string;
  /** Of a refusal only. */
  answer?: string;
}

export interface Tap {
  /** Stands for the gateway's origin: `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** In order of arrival. */
  readonly exchanges: readonly Exchange[];
  close(): Promise<void>;
}

const SECRETS = new Set(['authorization', 'cookie', 'mcp-session-id']);

export async function startTap(gatewayOrigin: string): Promise<Tap> {
  const target = new URL(gatewayOrigin);
  const exchanges: Exchange[] = [];
  const agent = new http.Agent({ keepAlive: true });
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    request.once('end', () => {
      const body = Buffer.concat(chunks);
      const exchange = note(request, body.toString());
      exchanges.push(exchange);
      const onward = http.request(target, {
        agent,
        method: request.method,
        path: request.url,
        headers: { ...request.headers, host: target.host },
      });
      // A client that hangs up must be seen hanging up behind the tap too.
      response.once('close', () => onward.destroy());
      onward.once('error', () => response.destroy());
      onward.once('response', (answer) => {
        exchange.status = answer.statusCode;
        exchange.contentType = answer.headers['content-type'];
        if (answer.statusCode !== undefined && answer.statusCode >= 400) {
          answer.on('data', (chunk: Buffer) => (exchange.answer = (exchange.answer ?? '') + chunk.toString()));
        }
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        response.flushHeaders();
        answer.pipe(response);
        answer.once('error', () => response.destroy());
      });
      onward.end(body);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    close: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function note(request: http.IncomingMessage, body: string): Exchange {
  const headers = Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) => (SECRETS.has(name) || value === undefined ? [] : [[name, String(value)]])),
  );
  return {
    method: request.method ?? '?',
    path: (request.url ?? '/').replace(/\?.*/, ''),
    headers,
    hasToken: request.headers.authorization !== undefined,
    hasSession: request.headers['mcp-session-id'] !== undefined,
    body,
    rpc: rpcMethod(body),
  };
}

function rpcMethod(body: string): string | undefined {
  try {
    const { method } = JSON.parse(body) as { method?: unknown };
    return typeof method === 'string' ? method : undefined;
  } catch {
    return undefined;
  }
}
