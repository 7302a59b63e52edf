/** What a user does to one server: stop it, start it again; the others do not notice. */
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, describe, expect, it } from 'vitest';
import { scriptedServer, startGateway, type GatewayFixture } from '../../support/gateway/gatewayFixture';
import { RawClient } from '../../support/gateway/rawClient';
import { eventually, isAlive } from '../../support/gateway/waiting';

let fixture: GatewayFixture | undefined;
afterEach(async () => {
  await fixture?.close();
  fixture = undefined;
});

const pidIn = (result: unknown): string => String((result as { pid: number }).pid);

describe('a server that the user stops', () => {
  it('ends, says so to who calls it, and leaves the others alone; restarted, it serves again', async () => {
    fixture = await startGateway([scriptedServer('one', { tools: ['pid'] }), scriptedServer('two', { tools: ['pid'] })]);
    const { gateway } = fixture;
    const { client } = await fixture.connect();
    let listChanged = 0;
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => void (listChanged += 1));
    const pidOf = async (server: string): Promise<number> => Number(pidIn(await client.callTool({ name: `${server}__pid` })));
    const [one, two] = [await pidOf('one'), await pidOf('two')];

    await gateway.stopServer('one');
    expect(isAlive(one)).toBe(false);
    expect(gateway.servers.find(({ name }) => name === 'one')?.state).toMatchObject({ kind: 'disabled', message: expect.stringContaining('stopped by you') });
    await expect(client.callTool({ name: 'one__pid' })).rejects.toThrow(/stopped by you/);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['two__pid']);
    expect(await pidOf('two')).toBe(two);
    await eventually('the client to hear of it', () => listChanged > 0);

    await gateway.restartServer('one');
    await eventually('the server to be back', () => gateway.servers.find(({ name }) => name === 'one')?.state.kind === 'running');
    expect(await pidOf('one')).not.toBe(one);
    expect(await pidOf('two')).toBe(two);
  });

  it('has its own sessions ended, so that their clients begin anew', async () => {
    fixture = await startGateway([scriptedServer('one', { tools: ['pid'] })]);
    const raw = new RawClient(`${fixture.url}/mcp/one`, fixture.headers);
    await raw.open();
    const before = Number(pidIn(JSON.parse((await raw.call(1, 'pid')).body).result));
    await fixture.gateway.restartServer('one');
    expect(isAlive(before)).toBe(false);
    expect((await raw.call(2, 'pid')).status).toBe(404);
    raw.sessionId = undefined;
    await raw.open();
    expect(Number(pidIn(JSON.parse((await raw.call(3, 'pid')).body).result))).not.toBe(before);
  });

  it('stays stopped over a change of another server, and is forgotten with its entry', async () => {
    const servers = [scriptedServer('one', { tools: ['pid'] })];
    fixture = await startGateway(servers);
    const { gateway } = fixture;
    const stateOf = (): string | undefined => gateway.servers.find(({ name }) => name === 'one')?.state.kind;
    await gateway.stopServer('one');
    gateway.setServers([...servers, scriptedServer('two', { tools: ['pid'] })]);
    expect(stateOf()).toBe('disabled');
    gateway.setServers([]);
    gateway.setServers(servers);
    expect(stateOf()).toBe('idle');
    await expect(gateway.restartServer('nobody')).resolves.toBeUndefined();
  });

  it('stays stopped where the user stops it while it is being restarted', async () => {
    fixture = await startGateway([scriptedServer('one', { tools: ['pid'] })]);
    const { gateway } = fixture;
    const { client } = await fixture.connect();
    await client.callTool({ name: 'one__pid' });
    await Promise.all([gateway.restartServer('one'), gateway.stopServer('one')]);
    expect(gateway.servers[0]?.state.kind).toBe('disabled');
    await Promise.all([gateway.restartServer('one'), gateway.restartServer('one')]);
    await eventually('the server to be back', () => gateway.servers[0]?.state.kind === 'running');
  });
});

describe('the token of clients outside the editor', () => {
  it('opens the gateway once it was made, and no more when it was replaced', async () => {
    let token: string | undefined;
    fixture = await startGateway([scriptedServer('one', { tools: ['echo'] })], { clientToken: () => token });
    const statusWith = async (bearer: string): Promise<number> => {
      const client = new RawClient(`${fixture!.url}/mcp`, { authorization: `Bearer ${bearer}` });
      return (await client.open()).status;
    };
    expect(await statusWith('made-later')).toBe(401);
    expect(await statusWith('undefined')).toBe(401);
    token = 'made-later';
    expect(await statusWith('made-later')).toBe(200);
    token = 'replaced';
    expect(await statusWith('made-later')).toBe(401);
    const fromPage = new RawClient(`${fixture.url}/mcp`, { authorization: 'Bearer replaced', origin: 'https://evil.example' });
    expect((await fromPage.open()).status).toBe(403);
  });
});
