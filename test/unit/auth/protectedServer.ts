/**
 * A real MCP server (the SDK's, over Streamable HTTP) that takes only tokens of its authorization server which were
 * issued for it, and says so the way RFC 9728 and RFC 6750 want. `write` needs the scope `mcp:write`.
 */
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { AuthorizationServer } from './authorizationServer';

export interface ProtectedServer {
  readonly url: string;
  /** `Authorization` of every request, in order. */
  readonly seen: (string | undefined)[];
  /** Who issues the tokens; may be changed. */
  issuer: AuthorizationServer;
  /** Scopes a token must have for anything at all. */
  scopes: readonly string[];
  close(): Promise<void>;
}

export async function startProtectedServer(issuer: AuthorizationServer): Promise<ProtectedServer> {
  const server = http.createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const metadataUrl = `${origin}/.well-known/oauth-protected-resource/mcp`;
  const self: ProtectedServer = {
    url: `${origin}/mcp`,
    seen: [],
    issuer,
    scopes: ['mcp:read'],
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  const answer = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    if (request.url === '/.well-known/oauth-protected-resource/mcp') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ resource: self.url, authorization_servers: [self.issuer.issuer], scopes_supported: ['mcp:read'] }));
      return;
    }
    if (request.url !== '/mcp') return void response.writeHead(404).end();
    self.seen.push(request.headers.authorization);
    const [, token = ''] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    const grant = token === '' ? undefined : await self.issuer.introspect(token, self.url);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = chunks.length > 0 ? (JSON.parse(Buffer.concat(chunks).toString()) as { params?: { name?: string } }) : undefined;
    if (!grant) {
      const error = token === '' ? '' : ', error="invalid_token"';
      response.writeHead(401, { 'www-authenticate': `Bearer realm="mcp", resource_metadata="${metadataUrl}", scope="${self.scopes.join(' ')}"${error}` });
      response.end();
      return;
    }
    const wanted = body?.params?.name === 'write' ? [...self.scopes, 'mcp:write'] : self.scopes;
    if (!wanted.every((scope) => grant.scopes.includes(scope))) {
      response.writeHead(403, { 'www-authenticate': `Bearer error="insufficient_scope", scope="${wanted.join(' ')}", resource_metadata="${metadataUrl}"` });
      response.end();
      return;
    }
    const mcp = new McpServer({ name: 'protected', version: '1' });
    mcp.registerTool('read', {}, () => ({ content: [{ type: 'text', text: 'read it' }] }));
    mcp.registerTool('write', {}, () => ({ content: [{ type: 'text', text: 'wrote it' }] }));
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
    response.once('close', () => void mcp.close());
    await mcp.connect(transport);
    await transport.handleRequest(request, response, body);
  };
  return self;
}
