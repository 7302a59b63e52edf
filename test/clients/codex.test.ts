/**
 * Codex' app-server through the gateway: 2025-06-18, full lists with progress tokens, real tool calls, and a DELETE at the
 * end of each of its sessions.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { startAppServer } from './appServer';
import { CLIENTS } from './catalog';
import { answerOf, expectLogToMatchWire, openings, wireStory } from './evidence';
import { openWorld, type Recorded, type World } from './world';

const TOKEN_VARIABLE = 'MCP_SHARK_TOKEN';

const settings = (url: string): string => `check_for_update_on_startup = false
[analytics]
enabled = false
[feedback]
enabled = false
[mcp_servers.shark]
url = "${url}"
bearer_token_env_var = "${TOKEN_VARIABLE}"
`;

interface ServerStatus {
  readonly name: string;
  readonly serverInfo: { readonly name: string };
  readonly tools: Readonly<Record<string, unknown>>;
}

/** Looks at the server, then calls its echo in a thread. */
async function lookAndCall(world: World, endpoint: string, tool: string): Promise<{ status: ServerStatus; text: unknown }> {
  const folder = path.join(world.home, '.codex');
  await mkdir(folder);
  await writeFile(path.join(folder, 'config.toml'), settings(world.url + endpoint));
  const server = await startAppServer(world, { [TOKEN_VARIABLE]: world.token });
  try {
    const { data } = await server.request<{ data: ServerStatus[] }>('mcpServerStatus/list', {});
    const { thread } = await server.request<{ thread: { id: string } }>('thread/start', { cwd: world.workspace, ephemeral: true });
    const call = { threadId: thread.id, server: 'shark', tool, arguments: { message: 'from Codex' } };
    const { content } = await server.request<{ content: unknown }>('mcpServer/tool/call', call);
    return { status: data.find(({ name }) => name === 'shark')!, text: content };
  } finally {
    expect(await server.close()).toBe('exit code 0');
  }
}

function expectCodex(world: World, recorded: Recorded): void {
  expectLogToMatchWire(world, recorded);
  const clientInfo = expect.objectContaining({ name: 'codex-mcp-client', version: CLIENTS.codex.version }) as unknown;
  // One session to look, one for the thread.
  expect(openings(recorded)).toEqual([1, 2].map(() => expect.objectContaining({ protocolVersion: '2025-06-18', clientInfo })));
  expect(answerOf(recorded, 'everything', 'echo')).toBe('Echo: from Codex');
  // It does not always wait for the answer to its last one.
  const goodbyes = world.tap.exchanges.filter(({ method }) => method === 'DELETE');
  expect(goodbyes.map(({ status = 200 }) => status)).toEqual([200, 200]);
}

describe('Codex app-server', () => {
  it('lists everything and calls a tool through /mcp, says goodbye, and the log holds what it sent', async () => {
    const world = await openWorld();
    const { status, text } = await lookAndCall(world, '', 'everything__echo');
    expect(text).toEqual([{ type: 'text', text: 'Echo: from Codex' }]);
    expect(status.serverInfo).toMatchObject({ name: 'mcp-shark' });
    expect(Object.keys(status.tools)).toEqual(expect.arrayContaining(['everything__echo', 'files__list_allowed_directories', 'memory__read_graph']));

    const recorded = await world.finish();
    expectCodex(world, recorded);
    const story = wireStory(world.tap.exchanges);
    expect(story).toEqual(expect.arrayContaining(['GET /mcp 200', 'POST tools/list 200', 'POST resources/list 200', 'POST resources/templates/list 200', 'POST tools/call 200']));
  });

  it('calls a tool through /mcp/everything under its own name', async () => {
    const world = await openWorld();
    const { status, text } = await lookAndCall(world, '/everything', 'echo');
    expect(text).toEqual([{ type: 'text', text: 'Echo: from Codex' }]);
    expect(status.serverInfo).toMatchObject({ name: 'mcp-servers/everything' });

    const recorded = await world.finish();
    expectCodex(world, recorded);
  });
});
