/**
 * Owns the loopback redirect (RFC 8252 section 7.3): a listener on 127.0.0.1, on the port of the registration where that
 * is free and otherwise on one the system gives, open only while a sign-in waits. Invariants: bound to loopback only;
 * the page it answers with is fixed text without scripts, nothing of the request is in it; after one right answer, or
 * `dispose`, nothing listens any more.
 */
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwaitedAnswer } from './redirectAnswer';
import type { RedirectPort, RedirectReceiver } from './types';

const HOST = '127.0.0.1';
const PATH = '/oauth/callback';
const REQUEST_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 16;

export interface LoopbackTexts {
  readonly title: string;
  /** The answer was taken. */
  readonly done: string;
  /** It was not: wrong, late, or for another sign-in. */
  readonly refused: string;
}

const ENGLISH: LoopbackTexts = {
  title: 'MCP Shark',
  done: 'MCP Shark has received the answer. You can close this page and go back to the editor.',
  refused: 'This is not the answer MCP Shark is waiting for. Start the sign-in again from the editor.',
};

export interface LoopbackOptions {
  readonly texts?: LoopbackTexts;
  /** Makes the address that the browser can reach of the one listened at: remote windows forward ports. */
  readonly external?: (redirectUri: string) => Promise<string>;
}

export function loopbackRedirect({ texts = ENGLISH, external }: LoopbackOptions = {}): RedirectPort {
  return {
    async open(state, preferred) {
      const listener = new LoopbackListener(state, texts);
      try {
        const uri = await listener.listen(portOf(preferred));
        return { redirectUri: external ? await external(uri) : uri, response: listener.response, dispose: () => listener.dispose() };
      } catch (error) {
        listener.dispose();
        throw error;
      }
    },
  };
}

class LoopbackListener implements Pick<RedirectReceiver, 'response' | 'dispose'> {
  readonly #awaited: AwaitedAnswer;
  readonly #server: http.Server;

  constructor(
    state: string,
    private readonly texts: LoopbackTexts,
  ) {
    this.#awaited = new AwaitedAnswer(state);
    this.#server = http.createServer(
      { maxHeaderSize: 32 * 1024, requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
      (request, response) => this.#answer(request, response),
    );
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.on('error', () => undefined);
  }

  get response(): RedirectReceiver['response'] {
    return this.#awaited.response;
  }

  async listen(port: number): Promise<string> {
    const bound = await this.#bind(port).catch((error: unknown) => {
      if (port === 0) throw error;
      return this.#bind(0);
    });
    return `http://${HOST}:${bound}${PATH}`;
  }

  dispose(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #bind(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host: HOST, port, exclusive: true }, () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  #answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const url = URL.canParse(request.url ?? '', `http://${HOST}`) ? new URL(request.url ?? '', `http://${HOST}`) : undefined;
    if (url?.pathname !== PATH) return this.#page(response, 404, this.texts.refused);
    if (request.method !== 'GET') return this.#page(response, 405, this.texts.refused);
    const taken = this.#awaited.take(url.searchParams);
    this.#page(response, taken ? 200 : 400, taken ? this.texts.done : this.texts.refused);
    // Nothing more is accepted, but the page itself still gets out.
    if (this.#awaited.isOver) this.#server.close();
  }

  #page(response: http.ServerResponse, status: number, text: string): void {
    response.writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      'cache-control': 'no-store',
      // The address holds the code: it must not go on with a link or a request for an icon.
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      connection: 'close',
    });
    response.end(
      `<!doctype html><html><head><meta charset="utf-8"><title>${escapeHtml(this.texts.title)}</title>` +
        '<style>body{font:16px/1.5 system-ui,sans-serif;max-width:32em;margin:15vh auto;padding:0 1em;color-scheme:light dark}</style>' +
        `</head><body><h1>${escapeHtml(this.texts.title)}</h1><p>${escapeHtml(text)}</p></body></html>\n`,
    );
  }
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** The port of a redirect URI of ours; 0 (any) for all others. */
function portOf(redirectUri: string | undefined): number {
  if (redirectUri === undefined || !URL.canParse(redirectUri)) return 0;
  const url = new URL(redirectUri);
  return url.protocol === 'http:' && url.hostname === HOST && url.pathname === PATH ? Number(url.port) : 0;
}
