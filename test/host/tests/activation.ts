// The packaged extension comes up by itself and contributes what package.json promises.
import assert from 'node:assert/strict';
import { startMs, waitFor } from '../../support/editor/poll';
import { operations } from '../driver/operations';
import { test } from '../harness';
import { productId, showTraffic, toggleRouting } from '../product';

test('the packaged extension is installed and activates without being asked', async () => {
  const state = await waitFor('the extension to activate', () => {
    const found = operations.extensionState(productId);
    return found?.isActive ? found : undefined;
  }, startMs, () => JSON.stringify(operations.extensionState(productId) ?? 'not installed'));
  assert.doesNotMatch(state.path, /[\\/]src[\\/]/, 'the suite must run against the packaged extension');
});

test('its commands are registered', async () => {
  const ids = await operations.commandIds();
  for (const id of [showTraffic, toggleRouting]) assert.ok(ids.includes(id), `${id} is not registered`);
});
