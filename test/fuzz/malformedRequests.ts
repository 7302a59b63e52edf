/**
 * Owns making requests that are wrong in some way, from a seed, so that a failure can be run again: broken HTTP, odd
 * headers and paths, bodies that are nearly JSON-RPC. Knows nothing of the gateway but its address and token.
 */
export interface Attempt {
  /** Bytes of the request, as they go over the socket. */
  readonly bytes: Buffer;
  /** The request is complete HTTP, so that an answer has to come; else the server may just close. */
  readonly wantsAnswer: boolean;
  /** The sender goes away after its last byte. */
  readonly abandons: boolean;
}

/** Mulberry32: small, quick, the same everywhere. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const FRAMES = [
  '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"f","version":"1"}}}',
  '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"a__b","arguments":{"x":[1,2,{"y":null}]},"_meta":{"progressToken":7}}}',
  '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}',
  '{"jsonrpc":"2.0","id":"mcp-shark/1","result":{"tools":[]}}',
  '[{"jsonrpc":"2.0","id":3,"method":"ping"},{"jsonrpc":"2.0","id":4,"method":"tools/list"}]',
];
const ODD_VALUES = ['null', 'true', '-0', '1e999', '9007199254740993', '""', '"\\ud800"', '[]', '{}', '{"a":{"b":[{}]}}', '"\u0000"', "'x'"];
const METHODS = ['POST', 'GET', 'DELETE', 'PUT', 'HEAD', 'OPTIONS', 'PATCH', 'TRACE', 'BREW'];
const PATHS = ['/mcp', '/mcp/', '/mcp/dead', '/mcp/nobody', '/mcp/%', '/mcp/%00', '/mcp/../mcp', '//mcp', '/mcp?x=1#y', '/.well-known/a', '/register', '/', '*', '/mcp/a/b', `/${'a'.repeat(3000)}`];

export class MalformedRequests {
  readonly #random: () => number;

  constructor(
    seed: number,
    private readonly authority: string,
    private readonly token: string,
  ) {
    this.#random = seededRandom(seed);
  }

  next(): Attempt {
    const kind = this.#random();
    if (kind < 0.55) return this.#oddMessage();
    if (kind < 0.8) return this.#oddHead();
    if (kind < 0.95) return this.#brokenHttp();
    const whole = this.#oddMessage().bytes;
    return { bytes: whole.subarray(0, this.#int(whole.length)), wantsAnswer: false, abandons: true };
  }

  #int(below: number): number {
    return Math.floor(this.#random() * below);
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#int(items.length)] as T;
  }

  /** Right in HTTP, and with the token; wrong in what it says. */
  #oddMessage(): Attempt {
    const body = this.#body();
    const session = this.#random() < 0.3 ? `Mcp-Session-Id: ${this.#pick(['nope', 'a'.repeat(500), '../..', '%00'])}\r\n` : '';
    const version = this.#random() < 0.2 ? `MCP-Protocol-Version: ${this.#pick(['2026-07-28', '1', 'x'.repeat(300)])}\r\n` : '';
    const head =
      `POST ${this.#pick(['/mcp', '/mcp/dead'])} HTTP/1.1\r\nHost: ${this.authority}\r\nAuthorization: Bearer ${this.token}\r\n` +
      `Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n${session}${version}Content-Length: ${body.length}\r\n\r\n`;
    return { bytes: Buffer.concat([Buffer.from(head, 'latin1'), body]), wantsAnswer: true, abandons: false };
  }

  #body(): Buffer {
    const frame = this.#pick(FRAMES);
    switch (this.#int(8)) {
      case 0:
        return Buffer.from(frame.slice(0, this.#int(frame.length)));
      case 1: {
        const bytes = Buffer.from(frame);
        for (let i = 0; i < 3; i++) bytes[this.#int(bytes.length)] = this.#int(256);
        return bytes;
      }
      case 2:
        return Buffer.from(frame.replace(/"(method|id|params|jsonrpc)":(?:"[^"]*"|\d+|\{)/, `"$1":${this.#pick(ODD_VALUES)}`));
      case 3:
        return Buffer.from('['.repeat(this.#int(20_000)));
      case 4:
        return Buffer.from(`{"a":${'{"a":'.repeat(this.#int(5_000))}1`);
      case 5:
        return Buffer.from(Array.from({ length: this.#int(200) }, () => this.#int(256)));
      case 6:
        return Buffer.from(frame.replace('{', `{"id":${this.#pick(ODD_VALUES)},"__proto__":${this.#pick(ODD_VALUES)},`));
      default:
        return Buffer.from(this.#pick(ODD_VALUES));
    }
  }

  /** Right in HTTP; method, path and headers as they come. */
  #oddHead(): Attempt {
    const method = this.#pick(METHODS);
    const host = this.#pick([this.authority, 'evil.example', '127.0.0.1', '']);
    const token = this.#pick([`Bearer ${this.token}`, 'Bearer x', 'Basic abc', 'Bearer', '', `Bearer ${'y'.repeat(2000)}`]);
    const origin = this.#random() < 0.3 ? `Origin: ${this.#pick(['https://evil.example', 'null', 'x', 'http://127.0.0.1:1'])}\r\n` : '';
    const length = method === 'GET' || method === 'HEAD' ? '' : 'Content-Length: 0\r\n';
    const bytes = Buffer.from(
      `${method} ${this.#pick(PATHS)} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${token}\r\n${origin}${length}\r\n`,
      'latin1',
    );
    return { bytes, wantsAnswer: method !== 'BREW', abandons: false };
  }

  #brokenHttp(): Attempt {
    const start = `POST /mcp HTTP/1.1\r\nHost: ${this.authority}\r\nAuthorization: Bearer ${this.token}\r\n`;
    const text = this.#pick([
      'hello\r\n\r\n',
      '\r\n\r\n\r\n',
      'GET /mcp\r\n\r\n',
      'GET /mcp HTTP/9.9\r\n\r\n',
      `${start}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
      `${start}Content-Length: -1\r\n\r\n`,
      `${start}Content-Length: 99999999999999999999\r\n\r\n`,
      `${start}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`,
      `${start}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
      `${start}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n`,
      `${start}X: ${'a'.repeat(40_000)}\r\n\r\n`,
      `${start}Bad Header\r\n\r\n`,
      `${start}X: a\u0000b\r\n\r\n`,
      Array.from({ length: 200 }, () => String.fromCharCode(this.#int(256))).join(''),
    ]);
    return { bytes: Buffer.from(text, 'latin1'), wantsAnswer: false, abandons: this.#random() < 0.5 };
  }
}
