/** Servers that lie, browsers that bring the wrong thing, people who say no, and waits that must end. */
import { afterEach, describe, expect, it } from 'vitest';
import type { RedirectPort, UpstreamTarget } from '../../../src/extension/auth/types';
import { AwaitedAnswer } from '../../../src/extension/auth/redirectAnswer';
import { isAppError, type AppError } from '../../../src/extension/util/errors';
import { createAuth, type AuthFixture, type AuthFixtureOptions } from './authFixture';
import { ISSUER, json, madeUpWeb, PATHS, resourceMetadata, SERVER, serverMetadata, type MadeUpWeb } from './hostileWeb';
import { settle } from '../util/fakeClock';

const target: UpstreamTarget = { name: 'notes', url: SERVER };
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const challenge = (change = '', sent?: string) => ({
  status: 401 as const,
  wwwAuthenticate: `Bearer realm="x"${change}`,
  sent,
});

/** A redirect that the test answers itself: gives the query for the state asked for. */
function answering(query: (state: string) => string, redirectUri = 'http://127.0.0.1:1/oauth/callback', onDispose = (): void => undefined): RedirectPort {
  return {
    open: (state) => {
      const awaited = new AwaitedAnswer(state);
      awaited.take(new URLSearchParams(query(state)));
      return Promise.resolve({ redirectUri, response: awaited.response, dispose: onDispose });
    },
  };
}

function create(web: MadeUpWeb, options: AuthFixtureOptions = {}): AuthFixture {
  const fixture = createAuth({
    fetch: web.fetch,
    open: () => Promise.resolve(true),
    redirects: [answering((state) => `code=code-1&state=${state}`)],
    ...options,
  });
  closers.push(() => fixture.auth.dispose());
  return fixture;
}

async function failure(promise: Promise<unknown>): Promise<AppError> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  if (!isAppError(error)) throw new Error(`Expected an AppError, got ${String(error)}`);
  return error;
}

describe('a made-up web that is well-behaved', () => {
  it('signs in, and no request of it follows redirects by itself', async () => {
    const web = madeUpWeb();
    const { auth } = create(web);
    expect(await auth.challenged(target, challenge())).toBe(true);
    expect(await auth.authorization(target)).toBe('Bearer token-1');
    expect(new Set(web.redirects)).toEqual(new Set(['manual']));
  });

  it('closes the way back, however it ends', async () => {
    for (const query of ['code=c&state=', 'error=access_denied&state=']) {
      let closed = 0;
      const { auth } = create(madeUpWeb(), { redirects: [answering((state) => query + state, undefined, () => (closed += 1))] });
      await auth.challenged(target, challenge()).catch(() => undefined);
      expect(closed).toBe(1);
    }
  });

  it('has a request sent again, and asks nobody, where the token is newer than the one refused', async () => {
    const web = madeUpWeb();
    const { auth, asked } = create(web);
    await auth.challenged(target, challenge());
    const requests = web.asked.length;
    expect(await auth.challenged(target, challenge('', 'Bearer of-yesterday'))).toBe(true);
    expect(await auth.challenged(target, challenge())).toBe(true);
    expect(web.asked).toHaveLength(requests);
    expect(asked).toHaveLength(1);
  });

  it('registers anew where the browser comes back to another address, and not otherwise', async () => {
    const web = madeUpWeb();
    const { auth, secrets } = create(web);
    await auth.signIn(target);
    await auth.signIn(target);
    expect(web.asked.filter((url) => url === PATHS.register)).toHaveLength(1);
    const moved = create(web, { secrets, redirects: [answering((state) => `code=c&state=${state}`, 'http://127.0.0.1:2/oauth/callback')] });
    await moved.auth.signIn(target);
    expect(web.asked.filter((url) => url === PATHS.register)).toHaveLength(2);
  });

  it('asks once only for scopes that do not help', async () => {
    const { auth, asked } = create(madeUpWeb());
    await auth.challenged(target, challenge());
    const insufficient = { status: 403, wwwAuthenticate: 'Bearer error="insufficient_scope", scope="admin"', sent: 'Bearer token-1' } as const;
    expect(await auth.challenged(target, insufficient)).toBe(true);
    expect(await auth.challenged(target, insufficient)).toBe(false);
    expect(asked.map(({ scopes }) => scopes)).toEqual([[], ['admin']]);
  });
});

describe('metadata is not used, and nobody is asked,', () => {
  const metadata = (change: Record<string, unknown>) => ({ [PATHS.metadata]: () => json(serverMetadata(change)) });
  const resource = (change: Record<string, unknown>) => ({ [PATHS.resource]: () => json(resourceMetadata(change)) });
  it.each<[string, Parameters<typeof madeUpWeb>[0], string, RegExp]>([
    ['when the challenge names a file', {}, ', resource_metadata="file:///etc/passwd"', /file:/],
    ['when the challenge names plain http', {}, ', resource_metadata="http://mcp.example.com/meta"', /without TLS/],
    ['when the challenge names this machine', {}, ', resource_metadata="https://127.0.0.1:8080/x"', /this machine/],
    ['when the challenge names this machine by IPv6', {}, ', resource_metadata="http://[::1]:8080/x"', /this machine/],
    ['when the challenge names a cloud metadata service', {}, ', resource_metadata="http://169.254.169.254/latest"', /without TLS/],
    ['when the resource is another', resource({ resource: 'https://bank.example.com/' }), '', /another resource/],
    ['when the authorization server is named over plain http', resource({ authorization_servers: ['http://login.example.com'] }), '', /without TLS/],
    ['when the authorization server is on this machine', resource({ authorization_servers: ['http://localhost:9000'] }), '', /this machine/],
    ['when the resource metadata is no JSON', { [PATHS.resource]: () => new Response('<html>secret-1</html>') }, '', /cannot be read/],
    ['when the resource metadata is too large', { [PATHS.resource]: () => new Response(`"${'x'.repeat(70_000)}"`) }, '', /larger than 64 KB/],
    ['when it never ends', { [PATHS.metadata]: () => new Response(endless()) }, '', /larger than 64 KB/],
    ['when it claims to be that of another issuer', metadata({ issuer: 'https://bank.example.com' }), '', /claims to be/],
    ['when PKCE is not declared', metadata({ code_challenge_methods_supported: undefined }), '', /PKCE/],
    ['when only plain PKCE is declared', metadata({ code_challenge_methods_supported: ['plain'] }), '', /PKCE/],
    ['when the browser would be sent to a file', metadata({ authorization_endpoint: 'file:///etc/passwd' }), '', /file:/],
    ['when the browser would be sent to a command', metadata({ authorization_endpoint: 'vscode://evil.ext/run' }), '', /vscode:/],
    ['when the browser would run a script', metadata({ authorization_endpoint: 'javascript:alert(1)' }), '', /cannot be read/],
    ['when tokens would go over plain http', metadata({ token_endpoint: 'http://login.example.com/token' }), '', /without TLS/],
    ['when tokens would go to this machine', metadata({ token_endpoint: 'http://127.0.0.1:22/' }), '', /this machine/],
    ['when registration would go over plain http', metadata({ registration_endpoint: 'http://login.example.com/r' }), '', /without TLS/],
    ['when an endpoint holds a password', metadata({ token_endpoint: 'https://a:b@login.example.com/' }), '', /password/],
    ['when it redirects to another origin', { [PATHS.metadata]: () => new Response('', { status: 302, headers: { location: 'https://evil.example/x' } }) }, '', /publishes no metadata/],
    ['when it redirects to a file', { [PATHS.resource]: () => new Response('', { status: 302, headers: { location: 'file:///etc/passwd' } }), [PATHS.metadata]: () => json(serverMetadata()), 'https://mcp.example.com/.well-known/oauth-authorization-server': () => json(serverMetadata()) }, '', /claims to be/],
  ])('%s', async (_name, change, header, message) => {
    const web = madeUpWeb(change);
    const { auth, asked, browser, log } = create(web);
    const error = await failure(auth.challenged(target, challenge(header)));
    expect(error.message).toMatch(message);
    expect(error.code).toBe('server.notAllowed');
    expect(error.cause).toBeUndefined();
    expect(asked).toEqual([]);
    expect(browser.opened).toEqual([]);
    expect(web.asked.filter((url) => !url.startsWith('https://mcp.example.com/') && !url.startsWith(ISSUER))).toEqual([]);
    expect([...log, error.message].join()).not.toContain('secret-1');
  });
});

describe('a server without OAuth', () => {
  it('is left to its own refusal', async () => {
    const { auth, asked } = create(madeUpWeb({ [PATHS.resource]: new Response('', { status: 404 }) }));
    expect(await auth.challenged(target, challenge())).toBe(false);
    expect(asked).toEqual([]);
  });

  it('that is reached without TLS gets no token', async () => {
    const web = madeUpWeb();
    const { auth } = create(web);
    const plain = { name: 'plain', url: 'http://mcp.example.com/mcp' };
    expect(await auth.challenged(plain, challenge())).toBe(false);
    const error = await failure(auth.challenged(plain, challenge(', resource_metadata="https://mcp.example.com/x"')));
    expect(error.message).toMatch(/without TLS/);
    expect(web.asked).toEqual([]);
  });

  it.each(['unix:///run/notes.sock#/mcp', 'pipe:////./pipe/notes', 'https://ada:secret@mcp.example.com/mcp'])('such as %s is left alone', async (url) => {
    const web = madeUpWeb();
    const { auth } = create(web);
    const other = { name: 'other', url };
    expect(await auth.authorization(other)).toBeUndefined();
    expect(auth.known(other)).toEqual({ header: undefined });
    expect(await auth.challenged(other, challenge())).toBe(false);
    expect(await auth.signIn(other)).toBe(false);
    expect(await auth.forget(other)).toBe(false);
    expect(web.asked).toEqual([]);
  });

  it('that forbids something for other reasons than scopes is not signed in to', async () => {
    const { auth, asked } = create(madeUpWeb());
    expect(await auth.challenged(target, { status: 403, wwwAuthenticate: 'Bearer', sent: undefined })).toBe(false);
    expect(await auth.challenged(target, { status: 403, sent: undefined })).toBe(false);
    expect(asked).toEqual([]);
  });
});

describe('an authorization server that', () => {
  it.each<[string, Parameters<typeof madeUpWeb>[0], string, RegExp]>([
    ['does not register clients says how to go on', { [PATHS.metadata]: () => json(serverMetadata({ registration_endpoint: undefined })) }, '', /oauth\.clientId/],
    ['refuses the registration is named with its code', { [PATHS.register]: () => json({ error: 'invalid_client_metadata', error_description: 'secret-2' }, 400) }, '', /said invalid_client_metadata/],
    ['answers the code with nonsense is not quoted', { [PATHS.token]: () => new Response('{"access_token":"secret-2', { status: 200 }) }, '', /cannot be used/],
    ['refuses the code with its own words is not quoted', { [PATHS.token]: () => new Response('secret-2', { status: 400 }) }, '', /cannot be used/],
    ['refuses the code is named with its code', { [PATHS.token]: () => json({ error: 'invalid_grant', error_description: 'secret-2' }, 400) }, '', /said invalid_grant/],
    ['gives a token that breaks out of the header is refused', { [PATHS.token]: () => json({ access_token: 'a\r\nx: secret-2', token_type: 'Bearer' }) }, '', /header/],
    ['gives a token of another kind is refused', { [PATHS.token]: () => json({ access_token: 'secret-2', token_type: 'DPoP' }) }, '', /kind/],
    ['gives a token of a megabyte is refused', { [PATHS.token]: () => json({ access_token: 'x'.repeat(1_000_000), token_type: 'Bearer' }) }, '', /larger/],
    ['sends the code elsewhere is not followed', { [PATHS.token]: () => new Response('', { status: 307, headers: { location: 'https://evil.example/' } }) }, '', /cannot be used/],
    ['answers for another issuer is refused', {}, '&iss=https%3A%2F%2Fevil.example', /another authorization server/],
    ['announces an issuer in its answers must send it', { [PATHS.metadata]: () => json(serverMetadata({ authorization_response_iss_parameter_supported: true })) }, '', /another authorization server/],
  ])('%s', async (_name, change, more, message) => {
    const web = madeUpWeb(change);
    const { auth, secrets, log } = create(web, { redirects: [answering((state) => `code=code-1&state=${state}${more}`)] });
    const error = await failure(auth.challenged(target, challenge()));
    expect(error.message).toMatch(message);
    expect([...log, error.message, JSON.stringify(error.details)].join()).not.toMatch(/secret-2|code-1/);
    expect(error.cause).toBeUndefined();
    expect(await auth.authorization(target)).toBeUndefined();
    expect(secrets.record?.verifier).toBeUndefined();
    expect(web.asked.filter((url) => url.startsWith('https://evil'))).toEqual([]);
  });

  it('refuses in the browser is named with its code, and an error that is none is not quoted', async () => {
    for (const [error, message] of [['invalid_scope', /said invalid_scope/], ['<script>', /refused\.$/], ['access_denied', /declined there/]] as const) {
      const { auth } = create(madeUpWeb(), { redirects: [answering((state) => `error=${encodeURIComponent(error)}&state=${state}`)] });
      expect((await failure(auth.challenged(target, challenge()))).message).toMatch(message);
    }
  });

  it('does not take one redirect is offered the next', async () => {
    let registrations = 0;
    const web = madeUpWeb({
      [PATHS.register]: (init) => {
        registrations += 1;
        if (registrations === 1) return json({ error: 'invalid_redirect_uri' }, 400);
        return json({ ...(JSON.parse(String(init?.body)) as object), client_id: 'client-2' }, 201);
      },
    });
    const good = answering((state) => `code=c&state=${state}`);
    const { auth } = create(web, { redirects: [good, { open: async () => Promise.reject(new Error('no')) }, good] });
    expect(await auth.challenged(target, challenge())).toBe(true);
    expect(registrations).toBe(2);
  });

  it('issues tokens that its server refuses does not make the browser open again and again', async () => {
    const { auth, asked } = create(madeUpWeb());
    expect(await auth.challenged(target, challenge())).toBe(true);
    const error = await failure(auth.challenged(target, challenge('', 'Bearer token-1')));
    expect(error.message).toMatch(/refuses the token/);
    expect(asked).toHaveLength(1);
  });

  it('is down is no reason to ask again less', async () => {
    let down = true;
    const web = madeUpWeb({ [PATHS.metadata]: () => (down ? new Response('', { status: 503 }) : json(serverMetadata())) });
    const { auth, asked } = create(web);
    expect((await failure(auth.challenged(target, challenge()))).code).toBe('server.unreachable');
    expect(asked).toEqual([]);
    down = false;
    expect(await auth.challenged(target, challenge())).toBe(true);
  });
});

describe('the user', () => {
  it('who says no is not asked again by the next call, but by signing in', async () => {
    let agrees = false;
    const { auth, asked, browser } = create(madeUpWeb(), { consent: () => Promise.resolve(agrees) });
    const error = await failure(auth.challenged(target, challenge()));
    expect(error).toMatchObject({ code: 'cancelled', details: { reason: 'auth.declined' } });
    await failure(auth.challenged(target, challenge()));
    expect(asked).toHaveLength(1);
    expect(browser.opened).toEqual([]);
    agrees = true;
    expect(await auth.signIn(target)).toBe(true);
    expect(await auth.authorization(target)).toBe('Bearer token-1');
  });

  it('is asked before anything is registered', async () => {
    const web = madeUpWeb();
    const { auth } = create(web, { consent: () => Promise.resolve(false) });
    await failure(auth.challenged(target, challenge()));
    expect(web.asked).not.toContain(PATHS.register);
  });

  it('who cancels while the browser is open ends the wait for all', async () => {
    const fixture = create(madeUpWeb(), { redirects: [answering(() => '')] });
    const waits = [failure(fixture.auth.challenged(target, challenge())), failure(fixture.auth.challenged(target, challenge()))];
    await expect.poll(() => fixture.cancel).toBeDefined();
    fixture.cancel!();
    for (const error of await Promise.all(waits)) expect(error).toMatchObject({ code: 'cancelled', details: { reason: 'auth.declined' } });
    expect(fixture.cancel).toBeUndefined();
    expect(fixture.secrets.record?.verifier).toBeUndefined();
  });

  it('who does not answer ends it by the clock', async () => {
    const { auth, clock, asked } = create(madeUpWeb(), { consent: () => new Promise(() => undefined) });
    const wait = failure(auth.challenged(target, challenge()));
    await expect.poll(() => asked.length).toBe(1);
    await clock.advance(10 * 60_000);
    expect(await wait).toMatchObject({ code: 'cancelled', details: { reason: 'auth.timedOut' } });
    expect(clock.waiting).toBe(0);
  });

  it('who leaves the page open ends it by the clock', async () => {
    const fixture = create(madeUpWeb(), { redirects: [answering(() => '')] });
    const wait = failure(fixture.auth.challenged(target, challenge()));
    await expect.poll(() => fixture.cancel).toBeDefined();
    await fixture.clock.advance(5 * 60_000);
    expect((await wait).message).toMatch(/took too long: the browser did not come back/);
    expect(fixture.clock.waiting).toBe(0);
  });

  it('who closes one session does not end the sign-in for the other', async () => {
    let agree!: (agrees: boolean) => void;
    const { auth, asked } = create(madeUpWeb(), { consent: () => new Promise((resolve) => (agree = resolve)) });
    const closed = new AbortController();
    const one = failure(auth.challenged(target, challenge(), closed.signal));
    const other = auth.challenged(target, challenge());
    await expect.poll(() => asked.length).toBe(1);
    closed.abort();
    expect((await one).code).toBe('cancelled');
    agree(true);
    expect(await other).toBe(true);
  });

  it('who signs out in the middle ends the sign-in, and nothing of it is kept', async () => {
    const fixture = create(madeUpWeb(), { redirects: [answering(() => '')] });
    const wait = failure(fixture.auth.challenged(target, challenge()));
    await expect.poll(() => fixture.cancel).toBeDefined();
    await fixture.auth.forget(target);
    expect((await wait).code).toBe('cancelled');
    expect([...fixture.secrets.values]).toEqual([]);
  });

  it('whose browser does not open hears that', async () => {
    const { auth } = create(madeUpWeb(), { open: () => Promise.resolve(false), redirects: [answering(() => '')] });
    expect((await failure(auth.challenged(target, challenge()))).message).toMatch(/browser was not opened/);
  });
});

describe('the end of the window', () => {
  it('ends whatever waits', async () => {
    const { auth, asked, clock } = create(madeUpWeb(), { consent: () => new Promise(() => undefined) });
    const wait = failure(auth.challenged(target, challenge()));
    await expect.poll(() => asked.length).toBe(1);
    auth.dispose();
    expect((await wait).code).toBe('cancelled');
    expect((await failure(auth.authorization(target))).code).toBe('cancelled');
    await settle();
    expect(clock.waiting).toBe(0);
  });

  it('ends a request that is never answered', async () => {
    const web = madeUpWeb({
      [PATHS.resource]: (init) => new Promise((_resolve, reject) => init!.signal!.addEventListener('abort', () => reject(new Error('aborted')))),
    });
    const { auth, clock } = create(web);
    const wait = failure(auth.challenged(target, challenge()));
    await expect.poll(() => web.asked.length).toBe(1);
    await clock.advance(20_000);
    expect(await wait).toMatchObject({ code: 'server.unreachable' });
    expect(clock.waiting).toBe(0);
  });
});

describe('what is stored', () => {
  it('is not used where it does not belong to the server or the issuer it stands under', async () => {
    const { auth, secrets } = create(madeUpWeb());
    await auth.challenged(target, challenge());
    for (const [key, value] of [...secrets.values]) {
      if (value.includes('"server"')) secrets.values.set(key, value.replace('mcp.example.com', 'other.example.com'));
    }
    const again = create(madeUpWeb(), { secrets });
    expect(await again.auth.authorization(target)).toBeUndefined();
  });

  it('is read again when another window has changed it', async () => {
    const { auth, secrets } = create(madeUpWeb());
    await auth.challenged(target, challenge());
    const other = create(madeUpWeb(), { secrets });
    await other.auth.forget(target);
    expect(await auth.authorization(target)).toBeUndefined();
  });

  it('may be damaged', async () => {
    const { auth, secrets } = create(madeUpWeb());
    await auth.challenged(target, challenge());
    for (const key of secrets.values.keys()) secrets.values.set(key, '{"issuer":');
    const again = create(madeUpWeb(), { secrets });
    expect(await again.auth.authorization(target)).toBeUndefined();
    expect(await again.auth.challenged(target, challenge())).toBe(true);
  });

  it('of one server is nothing to another with the same issuer', async () => {
    const { auth } = create(madeUpWeb());
    await auth.challenged(target, challenge());
    expect(await auth.authorization({ name: 'other', url: 'https://mcp.example.com/other' })).toBeUndefined();
  });
});

function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(4096).fill(0x20)) });
}
