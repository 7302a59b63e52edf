/**
 * Owns one HTTP exchange with an upstream server: keep-alive, redirects within an origin, one repeat where a kept-alive
 * connection turns out to be closed. `node:http` because it costs half of `fetch` per call (see docs/benchmarks.md) and
 * because VS Code patches it with the user's proxy settings and certificates.
 */
import { Buffer } from 'node:buffer';
import * as http from 'node:http';
import * as https from 'node:https';
import { BodyCollector } from './bodyCollector';
import { letGoOfReads } from './letGo';

export interface Agents {
  readonly http: http.Agent;
  readonly https: https.Agent;
}

/** For one origin: all of its sockets lead there, so that the key they stand under need not be put together for each request. */
class OriginAgent extends http.Agent {
  override getName(): string {
    return 'origin';
  }
}

class SecureOriginAgent extends https.Agent {
  override getName(): string {
    return 'origin';
  }
}

/** All requests made with them must go to one origin. */
export function makeAgents(): Agents {
  // No limit on sockets: calls in flight must not wait for each other. Idle ones are closed by whichever side is first.
  const options = { keepAlive: true, maxFreeSockets: 64, scheduling: 'lifo' } as const;
  return { http: new OriginAgent(options), https: new SecureOriginAgent(options) };
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
  /** It is sent once more, on a new connection: the kept-alive one was closed. `code`: how that showed. */
  readonly onRepeat?: (code: string) => void;
}

const MAX_REDIRECTS = 5;
/** A kept-alive connection that was closed already says so within a round trip; later it was the server that gave up. */
const STALE_WITHIN_MS = 1000;
const JOIN_LIMIT_BYTES = 8 * 1024;

/** A request under way. */
export interface Exchange {
  destroy(): void;
  /** All of the request has left the process. Not told of one that was sent again: the first may still be on its way. */
  isSent(): boolean;
}

/** Sends the request; gives the means to end it. `onResponse` or `onError` is called once, none after `destroy`. */
export function httpRequest(options: HttpRequestOptions): Exchange {
  let current: http.ClientRequest | undefined;
  let requests = 0;
  let ended = false;

  const go = (url: URL, redirects: number, isRepeat: boolean): void => {
    const secure = url.protocol === 'https:';
    const sentMs = performance.now();
    const request = (secure ? https : http).request({
      ...addressOf(url),
      method: options.method,
      headers: headersFor(options, url),
      // A repeat has a connection of its own: another kept-alive one may be closed as well, and it must not go out thrice.
      agent: isRepeat ? false : secure ? options.agents.https : options.agents.http,
    });
    current = request;
    requests++;
    let answered = false;
    request.on('response', (response) => {
      answered = true;
      if (ended) {
        response.destroy();
        return;
      }
      const target = redirectTarget(response, url);
      if (target && redirects < MAX_REDIRECTS) {
        response.resume();
        go(target, redirects + 1, false);
        return;
      }
      options.onResponse(response);
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (ended || answered) return;
      // Most likely the server closed an idle connection just as it was used again, and the request never reached it.
      const isReset = error.code === 'ECONNRESET' || error.code === 'EPIPE';
      if (!isRepeat && request.reusedSocket && isReset && performance.now() - sentMs < STALE_WITHIN_MS) {
        options.onRepeat?.(error.code ?? '');
        go(url, redirects, true);
        return;
      }
      options.onError(error);
    });
    const { body } = options;
    // Small bodies as a string of their bytes: Node then writes them together with the headers.
    if (body && body.length <= JOIN_LIMIT_BYTES) request.end(body.toString('latin1'), 'latin1');
    else request.end(body);
  };

  try {
    go(options.url, 0, false);
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
    // No getter: an object literal with one gets a shape of its own each time, which outlives it with all that it holds.
    isSent: () => requests === 1 && current?.writableFinished === true,
  };
}

/** Lists of headers but for the length of the body, by what they were made of; none where the request goes elsewhere. */
const lists = new WeakMap<object, { readonly url: URL; readonly list: readonly string[] | undefined }>();

/**
 * The headers for Node. On this machine as a list of names and values, which Node takes as it is, at half of the cost; what it
 * adds to an object it does not add to a list. Elsewhere as an object: proxies that VS Code puts between change those.
 */
function headersFor({ headers, body }: HttpRequestOptions, url: URL): http.OutgoingHttpHeaders | readonly string[] {
  let known = lists.get(headers);
  if (known?.url !== url) lists.set(headers, (known = { url, list: staysHere(url) ? listOf(headers, url) : undefined }));
  const { list } = known;
  if (!list) return body ? { ...headers, 'content-length': body.length } : headers;
  return body ? [...list, 'content-length', String(body.length)] : list;
}

function listOf(headers: Readonly<Record<string, string>>, url: URL): readonly string[] {
  const { auth } = addressOf(url);
  const implied = { host: isSocket(url) ? 'localhost' : url.host, ...(auth ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {}) };
  return Object.entries({ ...implied, ...headers }).flat();
}

/** To a socket or a loopback address without TLS: neither VS Code nor anybody else puts a proxy between. */
function staysHere(url: URL): boolean {
  return isSocket(url) || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

const addresses = new WeakMap<URL, http.RequestOptions>();

/**
 * Where a URL leads. `unix:///path/to/socket#/mcp` and `pipe:///pipe/name#/mcp` as in VS Code's mcp.json: the path names
 * the socket, the fragment the path on it. Kept per URL object: taking a URL apart costs as much as the rest of a request.
 */
export function addressOf(url: URL): http.RequestOptions {
  const known = addresses.get(url);
  if (known) return known;
  const address = isSocket(url) ? socketAddress(url) : networkAddress(url);
  addresses.set(url, address);
  return address;
}

/** Where a URL leads, for people: without user, password and query, which may hold secrets. */
export function placeOf(url: URL): string {
  if (!isSocket(url)) return `${url.origin}${url.pathname}`;
  return `${url.protocol}//${url.pathname}${url.hash.replace(/\?.*$/, '')}`;
}

/** The address that a server on `base` names by `text`; `undefined` where it is on another server, or none. */
export function sameServer(text: string, base: URL): URL | undefined {
  // On a socket the fragment is the path, and what stands before it is not the server's to say.
  const here = isSocket(base) ? new URL(`http://localhost${addressOf(base).path}`) : base;
  const there = URL.canParse(text, here.href) ? new URL(text, here) : undefined;
  if (there?.origin !== here.origin) return undefined;
  if (here === base) return there;
  const url = new URL(base);
  url.hash = there.pathname + there.search;
  return url;
}

function isSocket({ protocol }: URL): boolean {
  return protocol === 'unix:' || protocol === 'pipe:';
}

function socketAddress(url: URL): http.RequestOptions {
  const path = decodeURIComponent(url.pathname);
  return {
    socketPath: url.protocol === 'unix:' ? path : `\\\\.${path.replaceAll('/', '\\')}`,
    path: url.hash.length > 1 ? url.hash.slice(1) : '/',
    host: 'localhost',
  };
}

function networkAddress(url: URL): http.RequestOptions {
  const { protocol, hostname, port, pathname, search, username, password } = url;
  return {
    protocol,
    // Brackets belong to the URL, not to the address.
    hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? undefined : Number(port),
    path: pathname + search,
    ...(username === '' && password === '' ? {} : { auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` }),
  };
}

/** Redirects are followed within one origin only: elsewhere the configured headers (secrets) must not go. */
function redirectTarget(response: http.IncomingMessage, from: URL): URL | undefined {
  const { statusCode } = response;
  if (statusCode !== 307 && statusCode !== 308 && statusCode !== 301 && statusCode !== 302) return undefined;
  const location = headerOf(response, 'location');
  if (location === undefined || !URL.canParse(location, from.href)) return undefined;
  const target = new URL(location, from);
  // Who we are is not for the server to say.
  target.username = from.username;
  target.password = from.password;
  return target.origin === from.origin && from.origin !== 'null' ? target : undefined;
}

/**
 * The first header of this name, in lower case. Node's `headers` takes all of them apart when one is asked for, which costs a
 * small answer more than all else that is done to it.
 */
export function headerOf({ rawHeaders }: http.IncomingMessage, name: string): string | undefined {
  for (let k = 0; k < rawHeaders.length; k += 2) {
    const given = rawHeaders[k]!;
    if (given.length === name.length && (given === name || given.toLowerCase() === name)) return rawHeaders[k + 1];
  }
  return undefined;
}

/** Whether its body is server-sent events; names of media types are no matter of case (RFC 9110, 8.3.1). */
export function isEventStream(response: http.IncomingMessage): boolean {
  return /^text\/event-stream(?![^;\s])/i.test(headerOf(response, 'content-type') ?? '');
}

/** Collects a body, at most `maxBytes` of it; calls back once, with the body or with what is wrong. */
export function readBody(
  response: http.IncomingMessage,
  maxBytes: number,
  onBody: (body: Buffer | undefined, problem: string) => void,
): void {
  const declared = Number(headerOf(response, 'content-length') ?? 0);
  const body = new BodyCollector(declared, maxBytes);
  let isDone = false;
  const finish = (whole: Buffer | undefined, problem: string): void => {
    if (isDone) return;
    isDone = true;
    onBody(whole, problem);
  };
  const letGo = letGoOfReads(response, declared || undefined);
  response.on('data', (chunk: Buffer) => {
    letGo(chunk);
    if (body.push(chunk)) {
      // The end itself is told a turn of the task queue later.
      if (body.isWhole) finish(body.end(), '');
      return;
    }
    finish(undefined, `the answer is larger than ${maxBytes} bytes`);
    response.destroy();
  });
  response.on('end', () => finish(body.end(), ''));
  response.on('error', (error) => finish(undefined, error.message));
  response.on('close', () => finish(undefined, 'the connection was closed in the middle of the answer'));
}
