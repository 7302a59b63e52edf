/** The ways back from the browser: the loopback listener, the desk behind the URI handler, and the texts they read. */
import * as net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { bearerChallenge, coversScopes, joinScopes } from '../../../src/extension/auth/challenge';
import { escapeHtml, loopbackRedirect } from '../../../src/extension/auth/loopbackRedirect';
import { AnswerDesk, decodedQuery, sameSecret } from '../../../src/extension/auth/redirectAnswer';
import type { RedirectReceiver } from '../../../src/extension/auth/types';
import { allowedUrl, sameIssuer } from '../../../src/extension/auth/urlPolicy';

const receivers: RedirectReceiver[] = [];
afterEach(() => {
  for (const receiver of receivers.splice(0)) receiver.dispose();
});

async function open(state = 'state-1', preferred?: string): Promise<RedirectReceiver> {
  const receiver = await loopbackRedirect().open(state, preferred);
  receivers.push(receiver);
  return receiver;
}

const get = (url: string, init?: RequestInit): Promise<Response> => fetch(url, init);

describe('the loopback listener', () => {
  it('takes one answer with the right state, and then nothing listens any more', async () => {
    const { redirectUri, response } = await open();
    const answer = await get(`${redirectUri}?code=c%2B1&state=state-1&iss=https%3A%2F%2Fa.example`);
    expect(answer.status).toBe(200);
    expect(await response).toEqual({ code: 'c+1', iss: 'https://a.example' });
    await expect(get(`${redirectUri}?code=c2&state=state-1`)).rejects.toThrow();
  });

  it('refuses a wrong, an empty and a double state, and goes on waiting', async () => {
    const { redirectUri, response } = await open();
    for (const query of ['code=x&state=state-2', 'code=x&state=', 'code=x', 'code=x&state=state-1&state=state-1']) {
      expect((await get(`${redirectUri}?${query}`)).status).toBe(400);
    }
    expect((await get(`${redirectUri}?code=good&state=state-1`)).status).toBe(200);
    expect(await response).toEqual({ code: 'good' });
  });

  it('ends the wait when somebody guesses', async () => {
    const { redirectUri, response } = await open();
    const over = expect(response).rejects.toMatchObject({ code: 'server.notAllowed' });
    for (let guess = 0; guess < 20; guess += 1) await get(`${redirectUri}?code=x&state=${guess}`);
    await over;
    await expect(get(`${redirectUri}?code=x&state=state-1`)).rejects.toThrow();
  });

  it('answers with fixed text, without scripts, that is not kept and gives nothing away', async () => {
    const { redirectUri } = await open();
    const answer = await get(`${redirectUri}?code=%3Cscript%3E&state=wrong&error_description=%3Cb%3E`);
    const text = await answer.text();
    expect(text).not.toMatch(/<script|<b>|wrong/);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'") as string,
    });
  });

  it('takes nothing by other methods or at other paths', async () => {
    const { redirectUri } = await open();
    expect((await get(`${redirectUri}?code=x&state=state-1`, { method: 'POST' })).status).toBe(405);
    expect((await get(new URL('/favicon.ico', redirectUri).href)).status).toBe(404);
    expect((await get(`${redirectUri}/more?code=x&state=state-1`)).status).toBe(404);
  });

  it('listens on loopback only', async () => {
    const { redirectUri } = await open();
    expect(new URL(redirectUri).hostname).toBe('127.0.0.1');
  });

  it('comes back at the port of the registration, or at another where that is taken', async () => {
    const first = await open();
    first.dispose();
    const second = await open('state-1', first.redirectUri);
    expect(second.redirectUri).toBe(first.redirectUri);
    const third = await open('state-1', first.redirectUri);
    expect(third.redirectUri).not.toBe(first.redirectUri);
    expect((await open('state-1', 'https://evil.example:80/oauth/callback')).redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:/);
  });

  it('survives what is no HTTP, and closes such connections when it is disposed', async () => {
    const { redirectUri, dispose } = await open();
    const socket = net.connect(Number(new URL(redirectUri).port), '127.0.0.1');
    socket.on('error', () => undefined).resume();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write('\0\0\0 nonsense\r\n\r\n');
    await closed;
    const idle = net.connect(Number(new URL(redirectUri).port), '127.0.0.1');
    idle.on('error', () => undefined).resume();
    await new Promise((resolve) => idle.once('connect', resolve));
    const ended = new Promise((resolve) => idle.once('close', resolve));
    dispose();
    await ended;
    await expect(get(redirectUri)).rejects.toThrow();
  });
});

describe('the desk behind the URI handler', () => {
  it('gives an answer to whoever waits for its state, once', async () => {
    const desk = new AnswerDesk();
    const [one, two] = [desk.expect('s1', 'vscode://x/y'), desk.expect('s2', 'vscode://x/y')];
    expect(desk.deliver(new URLSearchParams('code=a&state=s2'))).toBe(true);
    expect(await two.response).toEqual({ code: 'a' });
    expect(desk.deliver(new URLSearchParams('code=b&state=s2'))).toBe(false);
    one.dispose();
    expect(desk.deliver(new URLSearchParams('code=b&state=s1'))).toBe(false);
  });

  it('reads a query that is decoded already', () => {
    expect(decodedQuery('code=a+b%2F=&state=x').get('code')).toBe('a+b%2F=');
  });
});

it('secrets are the same only where they are, and an empty one never is', () => {
  expect(sameSecret('a', 'a')).toBe(true);
  expect(sameSecret('a', 'b')).toBe(false);
  expect(sameSecret('a', '')).toBe(false);
  expect(sameSecret('', '')).toBe(false);
});

it('text becomes HTML that shows it', () => {
  expect(escapeHtml(`<a href="x" id='y'>&`)).toBe('&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;');
});

describe('a challenge', () => {
  it.each<[string, ReturnType<typeof bearerChallenge>]>([
    ['Bearer', {}],
    ['bearer realm="a, b=c", scope="x y"', { scope: 'x y' }],
    ['Basic realm="Bearer scope=z", Bearer resource_metadata="https://a/b", error=invalid_token', { resourceMetadata: 'https://a/b', error: 'invalid_token' }],
    ['Bearer scope="a", Basic scope="b"', { scope: 'a' }],
    ['Bearer scope="a\\"b"', {}],
    ['Bearer scope="first", scope="second"', { scope: 'first' }],
    ['Digest nonce="x"', undefined],
    ['', undefined],
    [`Bearer scope="${'x'.repeat(9000)}"`, undefined],
  ])('%s', (header, expected) => {
    expect(bearerChallenge(header)).toEqual(expected);
  });

  it('with scopes: they are joined and compared by name', () => {
    expect(joinScopes('a b', undefined, 'b  c')).toBe('a b c');
    expect(joinScopes(undefined, '')).toBeUndefined();
    expect(coversScopes('a b', 'b')).toBe(true);
    expect(coversScopes('ab', 'a')).toBe(false);
    expect(coversScopes(undefined, 'a')).toBe(false);
    expect(coversScopes(undefined, undefined)).toBe(true);
  });
});

describe('a URL', () => {
  const remote = 'https://mcp.example.com/';
  const local = 'http://localhost:3000/mcp';
  it.each([
    ['https://login.example.com/x', remote, true],
    ['http://login.example.com/x', remote, false],
    ['http://127.0.0.1:1/x', local, true],
    ['http://127.9.9.9:1/x', local, true],
    ['http://[::1]:1/x', local, true],
    ['http://127.0.0.1:1/x', remote, false],
    ['https://localhost/x', remote, false],
    ['https://a.localhost/x', remote, false],
    ['https://0.0.0.0/x', remote, false],
    ['https://2130706433/x', remote, false],
    ['https://[::ffff:127.0.0.1]/x', remote, false],
    ['http://login.example.com/x', local, false],
    ['file:///etc/passwd', local, false],
    ['data:text/html,x', remote, false],
    ['no url', remote, false],
  ])('%s for %s is used: %s', (text, server, used) => {
    const use = (): unknown => allowedUrl(text, 'address', server);
    if (used) expect(use()).toBeInstanceOf(URL);
    else expect(use).toThrow();
  });

  it('of an issuer is the same up to its final slash', () => {
    expect(sameIssuer('https://A.example', 'https://a.example/')).toBe(true);
    expect(sameIssuer('https://a.example/t', 'https://a.example/T')).toBe(false);
  });
});
