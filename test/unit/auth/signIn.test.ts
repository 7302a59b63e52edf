/** Signing in to a protected MCP server against a real authorization server: the whole way, and what comes after. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UpstreamTarget } from '../../../src/extension/auth/types';
import { startAuthorizationServer, type AuthorizationServer } from './authorizationServer';
import { callTool, createAuth, MemorySecrets, type AuthFixture, type AuthFixtureOptions } from './authFixture';
import { startProtectedServer, type ProtectedServer } from './protectedServer';

let issuer: AuthorizationServer;
let server: ProtectedServer;
let target: UpstreamTarget;
const closers: (() => Promise<void> | void)[] = [];

beforeEach(async () => {
  issuer = await startAuthorizationServer();
  server = await startProtectedServer(issuer);
  target = { name: 'notes', url: server.url };
  closers.push(() => issuer.close(), () => server.close());
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function create(options?: AuthFixtureOptions): AuthFixture {
  const fixture = createAuth(options);
  closers.push(() => fixture.auth.dispose());
  return fixture;
}

describe('signing in', () => {
  it('happens on the first refusal, after consent, and the call goes through', async () => {
    const { auth, asked, browser, pages, secrets } = create();
    expect(await callTool(auth, target, 'read')).toBe('read it');
    expect(asked).toEqual([
      {
        server: 'notes',
        serverOrigin: new URL(server.url).origin,
        issuerHost: new URL(issuer.issuer).host,
        authorizationHost: new URL(issuer.issuer).host,
        scopes: ['mcp:read', 'offline_access'],
        reason: 'signIn',
      },
    ]);
    const query = new URL(browser.opened[0]!).searchParams;
    expect(Object.fromEntries(query)).toMatchObject({ response_type: 'code', code_challenge_method: 'S256', resource: server.url });
    expect(query.get('redirect_uri')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/);
    expect(query.get('state')!.length).toBeGreaterThanOrEqual(43);
    expect(pages[0]).toMatchObject({ status: 200 });
    expect(pages[0]!.text).not.toMatch(/<script|code=/);
    expect(secrets.record).toMatchObject({ issuer: issuer.issuer });
    expect(secrets.record!.verifier).toBeUndefined();
    expect(server.seen[0]).toBeUndefined();
    expect(new Set(server.seen.slice(1)).size).toBe(1);
  });

  it('is done once for all sessions that want it at the same time', async () => {
    const { auth, asked, browser } = create();
    const texts = await Promise.all(['read', 'read', 'read', 'read'].map((name) => callTool(auth, target, name)));
    expect(texts).toEqual(['read it', 'read it', 'read it', 'read it']);
    expect(asked).toHaveLength(1);
    expect(browser.opened).toHaveLength(1);
    expect(issuer.count('/reg')).toBe(1);
  });

  it('lasts: another window reads the token from the secrets and asks nobody', async () => {
    const { auth, secrets } = create();
    await callTool(auth, target, 'read');
    const second = create({ secrets });
    expect(await callTool(second.auth, target, 'read')).toBe('read it');
    expect(second.asked).toEqual([]);
  });

  it('stays out of the way where the user has configured Authorization', async () => {
    const { auth, asked } = create();
    const own = { ...target, headers: { aUtHoRiZaTiOn: 'Bearer mine' } };
    expect(auth.known(own)).toEqual({ header: undefined });
    expect(await auth.authorization(own)).toBeUndefined();
    expect(await auth.challenged(own, { status: 401, sent: undefined, wwwAuthenticate: 'Bearer' })).toBe(false);
    expect(await auth.signIn(own)).toBe(false);
    expect(asked).toEqual([]);
  });

  it('uses the configured client instead of registering one', async () => {
    const { auth, secrets, browser } = create({ open: () => Promise.resolve(false) });
    await expect(callTool(auth, { ...target, client: { id: 'my-client' } }, 'read')).rejects.toMatchObject({ code: 'cancelled' });
    expect(issuer.count('/reg')).toBe(0);
    expect(browser.opened).toEqual([]);
    expect(secrets.record?.tokens).toBeUndefined();
  });

  it('asks for more scopes when the server wants more, and keeps those it had', async () => {
    const { auth, asked, secrets } = create();
    await callTool(auth, target, 'read');
    expect(await callTool(auth, target, 'write')).toBe('wrote it');
    expect(asked.map(({ reason }) => reason)).toEqual(['signIn', 'moreScopes']);
    expect(asked[1]!.scopes).toEqual(expect.arrayContaining(['mcp:read', 'mcp:write']));
    expect(secrets.record!.scope!.split(' ')).toEqual(expect.arrayContaining(['mcp:read', 'mcp:write']));
    expect(await callTool(auth, target, 'read')).toBe('read it');
    expect(asked).toHaveLength(2);
  });

  it('leaves the sign-in there is as it was where the user declines more scopes', async () => {
    let agrees = true;
    const { auth, asked } = create({ consent: () => Promise.resolve(agrees) });
    await callTool(auth, target, 'read');
    agrees = false;
    await expect(callTool(auth, target, 'write')).rejects.toThrow(/declined/);
    await expect(callTool(auth, target, 'write')).rejects.toThrow(/declined/);
    expect(asked).toHaveLength(2);
    expect(await callTool(auth, target, 'read')).toBe('read it');
  });

  it('is forgotten on signing out, and asked for again by the next call', async () => {
    const { auth, asked, secrets } = create();
    await callTool(auth, target, 'read');
    const { access, refresh } = secrets.record!.tokens!;
    expect(await auth.forget(target)).toBe(true);
    expect([...secrets.values]).toEqual([]);
    expect(issuer.seen.find(({ path }) => path === '/token/revocation')?.body).toContain(refresh);
    expect(await issuer.introspect(access, server.url)).toBeUndefined();
    expect(await auth.forget(target)).toBe(false);
    expect(await callTool(auth, target, 'read')).toBe('read it');
    expect(asked).toHaveLength(2);
  });

  it('is forgotten on signing out also where nobody can be told', async () => {
    const { auth, secrets } = create();
    await callTool(auth, target, 'read');
    await issuer.close();
    expect(await auth.forget(target)).toBe(true);
    expect([...secrets.values]).toEqual([]);
  });

  it('leaves no token in log, errors and keys', async () => {
    const { auth, secrets, log, clock } = create();
    await callTool(auth, target, 'read');
    const { access, refresh } = secrets.record!.tokens!;
    await clock.advance(3590_000);
    await callTool(auth, target, 'read');
    issuer.endRefreshTokens();
    await clock.advance(3600_000);
    await callTool(auth, target, 'read');
    const visible = [...log, ...secrets.values.keys()].join('\n');
    for (const secret of [access, refresh!, secrets.record!.tokens!.access, server.url]) expect(visible).not.toContain(secret);
    expect(log.length).toBeGreaterThan(0);
  });
});

describe('a token', () => {
  it('is known without waiting while it is good', async () => {
    const { auth, secrets } = create();
    expect(auth.known(target)).toBeUndefined();
    expect(await auth.authorization(target)).toBeUndefined();
    expect(auth.known(target)).toEqual({ header: undefined });
    await callTool(auth, target, 'read');
    await auth.authorization(target);
    expect(auth.known(target)).toEqual({ header: `Bearer ${secrets.record!.tokens!.access}` });
  });

  it('is renewed before it expires, in the background, once for all', async () => {
    const { auth, secrets, clock, asked } = create();
    await callTool(auth, target, 'read');
    const before = secrets.record!.tokens!;
    const requests = issuer.count('/token');
    await clock.advance(3541_000);
    expect(auth.known(target)).toBeUndefined();
    const headers = await Promise.all([1, 2, 3].map(() => auth.authorization(target)));
    expect(new Set(headers)).toEqual(new Set([`Bearer ${before.access}`]));
    await expect.poll(() => secrets.record!.tokens!.access).not.toBe(before.access);
    expect(issuer.count('/token') - requests).toBe(1);
    expect(await auth.authorization(target)).toBe(`Bearer ${secrets.record!.tokens!.access}`);
    expect(asked).toHaveLength(1);
  });

  it('that has expired is renewed before anything is sent', async () => {
    const { auth, secrets, clock, asked } = create();
    await callTool(auth, target, 'read');
    const before = secrets.record!.tokens!;
    await clock.advance(3601_000);
    const sentBefore = server.seen.length;
    expect(await callTool(auth, target, 'read')).toBe('read it');
    expect(server.seen.slice(sentBefore)).not.toContain(`Bearer ${before.access}`);
    expect(server.seen.slice(sentBefore)).not.toContain(undefined);
    expect(asked).toHaveLength(1);
  });

  it('that the server refuses is renewed with the refresh token, without the user', async () => {
    const { auth, secrets, clock, asked } = create();
    await callTool(auth, target, 'read');
    await issuer.revoke(secrets.record!.tokens!.access);
    await clock.advance(61_000);
    expect(await callTool(auth, target, 'read')).toBe('read it');
    expect(asked).toHaveLength(1);
  });

  it('whose refresh token has expired is forgotten, and the user signs in again', async () => {
    const { auth, clock, asked, log } = create();
    await callTool(auth, target, 'read');
    issuer.endRefreshTokens();
    await clock.advance(3601_000);
    expect(await callTool(auth, target, 'read')).toBe('read it');
    expect(asked).toHaveLength(2);
    expect(log.join('\n')).toContain('invalid_grant');
    expect(issuer.count('/reg')).toBe(1);
  });

  it('that another window has renewed is taken over, not renewed twice', async () => {
    const secrets = new MemorySecrets();
    // The second window hears nothing of changes, as if both were at it in the same moment.
    const deaf: MemorySecrets = Object.assign(Object.create(secrets) as MemorySecrets, { onDidChange: undefined });
    const first = create({ secrets });
    await callTool(first.auth, target, 'read');
    const second = create({ secrets: deaf, clock: first.clock });
    await callTool(second.auth, target, 'read');
    await first.clock.advance(3601_000);
    await callTool(first.auth, target, 'read');
    const requests = issuer.count('/token');
    expect(await callTool(second.auth, target, 'read')).toBe('read it');
    expect(issuer.count('/token')).toBe(requests);
    expect(second.asked).toEqual([]);
  });

  it('stays when the authorization server cannot be reached, and the call says so', async () => {
    const { auth, secrets, clock, asked } = create();
    await callTool(auth, target, 'read');
    await issuer.close();
    await clock.advance(3601_000);
    await expect(callTool(auth, target, 'read')).rejects.toMatchObject({ code: 'server.unreachable' });
    expect(secrets.record!.tokens!.refresh).toBeDefined();
    expect(asked).toHaveLength(1);
  });
});

describe('a changed issuer', () => {
  it('right after a sign-in is signed in to as well', async () => {
    const { auth, asked } = create();
    await callTool(auth, target, 'read');
    const other = await startAuthorizationServer();
    closers.push(() => other.close());
    server.issuer = other;
    expect(await callTool(auth, target, 'read')).toBe('read it');
    expect(asked).toHaveLength(2);
  });

  it('gets nothing of what the one before had issued', async () => {
    const { auth, clock, secrets, asked } = create();
    await callTool(auth, target, 'read');
    const before = secrets.record!;
    const other = await startAuthorizationServer();
    closers.push(() => other.close());
    server.issuer = other;
    await clock.advance(3601_000);
    expect(await callTool(auth, target, 'read')).toBe('read it');
    expect(asked.map(({ issuerHost }) => issuerHost)).toEqual([new URL(issuer.issuer).host, new URL(other.issuer).host]);
    const told = JSON.stringify(other.seen);
    for (const secret of [before.tokens!.access, before.tokens!.refresh!, before.client!.id]) expect(told).not.toContain(secret);
    expect(other.count('/reg')).toBe(1);
    expect([...secrets.values.values()].join()).not.toContain(before.tokens!.access);
    expect(secrets.record!.issuer).toBe(other.issuer);
  });
});
