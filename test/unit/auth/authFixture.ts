/**
 * UpstreamAuth with ports that tests can look into, and the way a transport uses it: ask for the header, send, answer a
 * refusal once.
 */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { randomBytes } from 'node:crypto';
import { loopbackRedirect } from '../../../src/extension/auth/loopbackRedirect';
import type { ConsentRequest, FetchPort, RedirectPort, SecretPort, UpstreamAuth, UpstreamTarget } from '../../../src/extension/auth/types';
import { createUpstreamAuth } from '../../../src/extension/auth/upstreamAuth';
import { Emitter } from '../../../src/extension/util/event';
import { FakeClock } from '../util/fakeClock';
import { HeadlessBrowser, type Page } from './headlessBrowser';

export class MemorySecrets implements SecretPort {
  readonly values = new Map<string, string>();
  readonly #changed = new Emitter<string>();
  readonly onDidChange = this.#changed.event;
  get = (key: string): Promise<string | undefined> => Promise.resolve(this.values.get(key));
  set = (key: string, value: string): Promise<void> => {
    this.values.set(key, value);
    this.#changed.fire(key);
    return Promise.resolve();
  };
  delete = (key: string): Promise<void> => {
    this.values.delete(key);
    this.#changed.fire(key);
    return Promise.resolve();
  };
  /** The record with tokens. */
  get record(): { issuer: string; scope?: string; verifier?: string; client?: { id: string; redirectUri: string }; tokens?: { access: string; refresh?: string } } | undefined {
    const text = [...this.values.values()].find((value) => value.includes('"server"'));
    return text === undefined ? undefined : (JSON.parse(text) as NonNullable<MemorySecrets['record']>);
  }
}

export interface AuthFixtureOptions {
  readonly secrets?: MemorySecrets;
  readonly clock?: FakeClock;
  readonly fetch?: FetchPort;
  readonly consent?: (request: ConsentRequest) => Promise<boolean>;
  /** What opening the browser does; by default it visits the page. */
  readonly open?: (url: string, browser: HeadlessBrowser) => Promise<boolean>;
  readonly redirects?: readonly RedirectPort[];
}

export interface AuthFixture {
  readonly auth: UpstreamAuth;
  readonly secrets: MemorySecrets;
  readonly clock: FakeClock;
  readonly browser: HeadlessBrowser;
  readonly asked: ConsentRequest[];
  readonly log: string[];
  readonly pages: Page[];
  /** What the user is shown while the browser is open. */
  cancel: (() => void) | undefined;
}

export function createAuth(options: AuthFixtureOptions = {}): AuthFixture {
  const { secrets = new MemorySecrets(), clock = new FakeClock() } = options;
  const browser = new HeadlessBrowser();
  const asked: ConsentRequest[] = [];
  const log: string[] = [];
  const pages: Page[] = [];
  const write = (message: string, ...details: unknown[]): void => void log.push([message, ...details.map(String)].join(' '));
  const fixture: AuthFixture = {
    auth: createUpstreamAuth({
      secrets,
      clock,
      fetch: options.fetch ?? ((url, init) => fetch(url, init)),
      redirects: options.redirects ?? [loopbackRedirect()],
      logger: { trace: write, debug: write, info: write, warn: write, error: write },
      randomId: (bytes) => randomBytes(bytes).toString('base64url'),
      random: () => 0,
      consent: {
        ask: (request) => {
          asked.push(request);
          return options.consent?.(request) ?? Promise.resolve(true);
        },
        waiting: (_request, cancel) => {
          fixture.cancel = cancel;
          return { dispose: () => (fixture.cancel = undefined) };
        },
      },
      browser: {
        open: async (url) => {
          if (options.open) return options.open(url, browser);
          pages.push(await browser.open(url));
          return true;
        },
      },
    }),
    secrets,
    clock,
    browser,
    asked,
    log,
    pages,
    cancel: undefined,
  };
  return fixture;
}

/** As the HTTP transports do it. */
export function authorizedFetch(auth: UpstreamAuth, target: UpstreamTarget): FetchPort {
  return async (url, init) => {
    for (let attempt = 0; ; attempt += 1) {
      const known = auth.known(target);
      const sent = known ? known.header : await auth.authorization(target);
      const headers = new Headers(init?.headers);
      if (sent !== undefined) headers.set('authorization', sent);
      const response = await fetch(url, { ...init, headers });
      const { status } = response;
      if ((status !== 401 && status !== 403) || attempt > 0) return response;
      const wwwAuthenticate = response.headers.get('www-authenticate') ?? undefined;
      if (!(await auth.challenged(target, { status, sent, ...(wwwAuthenticate === undefined ? {} : { wwwAuthenticate }) }))) return response;
      await response.body?.cancel();
    }
  };
}

/** One tool call over a new MCP connection; gives the text of the answer. */
export async function callTool(auth: UpstreamAuth, target: UpstreamTarget, name: string): Promise<string> {
  const client = new Client({ name: 'test', version: '1' });
  try {
    await client.connect(new StreamableHTTPClientTransport(new URL(target.url), { fetch: authorizedFetch(auth, target) }));
    const { content } = (await client.callTool({ name })) as { content: { text: string }[] };
    return content[0]!.text;
  } finally {
    await client.close();
  }
}
