/**
 * Owns the HTTP endpoint on 127.0.0.1: who may come in, which path is whose, body limits and time-outs. Every refusal is
 * answered with a JSON-RPC error body and recorded as `http.rejected` (never with a token in it).
 */
import type { Buffer } from 'node:buffer';
import * as http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Recorder } from '../capture/types';
import { scanEnvelope, type Envelope } from '../mcp/envelope';
import { PROTOCOL_VERSIONS } from '../mcp/initialize';
import { errorFrame, INVALID_REQUEST, PARSE_ERROR } from '../mcp/messages';
import type { Clock } from '../util/clock';
import { AppError } from '../util/errors';
import type { DownstreamSession } from './downstreamSession';
import { Guard } from './guard';
import { MAX_RECORDED_PATH, messageFacts, RefusalLog } from './refusalLog';
import { BodyCollector } from './transports/bodyCollector';

/** A client has this long to send its headers, and this long for a whole request. */
const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 120_000;
const KEEP_ALIVE_MS = 120_000;
const MAX_CONNECTIONS = 1024;
const MAX_KNOWN_PATHS = 256;

const ignore = (): void => undefined;

/** What a path stands for; `server` absent: the aggregate. */
export interface Endpoint {
  readonly server?: string;
}

/** The sessions behind the listener. */
export interface SessionHost {
  readonly hasServer: (name: string) => boolean;
  find(wireId: string, endpoint: Endpoint): DownstreamSession | undefined;
  /** Opens a session for an `initialize`; `undefined`: no more sessions are accepted. */
  open(endpoint: Endpoint, isPlayground: boolean): DownstreamSession | undefined;
  /** Ends a session at the client's wish. */
  end(session: DownstreamSession): void;
}

export interface ListenerOptions {
  readonly host: SessionHost;
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly token: string;
  /** Who sends this one instead is the Playground. */
  readonly playgroundToken?: string;
  /** A token that outlives the window, for clients whose configuration holds it; asked at each request that sends another. */
  readonly clientToken?: () => string | undefined;
  /** 0: a free one. */
  readonly port: number;
  readonly maxBodyBytes: number;
}

export class HttpListener {
  readonly #server: http.Server;
  readonly #sockets = new Set<Socket>();
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #refusals: RefusalLog;
  #guard: Guard | undefined;
  #playgroundGuard: Guard | undefined;

  constructor(private readonly options: ListenerOptions) {
    this.#refusals = new RefusalLog(options.recorder, options.clock);
    this.#server = http.createServer(
      {
        noDelay: true,
        keepAlive: true,
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
        connectionsCheckingInterval: 5_000,
        maxHeaderSize: 32 * 1024,
      },
      (request, response) => this.#handle(request, response),
    );
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
      if (error.code !== 'ECONNRESET') this.#record('-', '-', isLate ? 408 : 400, isLate ? 'too slow' : (error.code ?? 'malformed HTTP'));
      if (socket.writable && error.code !== 'ECONNRESET') {
        const status = isLate ? '408 Request Timeout' : '400 Bad Request';
        socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      } else socket.destroy();
    });
    // One that comes after listening began (accepting failed for want of memory, say) costs a connection, not the process.
    this.#server.on('error', () => undefined);
    // A WebSocket or proxy tunnel is nothing this endpoint serves.
    this.#server.on('upgrade', (_request, socket) => socket.destroy());
    this.#server.on('connect', (_request, socket) => socket.destroy());
  }

  /** Listens on 127.0.0.1; gives the port. Rejects with `gateway.listenFailed`. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        const why =
          error.code === 'EADDRINUSE' ? `port ${this.options.port} is taken by another program` : error.message;
        reject(new AppError('gateway.listenFailed', `The gateway cannot listen on 127.0.0.1: ${why}`, { cause: error }));
      });
      this.#server.listen(this.options.port, '127.0.0.1', () => {
        const { port } = this.#server.address() as AddressInfo;
        const { token, playgroundToken } = this.options;
        this.#guard = new Guard(token, port);
        this.#playgroundGuard = playgroundToken === undefined ? undefined : new Guard(playgroundToken, port);
        resolve(port);
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => {
        this.#refusals.dispose();
        resolve();
      });
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  #handle(request: http.IncomingMessage, response: http.ServerResponse): void {
    // A client that goes away in the middle is no failure of ours.
    request.on('error', ignore);
    response.on('error', ignore);
    const path = pathOf(request.url ?? '/');
    // OAuth discovery must find nothing here: a 401 would start a login that leads nowhere.
    const isDiscovery = path.startsWith('/.well-known/') || path === '/register';
    const refused = this.#guard?.check(request.headers);
    const refusal = refused?.status === 401 && (this.#isPlayground(request) || this.#hasClientToken(request)) ? undefined : refused;
    if (refusal && !(isDiscovery && refusal.status === 401)) {
      const extra = refusal.status === 401 ? { 'www-authenticate': 'Bearer realm="MCP Shark"' } : undefined;
      // Who it was that tried, for the log; never the token.
      const foreign = refusal.status === 403 ? () => ({ [refusal.reason]: request.headers[refusal.reason]?.slice(0, MAX_RECORDED_PATH) }) : undefined;
      this.#refuse(request, response, refusal.status, refusal.reason, refusal.message, extra, undefined, foreign);
      return;
    }
    const endpoint = this.#endpointOf(path);
    if (!endpoint || (endpoint.server !== undefined && !this.options.host.hasServer(endpoint.server))) {
      const missing =
        endpoint?.server === undefined
          ? 'Not found: the endpoints are /mcp and /mcp/<server>'
          : `Not found: no server "${endpoint.server}" is configured`;
      const message = isDiscovery ? 'Not found: there is no login here; send the gateway\'s token as "Authorization: Bearer …"' : missing;
      this.#refuse(request, response, 404, isDiscovery ? 'discovery' : 'path', message);
      return;
    }
    switch (request.method) {
      case 'POST':
        this.#post(request, response, endpoint);
        return;
      case 'GET':
      case 'DELETE': {
        const session = this.#sessionOf(request, response, endpoint);
        if (!session) return;
        if (request.method === 'DELETE') {
          this.options.host.end(session);
          response.writeHead(200).end();
          return;
        }
        if (!(request.headers.accept ?? '*/*').match(/text\/event-stream|\*\/\*/)) {
          this.#refuse(request, response, 406, 'accept', 'Not acceptable: a GET opens an event stream; accept text/event-stream');
          return;
        }
        session.receiveGet(request, response);
        return;
      }
      default:
        this.#refuse(request, response, 405, 'method', 'Method not allowed', { allow: 'GET, POST, DELETE' });
    }
  }

  #isPlayground(request: http.IncomingMessage): boolean {
    return this.#playgroundGuard !== undefined && this.#playgroundGuard.check(request.headers) === undefined;
  }

  #hasClientToken(request: http.IncomingMessage): boolean {
    const token = this.options.clientToken?.();
    if (!token) return false;
    return new Guard(token, (this.#server.address() as AddressInfo).port).check(request.headers) === undefined;
  }

  /** Kept, since clients use the same few paths for ever; bounded, since anybody may send others. */
  #endpointOf(path: string): Endpoint | undefined {
    const known = this.#endpoints.get(path);
    if (known) return known;
    const endpoint = endpointOf(path);
    if (endpoint && this.#endpoints.size < MAX_KNOWN_PATHS) this.#endpoints.set(path, endpoint);
    return endpoint;
  }

  #sessionOf(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    endpoint: Endpoint,
    facts?: () => Record<string, unknown>,
  ): DownstreamSession | undefined {
    const wireId = request.headers['mcp-session-id'];
    if (typeof wireId !== 'string') {
      const message = 'Bad request: no Mcp-Session-Id header; a session begins with an initialize request';
      this.#refuse(request, response, 400, 'session missing', message, undefined, undefined, facts);
      return undefined;
    }
    const session = this.options.host.find(wireId, endpoint);
    if (!session) this.#refuse(request, response, 404, 'session unknown', 'Session not found: initialize again', undefined, -32001, facts);
    return session;
  }

  /** MCP 2025-11-25, transports, "Protocol Version Header": 400 for a version that is not supported. */
  #versionIsKnown(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    session: DownstreamSession,
    facts: () => Record<string, unknown>,
  ): boolean {
    const version = request.headers['mcp-protocol-version'];
    if (version === undefined || version === session.protocolVersion) return true;
    if (typeof version === 'string' && PROTOCOL_VERSIONS.includes(version)) return true;
    const message = `Bad request: unsupported MCP-Protocol-Version ${String(version)}`;
    this.#refuse(request, response, 400, 'protocol version', message, undefined, undefined, facts);
    return false;
  }

  #post(request: http.IncomingMessage, response: http.ServerResponse, endpoint: Endpoint): void {
    const { maxBodyBytes } = this.options;
    const declared = Number(request.headers['content-length'] ?? 0);
    const tooLarge = (bytes: number): void => {
      const message = `The body is larger than the limit of ${maxBodyBytes} bytes (mcpShark.endpoint.maxBodyMb)`;
      this.#refuse(request, response, 413, 'body too large', message, { connection: 'close' }, undefined, () => ({ bytes }));
    };
    if (declared > maxBodyBytes) {
      tooLarge(declared);
      return;
    }
    const wireId = request.headers['mcp-session-id'];
    const held = typeof wireId === 'string' ? this.options.host.find(wireId, endpoint)?.held() : undefined;
    // Its server does not keep up: what the client sends next waits in the network, and so does the client.
    if (held) held(() => this.#readPost(request, response, endpoint, declared, tooLarge));
    else this.#readPost(request, response, endpoint, declared, tooLarge);
  }

  #readPost(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    endpoint: Endpoint,
    declared: number,
    tooLarge: (bytes: number) => void,
  ): void {
    const body = new BodyCollector(declared, this.options.maxBodyBytes);
    let isOver = false;
    const finish = (): void => {
      if (isOver) return;
      isOver = true;
      this.#postBody(request, response, endpoint, body.end());
    };
    request.on('data', (chunk: Buffer) => {
      if (!body.push(chunk)) {
        if (!isOver) tooLarge(body.length);
        isOver = true;
      } else if (body.isWhole) finish();
    });
    request.on('end', finish);
  }

  #postBody(request: http.IncomingMessage, response: http.ServerResponse, endpoint: Endpoint, body: Buffer): void {
    const envelope = scanEnvelope(body);
    const wireId = request.headers['mcp-session-id'];
    const isInitialize = envelope.kind === 'request' && envelope.method === 'initialize';
    // A client may send the id of a session that is over along with its new beginning (VS Code does).
    if (isInitialize && (typeof wireId !== 'string' || !this.options.host.find(wireId, endpoint))) {
      this.#initialize(request, response, endpoint, body, envelope);
      return;
    }
    const facts = (): Record<string, unknown> => messageFacts(request, body, envelope);
    if (wireId === undefined && envelope.malformed) {
      this.#refuse(request, response, 400, 'not JSON', `Parse error: ${envelope.problem}`, undefined, PARSE_ERROR, facts);
      return;
    }
    const session = this.#sessionOf(request, response, endpoint, facts);
    if (session && this.#versionIsKnown(request, response, session, facts)) session.receivePost(body, envelope, request, response);
  }

  #initialize(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    endpoint: Endpoint,
    body: Buffer,
    envelope: Envelope,
  ): void {
    const session = this.options.host.open(endpoint, this.#isPlayground(request));
    if (!session) {
      const facts = (): Record<string, unknown> => messageFacts(request, body, envelope);
      this.#refuse(request, response, 503, 'too many sessions', 'Too many sessions are open', undefined, undefined, facts);
      return;
    }
    session.onHandshakeAnswered = (ok) => {
      if (!ok) this.options.host.end(session);
    };
    // Who was never told the session's id cannot come back to it.
    response.once('close', () => {
      if (!response.headersSent) this.options.host.end(session);
    });
    session.receivePost(body, envelope, request, response);
  }

  #refuse(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    status: number,
    reason: string,
    message: string,
    headers?: Record<string, string>,
    code = INVALID_REQUEST,
    more?: () => Record<string, unknown>,
  ): void {
    this.#record(request.method ?? '?', request.url ?? '/', status, reason, more);
    const body = errorFrame(undefined, code, message);
    // Read away what still comes, so that the client gets to see the answer; but not for ever.
    request.resume();
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length, ...headers });
    response.end(body);
    if (headers?.connection === 'close') response.once('finish', () => request.socket.destroySoon());
  }

  #record(method: string, url: string, status: number, reason: string, more?: () => Record<string, unknown>): void {
    this.#refusals.record({ method, path: pathOf(url).slice(0, MAX_RECORDED_PATH), status, reason }, more);
  }
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  const hash = path.indexOf('#');
  return hash < 0 ? path : path.slice(0, hash);
}

/** `/mcp` or `/mcp/<server>`, the name percent-encoded; a slash in it need not be, since VS Code's `Uri` decodes it. */
function endpointOf(path: string): Endpoint | undefined {
  if (path === '/mcp' || path === '/mcp/') return {};
  const match = /^\/mcp\/([^/].*?)\/?$/.exec(path);
  if (!match) return undefined;
  try {
    return { server: decodeURIComponent(match[1]!) };
  } catch {
    return undefined;
  }
}
