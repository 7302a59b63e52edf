/** The aggregate over real servers: server-everything over stdio and over Streamable HTTP, asked by the SDK's client. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, stdioServer, httpServer, EVERYTHING, type ConnectedClient, type GatewayFixture } from '../../support/gateway/gatewayFixture';
import { startHttpEverything, type RunningServer } from '../../support/gateway/httpEverything';

let http: RunningServer;
let fixture: GatewayFixture;
let connected: ConnectedClient;

beforeAll(async () => {
  http = await startHttpEverything();
  fixture = await startGateway([stdioServer('local', EVERYTHING, ['stdio']), httpServer('remote', http.url)]);
  connected = await fixture.connect();
});

afterAll(async () => {
  await fixture.close();
  await http.stop();
});

describe('the aggregate over two real servers', () => {
  it('answers initialize with its own name and the union of capabilities', () => {
    const { client } = connected;
    expect(client.getServerVersion()).toMatchObject({ name: 'mcp-shark', title: 'MCP Shark', version: '9.9.9' });
    expect(client.getServerCapabilities()).toMatchObject({
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { listChanged: true, subscribe: true },
      logging: {},
      completions: {},
    });
    expect(client.getInstructions()).toContain('# local');
    expect(client.getInstructions()).toContain('# remote');
  });

  it('lists the tools of both servers under qualified names', async () => {
    const { tools } = await connected.client.listTools();
    const names = tools.map((tool) => tool.name);
    expect(names).toContain('local__echo');
    expect(names).toContain('remote__echo');
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(['local', 'remote'])('calls a tool of the %s server', async (server) => {
    const result = await connected.client.callTool({ name: `${server}__echo`, arguments: { message: `hello ${server}` } });
    expect(result.content).toEqual([{ type: 'text', text: `Echo: hello ${server}` }]);
  });

  it.each(['local', 'remote'])('gets a prompt of the %s server', async (server) => {
    const { prompts } = await connected.client.listPrompts();
    expect(prompts.map((prompt) => prompt.name)).toContain(`${server}__simple-prompt`);
    const prompt = await connected.client.getPrompt({ name: `${server}__simple-prompt` });
    expect(prompt.messages).toHaveLength(1);
  });

  it('reads resources and lists templates of both', async () => {
    const { resources } = await connected.client.listResources();
    expect(resources.length).toBeGreaterThan(1);
    const uris = resources.map((resource) => resource.uri);
    expect(new Set(uris).size).toBe(uris.length);
    for (const uri of uris) {
      const read = await connected.client.readResource({ uri });
      expect(read.contents[0]?.uri).toBe(uri);
    }
    const { resourceTemplates } = await connected.client.listResourceTemplates();
    expect(resourceTemplates.length).toBeGreaterThan(1);
  });

  it('says which tool is unknown', async () => {
    await expect(connected.client.callTool({ name: 'local__nothing' })).rejects.toThrow('local__nothing');
  });
});
