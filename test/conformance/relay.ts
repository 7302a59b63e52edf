/**
 * Owns the relay that stands between the conformance suite and what it tests: the suite sends no token, knows one path and
 * calls tools by their own names. The relay adds the token, moves `/mcp` to the target's path and, for an aggregate, puts a
 * prefix before tool and prompt names in requests and takes it off in lists. Everything else passes byte for byte and chunk
 * by chunk, both ways, disconnects included. Invariant: it hides nothing. A Host or Origin that is not the relay's own goes
 * through as it came, so that the target's own check has to refuse it, and a name without the prefix stays as it is.
 */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { pipeline, Transform, type TransformCallback } from 'node:stream';

export interface RelayOptions {
  /** Where `/mcp` goes: `http://127.0.0.1:PORT/PATH`. */
  readonly target: string;
  /** Sent as `Authorization: Bearer`, in place of whatever the client sent. */
  readonly token?: string;
  /** Put before the names of tools and prompts, e.g. `conf__`. */
  readonly prefix?: string;
  /** Sees every request and every chunk of every answer, for finding out what went wrong. */
  readonly trace?: (line: string) => void;
}

export interface Relay {
  readonly url: string;
  close(): Promise<void>;
}

type Json = Record<string, unknown>;

export async function startRelay(options: RelayOptions): Promise<Relay> {
  const target = new URL(options.target);
  const sockets = new Set<Socket>();
  let exchanges = 0;

  const listener = createServer((request, response) => {
    const label = `#${++exchanges}`;
    const trace = options.trace && ((text: string): void => options.trace?.(`${label} ${text}`));
    forward(request, response, options, target, trace).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      trace?.(`relay failed: ${message}`);
      if (response.headersSent) response.destroy();
      else response.writeHead(502, { 'content-type': 'text/plain' }).end(`relay: ${message}`);
    });
  });
  // A stream may be silent for as long as it likes, and a slow body is the target's to judge.
  listener.requestTimeout = 0;
  listener.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/mcp`,
    close: () =>
      new Promise((resolve, reject) => {
        listener.close((error) => (error ? reject(error) : resolve()));
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { token, prefix }: RelayOptions,
  target: URL,
  trace: ((text: string) => void) | undefined,
): Promise<void> {
  const path = (request.url ?? '/').replace(/^\/mcp(?=$|\?)/, target.pathname);
  const own = `127.0.0.1:${request.socket.localPort}`;
  let headers = request.rawHeaders.map((value, index) => {
    if (index % 2 === 0) return value;
    const name = request.rawHeaders[index - 1]?.toLowerCase();
    if (name === 'host' && value === own) return target.host;
    return name === 'origin' && value === `http://${own}` ? target.origin : value;
  });
  if (token !== undefined) headers = [...without(headers, 'authorization'), 'Authorization', `Bearer ${token}`];

  // Only a request that may carry a name is read whole; with no prefix every body streams.
  let body: Buffer | undefined;
  if (prefix !== undefined && request.method === 'POST') {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    body = qualifyRequest(Buffer.concat(chunks), prefix);
    headers = [...without(without(headers, 'content-length'), 'transfer-encoding'), 'Content-Length', String(body.length)];
  }
  trace?.(`${request.method} ${path} ${pairs(headers)}`);

  const upstream = httpRequest({ host: target.hostname, port: target.port, method: request.method, path, headers, agent: false });
  response.on('close', () => {
    if (!response.writableFinished) {
      trace?.('the client went away');
      upstream.destroy();
    }
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    upstream.on('response', resolve).on('error', reject);
  });
  if (body) {
    trace?.(`> ${body.toString()}`);
    upstream.end(body);
  } else {
    if (trace) request.on('data', (chunk: Buffer) => trace(`> ${chunk.toString()}`));
    pipeline(request, upstream, () => {
      // A failed body shows as the end of the answer, or as no answer.
    });
  }

  const answer = await answered;
  trace?.(`${answer.statusCode} ${pairs(answer.rawHeaders)}`);
  if (trace) answer.on('data', (chunk: Buffer) => trace(`< ${JSON.stringify(chunk.toString())}`)).on('aborted', () => trace('< cut off'));
  const rewriter = prefix === undefined ? undefined : rewriterFor(answer.headers['content-type'], prefix);
  response.sendDate = false;
  response.writeHead(
    answer.statusCode ?? 502,
    answer.statusMessage,
    rewriter ? without(answer.rawHeaders, 'content-length') : answer.rawHeaders,
  );
  // The headers of a stream come long before its first event.
  response.flushHeaders();
  const done = (): void => {
    // pipeline has destroyed the other side already: the client sees a cut where the target cut.
  };
  if (rewriter) pipeline(answer, rewriter, response, done);
  else pipeline(answer, response, done);
}

function without(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, index) => rawHeaders[index - (index % 2)]?.toLowerCase() !== name);
}

function pairs(rawHeaders: readonly string[]): string {
  return JSON.stringify(Array.from({ length: rawHeaders.length / 2 }, (_, at) => `${rawHeaders[2 * at]}: ${rawHeaders[2 * at + 1]}`));
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parses JSON; undefined for what is none, which then passes as it is. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The same bytes unless the request names a tool or a prompt. */
function qualifyRequest(body: Buffer, prefix: string): Buffer {
  const message = parse(body.toString());
  if (!isObject(message) || !isObject(message.params)) return body;
  const named = message.method === 'completion/complete' ? message.params.ref : message.params;
  const names = message.method === 'tools/call' || message.method === 'prompts/get';
  if (!isObject(named) || typeof named.name !== 'string' || !(names || named.type === 'ref/prompt')) return body;
  named.name = prefix + named.name;
  return Buffer.from(JSON.stringify(message));
}

/** The message with bare names when it is a list of tools or prompts with qualified ones; undefined when it may stay. */
function unqualifyList(text: string, prefix: string): string | undefined {
  const message = parse(text);
  if (!isObject(message) || !isObject(message.result)) return undefined;
  const { tools, prompts } = message.result;
  let changed = false;
  for (const item of [tools, prompts].flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []))) {
    if (!isObject(item) || typeof item.name !== 'string' || !item.name.startsWith(prefix)) continue;
    item.name = item.name.slice(prefix.length);
    changed = true;
  }
  return changed ? JSON.stringify(message) : undefined;
}

function rewriterFor(contentType: string | undefined, prefix: string): Transform | undefined {
  if (contentType?.includes('text/event-stream')) return new EventRewriter(prefix);
  return contentType?.includes('application/json') ? new JsonRewriter(prefix) : undefined;
}

/** Passes each event on when it is complete; latin1 keeps one character per byte, so that what stays is the same bytes. */
class EventRewriter extends Transform {
  private pending = '';

  constructor(private readonly prefix: string) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.pending += chunk.toString('latin1');
    for (let end = /\r?\n\r?\n/.exec(this.pending); end; end = /\r?\n\r?\n/.exec(this.pending)) {
      const event = this.pending.slice(0, end.index + end[0].length);
      this.pending = this.pending.slice(event.length);
      this.push(this.rewrite(event));
    }
    callback();
  }

  override _flush(callback: TransformCallback): void {
    callback(null, Buffer.from(this.pending, 'latin1'));
  }

  private rewrite(event: string): Buffer {
    const original = Buffer.from(event, 'latin1');
    const lines = original.toString().split(/\r?\n/);
    const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.replace(/^data: ?/, ''));
    const replaced = unqualifyList(data.join('\n'), this.prefix);
    if (replaced === undefined) return original;
    const others = lines.filter((line) => line !== '' && !line.startsWith('data:'));
    return Buffer.from([...others, `data: ${replaced}`, '', ''].join('\n'));
  }
}

class JsonRewriter extends Transform {
  private readonly chunks: Buffer[] = [];

  constructor(private readonly prefix: string) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.chunks.push(chunk);
    callback();
  }

  override _flush(callback: TransformCallback): void {
    const body = Buffer.concat(this.chunks);
    callback(null, unqualifyList(body.toString(), this.prefix) ?? body);
  }
}
