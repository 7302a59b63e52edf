// A request that went out twice is told where its call is looked at, and nowhere else.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { TrafficStore } from '../../../src/extension/store/types';
import { cleanFolders, openTestStore, Player, tempFolder } from '../../support/store/storeHarness';

let store: TrafficStore;
beforeEach(async () => {
  store = await openTestStore(tempFolder());
});
afterEach(async () => {
  await store.close();
  cleanFolders();
});

it('a request that was sent again says so among its call’s messages, by its id on that side', async () => {
  const player = new Player(store);
  const repeat = (id: string, server: string): unknown =>
    player.recorder.event({ type: 'server.requestRepeated', session: player.session, server, data: { method: 'tools/call', id, code: 'ECONNRESET', reason: 'the kept-alive connection was closed' } });
  player.call('a', 'before', {});
  const [one, other] = [player.ask('a', 'one', {}), player.ask('a', 'other', {})];
  repeat(String(one.upstreamId), 'a');
  repeat(String(other.upstreamId), 'b');
  player.answer('a', one, { result: { content: [] } });
  player.answer('a', other, { result: { content: [] } });
  repeat(String(one.upstreamId), 'a');
  await store.settled();
  const { rows } = await store.page({ position: { kind: 'newest' }, limit: 10 });
  const repeatsOf = async (name: string): Promise<unknown[]> => {
    const detail = await store.call(rows.find((row) => row.name === name)?.id ?? '');
    return (detail?.related ?? []).map(({ method, leg, text }) => [method, leg, (JSON.parse(text) as Record<string, unknown>)['reason']]);
  };
  expect(await repeatsOf('one')).toEqual([['server.requestRepeated', 'upstream', 'the kept-alive connection was closed']]);
  expect(await repeatsOf('other')).toEqual([]);
  expect(await repeatsOf('before')).toEqual([]);
});
