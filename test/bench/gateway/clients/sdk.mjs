// The SDK's client, as most programs use it. The clock of a call stops when `callTool` resolves: its parsing is part of it.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const TRANSPORT = {
  http: ({ url, headers }) => new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }),
  sse: ({ url, headers }) => new SSEClientTransport(new URL(url), { requestInit: { headers } }),
  stdio: ({ command, args }) => new StdioClientTransport({ command, args, stderr: 'ignore' }),
};

/** Opens a session: connected, initialized. See clients/session.mjs for what it can do. */
export async function openSdk(endpoint) {
  const client = new Client({ name: 'bench-sdk', version: '1.0.0' });
  const transport = TRANSPORT[endpoint.kind](endpoint);
  await client.connect(transport);
  return {
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    async call(name, text) {
      const started = performance.now();
      const result = await client.callTool({ name, arguments: { text } });
      return { text: result.content[0].text, elapsedMs: performance.now() - started };
    },
    async close() {
      if (endpoint.kind === 'http') await transport.terminateSession().catch(() => undefined);
      await client.close();
    },
  };
}
