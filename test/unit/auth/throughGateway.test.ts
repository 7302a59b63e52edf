/** A protected server behind the real gateway: the client signs in nowhere and sees no 401, whatever the server says. */
import { McpError } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpServer, startGateway, type ConnectedClient, type GatewayFixture } from '../../support/gateway/gatewayFixture';
import { startAuthorizationServer, type AuthorizationServer } from './authorizationServer';
import { createAuth, type AuthFixture, type AuthFixtureOptions } from './authFixture';
import { startProtectedServer, type ProtectedServer } from './protectedServer';

let issuer: AuthorizationServer;
let server: ProtectedServer;
const closers: (() => Promise<void> | void)[] = [];

beforeEach(async () => {
  issuer = await startAuthorizationServer();
  server = await startProtectedServer(issuer);
  closers.push(() => issuer.close(), () => server.close());
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(options: AuthFixtureOptions = {}, headers: Record<string, string> = {}): Promise<AuthFixture & { gateway: GatewayFixture }> {
  const fixture = createAuth(options);
  const gateway = await startGateway([httpServer('notes', server.url, headers)], { auth: fixture.auth });
  closers.push(() => fixture.auth.dispose(), () => gateway.close());
  return Object.assign(fixture, { gateway });
}

async function call({ client }: ConnectedClient, name: string): Promise<string> {
  const { content } = (await client.callTool({ name })) as { content: { text: string }[] };
  return content[0]!.text;
}

describe('a protected server behind the gateway', () => {
  it('is signed in to once for several sessions, and answers all of them', async () => {
    const { gateway, asked } = await start();
    const clients = await Promise.all([1, 2, 3].map(() => gateway.connect('/mcp/notes')));
    expect(await Promise.all(clients.map((client) => call(client, 'read')))).toEqual(['read it', 'read it', 'read it']);
    expect(asked).toHaveLength(1);
  });

  it("does not get the gateway's own token, nor the gateway the server's", async () => {
    const { gateway, secrets } = await start();
    const client = await gateway.connect('/mcp/notes');
    await call(client, 'read');
    expect(JSON.stringify(server.seen)).not.toContain(gateway.headers.authorization);
    expect(JSON.stringify(gateway.recorder)).not.toContain(secrets.record!.tokens!.access);
  });

  it('asks for more scopes in the middle of a call', async () => {
    const { gateway, asked } = await start();
    const client = await gateway.connect('/mcp/notes');
    expect(await call(client, 'read')).toBe('read it');
    expect(await call(client, 'write')).toBe('wrote it');
    expect(asked.map(({ reason }) => reason)).toEqual(['signIn', 'moreScopes']);
  });

  it('whose sign-in is declined is an error in the answer, not a 401 of the gateway', async () => {
    const { gateway, asked } = await start({ consent: () => Promise.resolve(false) });
    const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } } };
    const response = await fetch(`${gateway.url}/mcp/notes`, {
      method: 'POST',
      headers: { ...gateway.headers, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify(initialize),
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('www-authenticate')).toBeNull();
    const text = await response.text();
    expect(text).toContain('was declined');
    expect(text).toContain('"error"');
    expect(asked).toHaveLength(1);
  });

  it('that refuses in the middle of a session is renewed without the client noticing', async () => {
    const fixture = await start();
    const client = await fixture.gateway.connect('/mcp/notes');
    await call(client, 'read');
    await issuer.revoke(fixture.secrets.record!.tokens!.access);
    await fixture.clock.advance(61_000);
    expect(await call(client, 'read')).toBe('read it');
    expect(fixture.asked).toHaveLength(1);
  });

  it('with Authorization configured is never signed in to', async () => {
    const { gateway, asked } = await start({}, { Authorization: 'Bearer mine' });
    await expect(gateway.connect('/mcp/notes')).rejects.toThrow(McpError);
    expect(asked).toEqual([]);
    expect(server.seen[0]).toBe('Bearer mine');
  });
});
