/** What the view keeps per workspace: it arrives however long the host is gone, and only a refusal is the user's business. */
import { expect, it } from 'vitest';
import { ANSWER_DEADLINE_MS } from '../../../src/webview/platform/answered';
import { ViewSettings } from '../../../src/webview/traffic/model/viewSettings';
import { flush, ManualClock } from '../../support/webview/manualClock';
import { ScriptedHost } from '../../support/webview/scriptedHost';

async function loaded(): Promise<{ host: ScriptedHost; clock: ManualClock; settings: ViewSettings; failures: unknown[] }> {
  const [host, clock, failures] = [new ScriptedHost(), new ManualClock(), [] as unknown[]];
  const settings = new ViewSettings(host, clock, (error) => failures.push(error));
  settings.load();
  await flush();
  return { host, clock, settings, failures };
}

it('a change that the host did not answer is sent again until it does, without a word to the user', async () => {
  const { host, clock, settings, failures } = await loaded();
  const save = host.saveSettings.bind(host);
  let asked = 0;
  host.saveSettings = () => new Promise(() => void (asked += 1));
  settings.setLayout('server');
  await clock.advance(2 * ANSWER_DEADLINE_MS);
  expect(asked).toBe(2);
  host.saveSettings = save;
  await clock.advance(2 * ANSWER_DEADLINE_MS);
  expect(host.kept.layout).toBe('server');
  expect(failures).toEqual([]);
  // Once is enough.
  await clock.advance(4 * ANSWER_DEADLINE_MS);
  expect(host.actions.filter((action) => action === 'save settings')).toHaveLength(1);
  settings.dispose();
});

it('a change that the host refuses is told, and not sent again', async () => {
  const { host, clock, settings, failures } = await loaded();
  host.actionFailure = new Error('read-only');
  settings.setLayout('server');
  await clock.advance(4 * ANSWER_DEADLINE_MS);
  expect(failures).toEqual([host.actionFailure]);
  expect(host.actions).toEqual(['save settings']);
  settings.dispose();
});
