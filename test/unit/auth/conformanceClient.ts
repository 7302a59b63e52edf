/**
 * A client for the `auth/` scenarios of `@modelcontextprotocol/conformance client`: connects to the URL given last,
 * authorized by UpstreamAuth the way the gateway's transports are, lists the tools and calls the first.
 */
import { randomBytes } from 'node:crypto';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { loopbackRedirect } from '../../../src/extension/auth/loopbackRedirect';
import type { FetchPort } from '../../../src/extension/auth/types';
import { createUpstreamAuth } from '../../../src/extension/auth/upstreamAuth';
import { systemClock } from '../../../src/extension/util/clock';
import { authorizedFetch, MemorySecrets } from './authFixture';
import { HeadlessBrowser } from './headlessBrowser';

const url = process.argv.at(-1)!;
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}') as { client_id?: string; client_secret?: string };
const write = (message: string): void => console.error(message);
const browser = new HeadlessBrowser();
const auth = createUpstreamAuth({
  secrets: new MemorySecrets(),
  clock: systemClock,
  fetch: (input, init) => fetch(input, init),
  redirects: [loopbackRedirect()],
  logger: { trace: write, debug: write, info: write, warn: write, error: write },
  randomId: (bytes) => randomBytes(bytes).toString('base64url'),
  consent: { ask: () => Promise.resolve(true) },
  browser: { open: async (page) => (await browser.open(page), true) },
});
const target = {
  name: 'conformance',
  url,
  ...(context.client_id === undefined ? {} : { client: { id: context.client_id, ...(context.client_secret === undefined ? {} : { secret: context.client_secret }) } }),
};

async function main(): Promise<void> {
  const client = new Client({ name: 'mcp-shark', version: '1' });
  const send = authorizedFetch(auth, target);
  try {
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { fetch: send }));
  } catch (error) {
    if (!String(error).includes('MCP-Protocol-Version')) throw error;
    return withoutHandshake(send);
  }
  const { tools } = await client.listTools();
  if (tools[0]) await client.callTool({ name: tools[0].name, arguments: {} });
  await client.close();
}

/** Protocol 2026-07-28. */
async function withoutHandshake(send: FetchPort): Promise<void> {
  const version = '2026-07-28';
  const post = async (id: number, method: string, params: Record<string, unknown>): Promise<{ result?: { tools?: { name: string }[] } }> => {
    const response = await send(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': version,
        'mcp-method': method,
        ...(typeof params.name === 'string' ? { 'mcp-name': params.name } : {}),
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id,
        method,
        params: {
          ...params,
          _meta: {
            'io.modelcontextprotocol/protocolVersion': version,
            'io.modelcontextprotocol/clientInfo': { name: 'mcp-shark', version: '1' },
            'io.modelcontextprotocol/clientCapabilities': {},
          },
        },
      }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`HTTP ${response.status}: ${text}`);
    return JSON.parse(text.replace(/^[^]*?data: (?=\{)/, '')) as { result?: { tools?: { name: string }[] } };
  };
  const { result } = await post(1, 'tools/list', {});
  const [first] = result?.tools ?? [];
  if (first) await post(2, 'tools/call', { name: first.name, arguments: {} });
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
