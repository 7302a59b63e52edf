/**
 * Owns one HTTP exchange with an upstream server: keep-alive, redirects within an origin, one repeat where a kept-alive
 * connection turns out to be closed. `node:http` because it costs half of `fetch` per call (see docs/benchmark.md) and
 * because VS Code patches it with the user's proxy settings and certificates.
 */
import { Buffer } from 'node:buffer';
import * as http from 'node:http';
import * as https from 'node:https';

export interface Agents {
  readonly http: http.Agent;
  readonly https: https.Agent;
}

export function makeAgents(): Agents {
  // No limit on sockets: calls in flight must not wait for each other. Idle ones are closed by whichever side is first.
  const options = { keepAlive: true, maxFreeSockets: 64, scheduling: 'lifo' } as const;
  return { http: new http.Agent(options), https: new https.Agent(options) };
}

export function destroyAgents(agents: Agents): void {
  agents.http.destroy();
  agents.https.destroy();
}

export interface HttpRequestOptions {
  readonly agents: Agents;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly onResponse: (response: http.IncomingMessage) => void;
  readonly onError: (error: NodeJS.ErrnoException) => void;
}

const MAX_REDIRECTS = 5;

/** Sends the request; gives the means to end it. `onResponse` or `onError` is called once, none after `destroy`. */
export function httpRequest(options: HttpRequestOptions): { destroy(): void } {
  let current: http.ClientRequest | undefined;
  let ended = false;

  const go = (url: URL, redirects: number, mayRepeat: boolean): void => {
    const secure = url.protocol === 'https:';
    const headers: Record<string, string | number> = { ...options.headers };
    if (options.body) headers['content-length'] = options.body.length;
    const request = (secure ? https : http).request(url, {
      method: options.method,
      headers,
      agent: secure ? options.agents.https : options.agents.http,
    });
    current = request;
    request.setNoDelay(true);
    let answered = false;
    request.once('response', (response) => {
      answered = true;
      if (ended) {
        response.destroy();
        return;
      }
      const target = redirectTarget(response, url);
      if (target && redirects < MAX_REDIRECTS) {
        response.resume();
        go(target, redirects + 1, true);
        return;
      }
      options.onResponse(response);
    });
    request.once('error', (error: NodeJS.ErrnoException) => {
      if (ended || answered) return;
      // The server closed an idle connection just as it was used again: the request never reached it.
      if (mayRepeat && request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) {
        go(url, redirects, true);
        return;
      }
      options.onError(error);
    });
    request.end(options.body);
  };

  try {
    go(options.url, 0, true);
  } catch (error) {
    // An illegal header value, for one; told later, as all other failures are.
    queueMicrotask(() => {
      if (!ended) options.onError(error as NodeJS.ErrnoException);
    });
  }
  return {
    destroy() {
      ended = true;
      current?.destroy();
    },
  };
}

/** Redirects are followed within one origin only: elsewhere the configured headers (secrets) must not go. */
function redirectTarget(response: http.IncomingMessage, from: URL): URL | undefined {
  const { statusCode, headers } = response;
  if (statusCode !== 307 && statusCode !== 308 && statusCode !== 301 && statusCode !== 302) return undefined;
  if (headers.location === undefined || !URL.canParse(headers.location, from.href)) return undefined;
  const target = new URL(headers.location, from);
  return target.origin === from.origin ? target : undefined;
}

/** Collects a body, at most `maxBytes` of it. */
export function readBody(response: http.IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) {
        response.destroy();
        reject(new Error(`The answer is larger than ${maxBytes} bytes`));
        return;
      }
      chunks.push(chunk);
    });
    response.once('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length)));
    response.once('error', reject);
    response.once('close', () => reject(new Error('The connection was closed in the middle of the answer')));
  });
}
