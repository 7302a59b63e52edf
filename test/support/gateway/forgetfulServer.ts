/** Owns an HTTP server that forgets its session when it is told to, and that asks the client where its tool `ask` is called. */
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ForgetfulServer {
  readonly url: string;
  /** Number of the session it knows; another one is answered with 404. */
  session: number;
  /** What has come: the session's number or 404, and the method or, of an answer, all of it. */
  readonly seen: string[];
  close(): void;
}

const TOOLS = ['ask', 'plain'].map((name) => ({ name, inputSchema: { type: 'object' } }));
const message = (content: object): string => JSON.stringify({ jsonrpc: '2.0', ...content });

/** Each call of `ask` is kept open; the question is about its session and always has the id 7. */
export async function forgetfulServer(capabilities: object): Promise<ForgetfulServer> {
  const results: Readonly<Record<string, object>> = {
    initialize: { protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'h', version: '1' } },
    'tools/list': { tools: TOOLS },
    'tools/call': { content: [] },
  };
  const answer = (body: string, request: http.IncomingMessage, response: http.ServerResponse): void => {
    const { id, method, params } = JSON.parse(body) as { id?: unknown; method?: string; params?: { name?: string } };
    const { session } = forgetful;
    const isKnown = method === 'initialize' || request.headers['mcp-session-id'] === `S${session}`;
    forgetful.seen.push(`${isKnown ? session : 404} ${method ?? body}`);
    if (!isKnown) response.writeHead(404).end();
    else if (id === undefined || method === undefined) response.writeHead(202).end();
    else if (params?.name === 'ask') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${message({ id: 7, method: 'elicitation/create', params: { message: `of session ${session}` } })}\n\n`);
    } else {
      const headers = { 'content-type': 'application/json', 'mcp-session-id': `S${session}` };
      response.writeHead(200, headers).end(message({ id, result: results[method] ?? {} }));
    }
  };
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (request.method === 'POST') answer(body, request, response);
      else response.writeHead(405).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const forgetful: ForgetfulServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    session: 1,
    seen: [],
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return forgetful;
}
