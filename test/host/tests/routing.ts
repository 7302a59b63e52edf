// Routing off: the provider offers nothing and VS Code loses the tools. Routing on: they come back.
import assert from 'node:assert/strict';
import { startMs, waitFor } from '../../support/editor/poll';
import { operations } from '../driver/operations';
import { test } from '../harness';
import { routedToolNames, toggleRouting, waitForTools } from '../product';

test('turning routing off takes the tools away, turning it on brings them back', async () => {
  await waitForTools(['everything__echo', 'remote__echo']);
  await operations.executeCommand(toggleRouting);
  await waitFor('the tools to go', () => (routedToolNames().length === 0 ? true : undefined), startMs, () => routedToolNames().join(' '));
  await operations.executeCommand(toggleRouting);
  const [name] = await waitForTools(['everything__echo', 'remote__echo']);
  assert.ok(name);
  const { text } = await operations.invokeTool(name, { message: 'back again' });
  assert.match(text, /Echo: back again/);
});
