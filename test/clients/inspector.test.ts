/** The MCP Inspector's CLI through the gateway: one process a method, 2025-11-25, never says goodbye. */
import { describe, expect, it } from 'vitest';
import { CLIENTS } from './catalog';
import { answerOf, expectLogToMatchWire, fromClient, openings, wireStory } from './evidence';
import { openWorld, type World } from './world';

async function inspect(world: World, url: string, ...args: string[]): Promise<Record<string, unknown>> {
  const connection = ['--transport', 'http', '--header', `Authorization: Bearer ${world.token}`];
  const { how, stdout, stderr } = await world.run('inspector', ['--cli', url, ...connection, ...args]);
  expect(how, `${stdout}\n${stderr}`).toBe('exit code 0');
  return JSON.parse(stdout) as Record<string, unknown>;
}

const names = (listed: unknown): string[] => (listed as { name: string }[]).map(({ name }) => name);

describe('Inspector CLI', () => {
  it('lists the tools of all servers and calls one through /mcp, and the log holds what it sent', async () => {
    const world = await openWorld();
    const { tools } = await inspect(world, world.url, '--method', 'tools/list');
    expect(names(tools)).toEqual(expect.arrayContaining(['everything__echo', 'files__list_allowed_directories', 'memory__read_graph']));
    const result = await inspect(world, world.url, '--method', 'tools/call', '--tool-name', 'everything__echo', '--tool-arg', 'message=seen');
    expect(result).toMatchObject({ content: [{ type: 'text', text: 'Echo: seen' }] });

    const recorded = await world.finish();
    expectLogToMatchWire(world, recorded);
    const opening = { protocolVersion: '2025-11-25', clientInfo: { name: 'inspector-cli', version: CLIENTS.inspector.version } };
    expect(openings(recorded)).toEqual([expect.objectContaining(opening), expect.objectContaining(opening)]);
    const session = ['POST initialize 200', 'POST notifications/initialized 202', 'GET /mcp 200', 'POST logging/setLevel 200', 'POST tools/list 200'];
    expect(wireStory(world.tap.exchanges)).toEqual([...session, ...session, 'POST tools/call 200']);
    expect(answerOf(recorded, 'everything', 'echo')).toBe('Echo: seen');
    expect(world.sinkhole.asked).toEqual([]);
  });

  it('reads resources and gets prompts through /mcp', async () => {
    const world = await openWorld();
    const { resources } = (await inspect(world, world.url, '--method', 'resources/list')) as { resources: { uri: string }[] };
    const { uri } = resources[0]!;
    const { contents } = await inspect(world, world.url, '--method', 'resources/read', '--uri', uri);
    expect(contents).toEqual([expect.objectContaining({ uri })]);
    const { messages } = await inspect(world, world.url, '--method', 'prompts/get', '--prompt-name', 'everything__simple-prompt');
    expect(messages).toHaveLength(1);

    const recorded = await world.finish();
    expectLogToMatchWire(world, recorded);
    expect(recorded.calls.filter(({ origin }) => origin === 'client')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ method: 'resources/read', server: 'everything', name: uri, status: 'ok' }),
        expect.objectContaining({ method: 'prompts/get', server: 'everything', name: 'simple-prompt', status: 'ok' }),
      ]),
    );
  });

  it('sees the server itself through /mcp/everything, where every frame goes on byte for byte', async () => {
    const world = await openWorld();
    const { tools } = await inspect(world, `${world.url}/everything`, '--method', 'tools/list');
    expect(names(tools)).toContain('echo');
    const result = await inspect(world, `${world.url}/everything`, '--method', 'tools/call', '--tool-name', 'echo', '--tool-arg', 'message=alone');
    expect(result).toMatchObject({ content: [{ type: 'text', text: 'Echo: alone' }] });

    const recorded = await world.finish();
    expectLogToMatchWire(world, recorded);
    const upstream = new Map(recorded.frames.filter(({ leg, direction }) => leg === 'upstream' && direction === 'toServer').map((frame) => [frame.forwards, frame]));
    for (const frame of fromClient(recorded)) expect(upstream.get(frame.frame)?.body, `frame ${frame.frame} on the other leg`).toBe(frame.body);
    expect(answerOf(recorded, 'everything', 'echo')).toBe('Echo: alone');
  });
});
