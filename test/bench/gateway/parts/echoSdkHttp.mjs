// The SDK's echo server over Streamable HTTP, with SSE answers: `enableJsonResponse` keeps every answer in 1.32.
import { randomUUID } from 'node:crypto';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { sendStatus, serve } from './http.mjs';
import { sdkServer } from './sdkServer.mjs';

const sessions = new Map();

async function open() {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => sessions.set(id, transport),
    onsessionclosed: (id) => sessions.delete(id),
  });
  await sdkServer().connect(transport);
  return transport;
}

serve(async (request, response) => {
  const id = request.headers['mcp-session-id'];
  const transport = id === undefined ? await open() : sessions.get(id);
  if (transport) await transport.handleRequest(request, response);
  else sendStatus(response, 404);
});
