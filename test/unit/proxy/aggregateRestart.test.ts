/** What a client has settled with a server of `/mcp` holds on when that server is restarted or configured otherwise. */
import { describe, expect, it } from 'vitest';
import { scriptedServer, type GatewayFixture } from '../../support/gateway/gatewayFixture';
import type { RawClient } from '../../support/gateway/rawClient';
import { rawGateways } from '../../support/gateway/rawGateways';
import { eventually } from '../../support/gateway/waiting';

const gateways = rawGateways();
let fixture: GatewayFixture;
let client: RawClient;

const script = { resources: ['x://same'], tools: ['emit'] };
const post = async (id: number, method: string, params?: unknown): Promise<string> =>
  (await client.post(JSON.stringify({ jsonrpc: '2.0', id, method, params }))).messages.at(-1)!;
const subscribed = (): string[] =>
  fixture.recorder.frames
    .filter(({ leg, envelope }) => leg === 'upstream' && envelope.method === 'resources/subscribe')
    .map(({ server, text }) => `${server!} ${(JSON.parse(text) as { params: { uri: string } }).params.uri}`);

/** Two servers that list the same resource; gives the URI by which the client knows the second one's. */
async function start(): Promise<string> {
  ({ fixture, client } = await gateways.open([scriptedServer('a', script), scriptedServer('b', script)]));
  const { result } = JSON.parse(await post(1, 'resources/list')) as { result: { resources: { uri: string }[] } };
  return result.resources[1]!.uri;
}

describe('a subscription', () => {
  const ways = {
    'a restart': () => fixture.gateway.restartServer('b'),
    'a change of its configuration': () =>
      Promise.resolve(fixture.gateway.setServers([scriptedServer('a', script), scriptedServer('b', { ...script, prompts: ['new'] })])),
  };
  it.each(Object.entries(ways))('outlives %s of its server, under the name the client knows', async (_what, happen) => {
    const mapped = await start();
    expect(mapped).not.toBe('x://same');
    await post(2, 'resources/subscribe', { uri: mapped });
    await happen();
    await eventually('the subscription to be made again', () => subscribed().length === 2);
    expect(subscribed()).toEqual(['b x://same', 'b x://same']);
    const lines = ['{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"x://same"}}'];
    const answer = await client.call(3, 'b__emit', { lines });
    expect(JSON.parse(answer.messages[0]!)).toMatchObject({ method: 'notifications/resources/updated', params: { uri: mapped } });
  });

  it('that is taken back while its server is stopped is not made again', async () => {
    const mapped = await start();
    await post(2, 'resources/subscribe', { uri: mapped });
    await fixture.gateway.stopServer('b');
    await post(3, 'resources/unsubscribe', { uri: mapped });
    await fixture.gateway.restartServer('b');
    await client.call(4, 'b__emit', { lines: [] });
    expect(subscribed()).toEqual(['b x://same']);
  });
});
