// What VS Code is offered: one server with the tools of all, or, where the setting says so, one per configured server with
// the names its tools have there; and VS Code's way back to a session that has ended.
import assert from 'node:assert/strict';
import { startMs, waitFor } from '../../support/editor/poll';
import { operations } from '../driver/operations';
import { test } from '../harness';
import { routedToolNames, waitForTools, withConfiguration } from '../product';

const setting = 'mcpShark.client.definitions';

test('with "perServer" VS Code gets one MCP server for each configured one, and the tools keep their own names', async () => {
  await operations.updateUserSetting(setting, 'perServer');
  try {
    await waitFor('the aggregate to go', () => (routedToolNames().length === 0 ? true : undefined), startMs, () => routedToolNames().join(' '));
    // VS Code makes the prefix from what the server calls itself, which is the same for both of these.
    const names = await waitFor(
      'the echo tool of both servers',
      async () => {
        await operations.startMcpServers();
        const found = operations.toolNames().filter((name) => /^mcp_everything_\w+_echo$/.test(name));
        return found.length === 2 ? found : undefined;
      },
      startMs,
      () => operations.toolNames().filter((name) => name.startsWith('mcp_')).join(' '),
    );
    assert.ok(names.every((name) => !name.includes('__')), `a name was qualified: ${names.join(' ')}`);
    const echoAll = async (message: string): Promise<void> => {
      for (const name of names) {
        const { text } = await operations.invokeTool(name, { message: `${message} ${name}` });
        assert.match(text, new RegExp(`Echo: ${message} ${name}`));
      }
    };
    await echoAll('through');
    // A server that is configured anew is started anew, and its session ends: VS Code goes on with an id that nobody
    // knows any more, and has to find its way back by itself.
    await withConfiguration((text) => text.replace('"command"', '"env": { "MCP_SHARK_CHANGED": "1" }, "command"'), async () => {
      const getEnv = names.map((name) => name.replace(/echo$/, 'get-env'));
      await waitFor(
        'the server with its changed environment to answer',
        async () => {
          // VS Code may cancel what is in flight when it connects anew.
          const answers = await Promise.all(getEnv.map((name) => operations.invokeTool(name, {}).then(({ text }) => text, String)));
          return answers.some((text) => text.includes('MCP_SHARK_CHANGED')) ? true : undefined;
        },
        startMs,
      );
      // It connects to the other server anew as well, whose version has changed with the configuration, and drops what is
      // in flight there meanwhile: what counts is that both are back.
      await waitFor('both servers to answer again', () => echoAll('once more through').then(() => true, () => undefined), startMs);
    });
  } finally {
    await operations.updateUserSetting(setting, undefined);
  }
  await waitForTools(['everything__echo', 'remote__echo']);
});
