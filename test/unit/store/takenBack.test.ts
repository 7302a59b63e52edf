// Questions about a single call end, as all others do, when nobody waits for their answer any more.
import { afterEach, describe, expect, it } from 'vitest';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import type { StoreView } from '../../../src/extension/store/worker/storeView';
import { deadWindow, sealerIn, viewOf } from '../../support/store/segmentFile';
import { cleanFolders, tempFolder, wasmFile } from '../../support/store/storeHarness';

afterEach(cleanFolders);

describe('a question about one call', () => {
  const questions: [string, (view: StoreView, id: string, signal?: AbortSignal) => Promise<unknown>][] = [
    ['what is known of it', (view, id, signal) => view.call(id, signal)],
    ['a part of its text', (view, id, signal) => view.body({ id, part: 'request' }, 0, 10, signal)],
  ];
  it.each(questions)('(%s) that is taken back is not worked on', async (_what, ask) => {
    const dir = tempFolder();
    const engine = await SqlEngine.start(wasmFile, tempFolder());
    deadWindow(dir, 'w', (player) => void player.call('a', 'b', {}));
    await sealerIn(dir, engine).recover();
    let onBreath = (): void => undefined;
    const view = viewOf(dir, engine, { breathe: () => (onBreath(), Promise.resolve()) });
    await view.refresh();
    const before = new AbortController();
    before.abort();
    await expect(ask(view, 'w/1', before.signal)).rejects.toMatchObject({ code: 'cancelled' });
    // Others have a turn before it begins: what takes it back may be among them.
    const meanwhile = new AbortController();
    onBreath = () => meanwhile.abort();
    await expect(ask(view, 'w/1', meanwhile.signal)).rejects.toMatchObject({ code: 'cancelled' });
    onBreath = () => undefined;
    await expect(ask(view, 'w/1', new AbortController().signal)).resolves.toBeDefined();
    await expect(ask(view, 'w/1')).resolves.toBeDefined();
    view.close();
  });
});
