/**
 * Claude Code through the gateway. It asks `server/discover` at 2026-07-28 first and falls back to a handshake; without
 * the token it looks for a login. A scripted model on loopback makes it call a tool without an account.
 */
import { describe, expect, it } from 'vitest';
import { CLIENTS } from './catalog';
import { answerOf, expectLogToMatchWire, fromClient, openings, wireStory } from './evidence';
import { startScriptedModel } from './scriptedModel';
import { openWorld, type World } from './world';

const QUIET = {
  DISABLE_AUTOUPDATER: '1',
  DISABLE_TELEMETRY: '1',
  DISABLE_ERROR_REPORTING: '1',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
};

async function claude(world: World, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { how, stdout, stderr } = await world.run('claude', args, { ...QUIET, ...env });
  expect(how, `claude ${args[0]}: ${stdout}\n${stderr}`).toBe('exit code 0');
  return stdout;
}

async function add(world: World, url: string, ...more: string[]): Promise<void> {
  await claude(world, ['mcp', 'add', '--scope', 'user', '--transport', 'http', 'shark', url, ...more]);
}

const bearer = (world: World): string[] => ['--header', `Authorization: Bearer ${world.token}`];
const OPENING = { protocolVersion: '2025-11-25', clientInfo: expect.objectContaining({ name: 'claude-code', version: CLIENTS.claude.version }) as unknown };
const FALL_BACK = ['POST server/discover 400', 'POST initialize 200', 'POST notifications/initialized 202', 'GET /mcp 200'];

describe('Claude Code', () => {
  it('falls back from server/discover to a handshake on /mcp, and the log holds what it sent', async () => {
    const world = await openWorld();
    await add(world, world.url, ...bearer(world));
    expect(await claude(world, ['mcp', 'list'])).toContain('✔ Connected');

    const recorded = await world.finish();
    expectLogToMatchWire(world, recorded);
    expect(wireStory(world.tap.exchanges)).toEqual([...FALL_BACK, 'POST tools/list 200']);
    const [discover] = world.tap.exchanges;
    expect(discover!.headers).toMatchObject({ 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'server/discover' });
    expect(recorded.calls.filter(({ origin }) => origin === 'http')).toEqual([expect.objectContaining({ method: 'POST', status: 'blocked' })]);
    expect(openings(recorded)).toEqual([expect.objectContaining(OPENING)]);
    expect(fromClient(recorded)[0]!.headers).toMatchObject({ 'user-agent': expect.stringContaining(`claude-code/${CLIENTS.claude.version}`) as unknown });
    expect(recorded.calls).toEqual(expect.arrayContaining([expect.objectContaining({ client: 'claude-code', method: 'tools/list', status: 'ok' })]));
    expect(world.sinkhole.asked).toEqual([]);
  });

  it('falls back on /mcp/everything too, and its handshake reaches the server byte for byte', async () => {
    const world = await openWorld();
    await add(world, `${world.url}/everything`, ...bearer(world));
    expect(await claude(world, ['mcp', 'list'])).toContain('✔ Connected');

    const recorded = await world.finish();
    expectLogToMatchWire(world, recorded);
    expect(wireStory(world.tap.exchanges).slice(0, 2)).toEqual(FALL_BACK.slice(0, 2));
    const upstream = recorded.frames.filter(({ leg, direction }) => leg === 'upstream' && direction === 'toServer');
    expect(upstream.map(({ body }) => body)).toEqual(fromClient(recorded).map(({ body }) => body));
  });

  it('finds no login when it has no token: discovery and registration are answered 404, not 401', async () => {
    const world = await openWorld();
    await add(world, world.url);
    expect(await claude(world, ['mcp', 'list'])).toContain('✘ Failed to connect');

    const recorded = await world.finish();
    expectLogToMatchWire(world, recorded);
    const statuses = (paths: RegExp): Set<number | undefined> => new Set(world.tap.exchanges.filter(({ path }) => paths.test(path)).map(({ status }) => status));
    expect(statuses(/^\/mcp/)).toEqual(new Set([401]));
    expect(statuses(/^\/\.well-known\/oauth-protected-resource/)).toEqual(new Set([404]));
    expect(statuses(/^\/\.well-known\/oauth-authorization-server/)).toEqual(new Set([404]));
    expect(statuses(/^\/\.well-known\/openid-configuration/)).toEqual(new Set([404]));
    expect(statuses(/^\/register$/)).toEqual(new Set([404]));
    expect(recorded.frames, 'nothing got in').toEqual([]);
    expect(new Set(recorded.calls.map(({ status }) => status))).toEqual(new Set(['blocked']));
  });

  it('calls a tool when its model says so, and the log holds the call with its answer', async () => {
    const world = await openWorld();
    const model = await startScriptedModel('everything__echo', { message: 'from Claude Code' });
    try {
      await add(world, world.url, ...bearer(world));
      const account = { ANTHROPIC_BASE_URL: model.origin, ANTHROPIC_API_KEY: 'none', ENABLE_TOOL_SEARCH: 'false' };
      const said = await claude(world, ['-p', 'Call echo.', '--allowedTools', 'mcp__shark__everything__echo'], account);
      expect(said.trim()).toBe('done');
      expect(model.offered[0]).toEqual(expect.arrayContaining(['mcp__shark__everything__echo', 'mcp__shark__memory__read_graph']));
    } finally {
      await model.close();
    }

    const recorded = await world.finish();
    expectLogToMatchWire(world, recorded);
    expect(answerOf(recorded, 'everything', 'echo')).toBe('Echo: from Claude Code');
    const asked = world.tap.exchanges.map(({ rpc }) => rpc);
    expect(asked).toEqual(expect.arrayContaining(['tools/list', 'prompts/list', 'resources/list', 'tools/call']));
  });
});
