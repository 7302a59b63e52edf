// Bad input: a broken configuration says where and leaves the last good one running; a server that cannot start does not take
// the others with it. Each test puts the workspace's configuration back.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { soonMs, startMs, waitFor } from '../../support/editor/poll';
import { operations } from '../driver/operations';
import { test } from '../harness';
import { readHarness, routedToolNames, toggleRouting, waitForTools, withConfiguration } from '../product';

async function echo(server: string, message: string): Promise<string> {
  const [name] = await waitForTools([`${server}__echo`]);
  assert.ok(name);
  return (await operations.invokeTool(name, { message })).text;
}

test('a broken configuration is reported at its line, and the last good one keeps running', async () => {
  await withConfiguration((text) => text.replace('"remote": {', '"remote": {{'), async (file) => {
    const brokenLine = (await readFile(file, 'utf8')).split('\n').findIndex((line) => line.includes('{{'));
    // Findings of the local checks stand in the same file, each with the rule it is by.
    const problems = () =>
      vscode.languages.getDiagnostics(vscode.Uri.file(file)).filter(({ source, code }) => source === 'MCP Shark' && code === undefined);
    const [problem] = await waitFor('a problem in the Problems view', () => (problems().length > 0 ? problems() : undefined), soonMs);
    assert.equal(problem?.range.start.line, brokenLine);
    assert.match(await echo('remote', 'still here'), /Echo: still here/);
  });
});

test('a server that cannot start leaves the others working', async () => {
  const broken = { command: join(readHarness().workspace, 'no-such-program') };
  const add = (text: string) => {
    const configuration = JSON.parse(text) as { servers: Record<string, object> };
    return JSON.stringify({ ...configuration, servers: { broken, ...configuration.servers } }, null, 2);
  };
  await withConfiguration(add, async () => {
    // Off and on again: every server starts anew, the broken one among them.
    await operations.executeCommand(toggleRouting);
    await waitFor('the tools to go', () => (routedToolNames().length === 0 ? true : undefined), startMs);
    await operations.executeCommand(toggleRouting);
    assert.match(await echo('everything', 'unharmed'), /Echo: unharmed/);
  });
});
