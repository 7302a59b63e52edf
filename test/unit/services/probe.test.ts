import { afterEach, describe, expect, it } from 'vitest';
import { probeServer } from '../../../src/extension/services/doctor/probe';
import { systemClock } from '../../../src/extension/util/clock';
import { eventually } from '../../support/gateway/waiting';
import { EVERYTHING, scriptedServer, startGateway, stdioServer, TOKEN, type GatewayFixture } from '../../support/gateway/gatewayFixture';

let fixture: GatewayFixture | undefined;
afterEach(async () => {
  await fixture?.close();
  fixture = undefined;
});

const probe = async (server: Parameters<typeof startGateway>[0][number]): ReturnType<typeof probeServer> => {
  fixture = await startGateway([server]);
  return probeServer({ server: server.name, url: `${fixture.url}/mcp/${server.name}`, token: TOKEN, version: '1', clock: systemClock });
};

describe('the look of the connection doctor', () => {
  it('sees what a real server offers, and leaves no session behind', async () => {
    const seen = await probe(stdioServer('everything', EVERYTHING, ['stdio']));
    expect(seen.tools).toContain('echo');
    expect(seen.prompts).toBeGreaterThan(0);
    expect(seen.resources).toBeGreaterThan(0);
    expect(seen.protocolVersion).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(seen.serverInfo?.name).toBeTruthy();
    expect(seen.problems).toEqual([]);
    const has = (type: string): boolean => fixture!.recorder.entries.some((entry) => 'type' in entry && entry.type === type);
    expect(has('session.opened')).toBe(true);
    await eventually('the session to end', () => has('session.closed'));
  });

  it.each([
    ['refuses the handshake', { refuseInitialize: 'not today' }, /not today/],
    ['dies at once', { exitAtStart: 3 }, /code 3/],
  ])('says what a server says that %s', async (_, script, words) => {
    await expect(probe(scriptedServer('bad', script))).rejects.toThrow(words);
  });

  it('reads every page, and stops where a server gives the same cursor for ever', async () => {
    const tools = ['a', 'b', 'c', 'd', 'e'];
    expect((await probe(scriptedServer('paged', { tools, pageSize: 2 }))).tools).toEqual(tools);
    await fixture?.close();
    const again = await probe(scriptedServer('loop', { tools, pageSize: 2, sameCursor: true }));
    expect(again.problems).toEqual(['tools/list gives the same cursor again and again.']);
  });

  it('remarks on a list that the server refuses', async () => {
    const seen = await probe(scriptedServer('refusing', { tools: ['a'], refuseList: 'no list' }));
    expect(seen.tools).toEqual([]);
    expect(seen.problems).toEqual([expect.stringMatching(/^tools\/list failed: /)]);
  });
});
