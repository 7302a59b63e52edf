/**
 * Owns an MCP client over node:http that sends exactly the bytes it is given and shows exactly the bytes it gets: for
 * what the SDK's client would hide.
 */
import * as http from 'node:http';
import { SseParser } from '../../../src/extension/proxy/transports/sseParser';

export interface RawAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** The JSON body, or the data of every SSE event with data. */
  readonly messages: string[];
  readonly eventIds: string[];
  readonly body: string;
}

export interface RawStream {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly messages: string[];
  readonly eventIds: string[];
  readonly ended: Promise<void>;
  close(): void;
}

export class RawClient {
  sessionId: string | undefined;
  readonly #agent = new http.Agent({ keepAlive: true });

  constructor(
    private readonly url: string,
    private readonly headers: Readonly<Record<string, string>>,
  ) {}

  /** Shakes hands; gives the answer to initialize. */
  async open(capabilities = '{}', version = '2025-11-25'): Promise<RawAnswer> {
    const answer = await this.post(
      `{"jsonrpc":"2.0","id":"init","method":"initialize","params":{"protocolVersion":"${version}","capabilities":${capabilities},"clientInfo":{"name":"raw","version":"1"}}}`,
    );
    this.sessionId = answer.headers['mcp-session-id'] as string | undefined;
    if (this.sessionId !== undefined) await this.post('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    return answer;
  }

  async post(body: string | Buffer, headers: Record<string, string> = {}): Promise<RawAnswer> {
    const stream = await this.stream('POST', body, headers);
    await stream.ended;
    return stream as unknown as RawAnswer;
  }

  call(id: number | string, name: string, args: unknown = {}): Promise<RawAnswer> {
    const params = JSON.stringify({ name, arguments: args });
    return this.post(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"tools/call","params":${params}}`);
  }

  /** Resolves once headers are there; what comes afterwards is added as it comes. */
  stream(method: string, body: string | Buffer | undefined, headers: Record<string, string> = {}): Promise<RawStream> {
    return new Promise((resolve, reject) => {
      const request = http.request(
        this.url,
        {
          method,
          agent: this.#agent,
          headers: {
            accept: method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...(this.sessionId === undefined ? {} : { 'mcp-session-id': this.sessionId }),
            ...this.headers,
            ...headers,
          },
        },
        (response) => {
          const messages: string[] = [];
          const eventIds: string[] = [];
          const chunks: Buffer[] = [];
          const isSse = (response.headers['content-type'] ?? '').startsWith('text/event-stream');
          const parser = new SseParser((event) => {
            if (event.id !== undefined) eventIds.push(event.id);
            if (event.data.length > 0) messages.push(event.data.toString());
          });
          const out = {
            status: response.statusCode ?? 0,
            headers: response.headers,
            messages,
            eventIds,
            body: '',
            ended: new Promise<void>((done) => {
              response.once('close', () => {
                out.body = Buffer.concat(chunks).toString();
                if (!isSse && out.body !== '') messages.push(out.body);
                done();
              });
            }),
            close: () => request.destroy(),
          };
          response.on('data', (chunk: Buffer) => {
            if (isSse) parser.push(chunk);
            else chunks.push(chunk);
          });
          response.on('error', () => undefined);
          resolve(out);
        },
      );
      request.once('error', reject);
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
