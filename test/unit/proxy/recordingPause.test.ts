/** Pausing recording in the whole application: calls go on, the log says when it was silent, and a closing window does, too. */
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import type { CallRow } from '../../../src/extension/contract/traffic';
import { ROOT } from '../../support/gateway/gatewayFixture';
import { neverAborted as signal, startApplication, type ApplicationFixture } from '../../support/playground/applicationFixture';
import { tool } from '../../support/playground/playgroundFixture';
import { cleanFolders } from '../../support/store/storeHarness';

let fixture: ApplicationFixture;
beforeEach(async () => {
  fixture = await startApplication();
  const script = JSON.stringify({ tools: [{ name: 'echo', annotations: { readOnlyHint: true } }] });
  await fixture.configure({ s: { command: process.execPath, args: [`${ROOT}test/servers/scripted.mjs`], env: { SCRIPT: script } } });
  await fixture.application.setRouting(true);
  await fixture.api.ready(signal);
  await fixture.api.look(['s'], signal);
  await fixture.until('s', ({ servers }) => servers.find(({ connection, revision }) => connection.kind === 'ready' && revision > 0));
});
afterEach(() => fixture?.close());
afterAll(cleanFolders);

const rows = async (filter: string): Promise<readonly CallRow[]> => {
  const store = await fixture.application.store();
  await store.settled();
  return (await store.page({ filter, position: { kind: 'newest' }, limit: 100 })).rows;
};
const call = async (): Promise<unknown> => (await fixture.run({ target: tool('s', 'echo'), args: {} })).status;

it('calls go on unrecorded; afterwards they are recorded again, and the pause is a row with what passed', async () => {
  expect(fixture.application.status.recording).toEqual({ kind: 'on' });
  expect(await call()).toBe('ok');
  await fixture.application.setRecording(false);
  // Twice is once.
  await fixture.application.setRecording(false);
  expect(await call()).toBe('ok');
  const paused = fixture.application.status.recording;
  expect(paused).toMatchObject({ kind: 'paused', sinceMs: expect.any(Number) });
  expect(paused.kind === 'paused' && paused.frames).toBeGreaterThanOrEqual(4);
  const [open] = await rows('status:unrecorded');
  expect(open).toMatchObject({ method: 'recording/paused', detail: 'Recording is paused: what passes is not written down.' });
  expect(open?.durationUs).toBeUndefined();
  await fixture.application.setRecording(true);
  expect(await call()).toBe('ok');
  expect(await rows('tool:echo status:ok')).toHaveLength(2);
  const pauses = await rows('status:unrecorded');
  expect(pauses).toHaveLength(1);
  expect(pauses[0]?.detail).toMatch(/^Recording was paused: \d+ messages not written down\.$/);
  expect(pauses[0]?.durationUs).toBeGreaterThan(0);
  expect(await rows('status:running')).toEqual([]);
});

it('a window that closes while it is paused leaves its pause in the log, with an end', async () => {
  await fixture.application.setRecording(false);
  await call();
  const store = await fixture.application.store();
  const written: unknown[] = [];
  const { append } = store.journal;
  store.journal.append = (meta, ...rest) => {
    if (meta.k === 'event') written.push(meta.type);
    return append.call(store.journal, meta, ...rest);
  };
  await fixture.application.close();
  expect(written.at(-1)).toBe('recording.resumed');
});
