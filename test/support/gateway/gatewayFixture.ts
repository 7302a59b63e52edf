/** Owns a running gateway for tests: real listener, real servers, in-memory recorder; closed with everything it started. */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { createGateway } from '../../../src/extension/proxy/gateway';
import type { Gateway, GatewayOptions } from '../../../src/extension/proxy/types';
import { inheritedEnvironment } from '../../../src/extension/servers/environment';
import type { ConfiguredServer, ResolvedServer } from '../../../src/extension/servers/types';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { MemoryRecorder } from './memoryRecorder';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const EVERYTHING = `${ROOT}node_modules/@modelcontextprotocol/server-everything/dist/index.js`;
export const TOKEN = 'a-token-for-tests';

export function stdioServer(
  name: string,
  file: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): ConfiguredServer {
  return commandServer(name, process.execPath, [file.startsWith('/') ? file : `${ROOT}test/servers/${file}`, ...args], env);
}

export function commandServer(
  name: string,
  command: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): ConfiguredServer {
  const config = { type: 'stdio', command, args, env } as const;
  return { name, config, file: '/mcp-shark.json', line: 1, fingerprint: JSON.stringify(config) };
}

export function httpServer(
  name: string,
  url: string,
  headers: Readonly<Record<string, string>> = {},
  type: 'http' | 'sse' = 'http',
): ConfiguredServer {
  const config = { type, url, headers } as const;
  return { name, config, file: '/mcp-shark.json', line: 1, fingerprint: JSON.stringify(config) };
}

/** Takes everything as it is written. */
export const plainResolver = {
  resolve(server: ConfiguredServer): Promise<ResolvedServer> {
    const { name, config } = server;
    if (config.type !== 'stdio') return Promise.resolve({ name, type: config.type, url: config.url, headers: config.headers });
    const own = Object.fromEntries(Object.entries(config.env).map(([key, value]) => [key, String(value)]));
    const env = { ...inheritedEnvironment(process.env), ...own };
    return Promise.resolve({ name, type: 'stdio', command: config.command, args: config.args, env, cwd: config.cwd ?? ROOT });
  },
};

export interface GatewayFixture {
  readonly gateway: Gateway;
  readonly recorder: MemoryRecorder;
  readonly url: string;
  /** Headers of a client that may come in. */
  readonly headers: Readonly<Record<string, string>>;
  connect(path?: string, client?: Client): Promise<ConnectedClient>;
  close(): Promise<void>;
}

export interface ConnectedClient {
  readonly client: Client;
  readonly transport: StreamableHTTPClientTransport;
}

export async function startGateway(
  servers: readonly ConfiguredServer[],
  options: Partial<GatewayOptions> = {},
): Promise<GatewayFixture> {
  const recorder = new MemoryRecorder();
  const gateway = createGateway({
    recorder,
    resolver: plainResolver,
    clock: systemClock,
    logger: nullLogger,
    randomId: (bytes) => randomBytes(bytes).toString('base64url'),
    token: TOKEN,
    port: 0,
    version: '9.9.9',
    // A busy machine must not turn the JSON answers that tests look at into streams.
    lazyMs: 10_000,
    ...options,
  });
  gateway.setServers(servers);
  const url = await gateway.start();
  const headers = { authorization: `Bearer ${TOKEN}` };
  const clients: Client[] = [];
  return {
    gateway,
    recorder,
    url,
    headers,
    async connect(path = '/mcp', client = new Client({ name: 'test-client', version: '1.2.3' })) {
      const transport = new StreamableHTTPClientTransport(new URL(url + path), { requestInit: { headers } });
      clients.push(client);
      await client.connect(transport);
      return { client, transport };
    },
    async close() {
      for (const client of clients) await client.close().catch(() => undefined);
      await gateway.close();
    },
  };
}

/** The hand-written server of test/servers/scripted.mjs. */
export function scriptedServer(name: string, script: Readonly<Record<string, unknown>> = {}): ConfiguredServer {
  return stdioServer(name, 'scripted.mjs', [], { SCRIPT: JSON.stringify({ label: name, ...script }) });
}
