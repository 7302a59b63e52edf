// A server that comes up with more tools in the middle of a session: VS Code has them at once and keeps its session, in which
// the server remembers what it was told. (A definition whose `version` changes has VS Code stop what is connected.)
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startMs, waitFor } from '../../support/editor/poll';
import { operations } from '../driver/operations';
import { test } from '../harness';
import { readHarness, waitForTools, withConfiguration } from '../product';

/** Has the tools `grow` and `who`, and `grown` from when `grow` was called. */
const source = `
  const tools = ['grow', 'who'];
  const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
  const answers = {
    initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: { listChanged: true } }, serverInfo: { name: 'growing', version: '1' } }),
    'tools/list': () => ({ tools: tools.map((name) => ({ name, description: name, inputSchema: { type: 'object' } })) }),
    'tools/call'({ name }) {
      if (name === 'grow') {
        tools.push('grown');
        send({ method: 'notifications/tools/list_changed' });
      }
      return { content: [{ type: 'text', text: 'process ' + process.pid }] };
    },
  };
  let rest = '';
  process.stdin.setEncoding('utf8').on('data', (chunk) => {
    const lines = (rest + chunk).split('\\n');
    rest = lines.pop();
    for (const { id, method, params } of lines.map((line) => JSON.parse(line))) {
      if (id !== undefined && method) send({ id, result: (answers[method] ?? (() => ({})))(params ?? {}) });
    }
  }).on('end', () => process.exit());`;

const setting = 'mcpShark.client.definitions';

for (const mode of ['aggregate', 'perServer']) {
  test(`VS Code gets the tools that a server adds in the middle, and the server stays the same process ("${mode}")`, async () => {
    const file = join(readHarness().workspace, `growing-${mode}.mjs`);
    await writeFile(file, source);
    await operations.updateUserSetting(setting, mode === 'perServer' ? mode : undefined);
    try {
      const add = (text: string): string => {
        const configuration = JSON.parse(text) as { servers: Record<string, object> };
        return JSON.stringify({ ...configuration, servers: { ...configuration.servers, growing: { command: process.execPath, args: [file] } } }, null, 2);
      };
      await withConfiguration(add, async () => {
        const ending = (tool: string): string => (mode === 'perServer' ? `_growing_${tool}` : `growing__${tool}`);
        const [grow, who] = (await waitForTools([ending('grow'), ending('who')])) as [string, string];
        const ask = async (tool: string): Promise<string> => (await operations.invokeTool(tool, {})).text;
        const before = await ask(who);
        assert.match(before, /^process \d+$/);
        assert.equal(await ask(grow), before);
        const grown = await waitFor('the tool that was added', () => operations.toolNames().find((name) => name.endsWith(ending('grown'))), startMs, () => operations.toolNames().join(' '));
        assert.equal(await ask(grown), before);
        // It starts what it has stopped; here, nothing.
        await operations.startMcpServers();
        assert.equal(await ask(who), before);
        assert.ok(operations.toolNames().includes(grown), 'the tool that was added is gone');
      });
    } finally {
      await operations.updateUserSetting(setting, undefined);
      await rm(file);
    }
    await waitForTools(['everything__echo', 'remote__echo']);
  });
}
