/** A body in parts: asked for as looked at, searched with how far it has come, loaded whole when wanted, failures mended. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BodyPart } from '../../../src/extension/contract/traffic';
import { BigBody, MAX_LOADED } from '../../../src/webview/traffic/model/bigBody';
import { flush } from '../../support/webview/manualClock';

interface Source {
  readonly body: BigBody;
  readonly asked: [from: number, limit: number][];
  fails: boolean;
}

/** Serves a text as the store does: parts end where characters do. */
function source(text: string): Source {
  const bytes = new TextEncoder().encode(text);
  const back = (at: number): number => {
    let place = Math.min(at, bytes.length);
    while (place > 0 && place < bytes.length && ((bytes[place] ?? 0) & 0xc0) === 0x80) place -= 1;
    return place;
  };
  const asked: Source['asked'] = [];
  const state = { fails: false };
  const body = new BigBody({ id: 'w/1', part: 'response' }, async (_ref, from, limit): Promise<BodyPart> => {
    asked.push([from, limit]);
    if (state.fails) throw new Error('the disk is gone');
    const [fromByte, toByte] = [back(from), back(from + limit)];
    return { text: new TextDecoder().decode(bytes.subarray(fromByte, toByte)), fromByte, toByte, totalBytes: bytes.length };
  });
  return Object.assign(state, { asked, body });
}

async function settled(done: () => boolean): Promise<void> {
  for (let i = 0; i < 1_000 && !done(); i += 1) await flush();
}

describe('a body in parts', () => {
  it('gives the bytes of any place once they came, whatever characters lie across its parts', async () => {
    const text = 'aäあ👍'.repeat(30_000);
    const bytes = new TextEncoder().encode(text);
    const { body } = source(text);
    await settled(() => body.length > 0);
    expect(body.length).toBe(bytes.length);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 300 }), fc.integer({ min: 1, max: 300 }), async (from, count) => {
        body.read(from, from + count);
        await settled(() => body.read(from, from + count) !== undefined);
        expect(body.read(from, from + count)).toEqual(bytes.slice(from, from + count));
      }),
      { numRuns: 50 },
    );
  });

  it('asks only for what is looked at, and once', async () => {
    const { body, asked } = source('x'.repeat(5_000_000));
    await settled(() => body.length > 0);
    asked.length = 0;
    body.read(3_000_000, 3_000_100);
    body.read(3_000_000, 3_000_100);
    await flush();
    expect(asked).toHaveLength(1);
    const before = body.revision.value;
    expect(body.read(3_000_000, 3_000_100)).toHaveLength(100);
    expect(before).toBeGreaterThan(0);
  });

  it('says why a part did not come, and tries again', async () => {
    const made = source('x'.repeat(200_000));
    await settled(() => made.body.length > 0);
    made.fails = true;
    made.body.read(0, 10);
    await settled(() => made.body.failure.value !== undefined);
    expect(made.body.failure.value).toMatchObject({ message: 'the disk is gone' });
    made.fails = false;
    made.body.retry();
    made.body.read(0, 10);
    await settled(() => made.body.read(0, 10) !== undefined);
    expect(made.body.read(0, 10)).toHaveLength(10);
  });
});

describe('the search', () => {
  it('finds every place once, also across parts, and says how far it has come', async () => {
    const filler = 'ä'.repeat(499_998);
    const text = `Needle${filler}needle${filler}NEEDLE`;
    const { body } = source(text);
    await settled(() => body.length > 0);
    body.find('needle');
    expect(body.search.value).toMatchObject({ isRunning: true, done: 0 });
    await settled(() => !body.search.value.isRunning);
    const bytes = new TextEncoder().encode(text);
    expect(body.search.value.matches.map(({ from, to }) => new TextDecoder().decode(bytes.slice(from, to)))).toEqual(['Needle', 'needle', 'NEEDLE']);
    expect(body.search.value.done).toBe(bytes.length);
  });

  it('can be held, and goes on', async () => {
    const { body } = source(`${'x'.repeat(3_000_000)}end`);
    await settled(() => body.length > 0);
    body.find('end');
    body.stopSearch();
    await flush();
    expect(body.search.value).toMatchObject({ isRunning: false, matches: [] });
    expect(body.search.value.done).toBeLessThan(3_000_003);
    body.resumeSearch();
    await settled(() => !body.search.value.isRunning);
    expect(body.search.value.matches).toHaveLength(1);
  });

  it('ends with a thousand places, and with a failure says how far it came', async () => {
    const many = source('ab'.repeat(700_000));
    await settled(() => many.body.length > 0);
    many.body.find('a');
    await settled(() => !many.body.search.value.isRunning);
    expect(many.body.search.value.matches).toHaveLength(1_000);
    expect(many.body.search.value.done).toBeLessThan(1_400_000);
    const failing = source('x'.repeat(2_000_000));
    await settled(() => failing.body.length > 0);
    failing.fails = true;
    failing.body.find('y');
    await settled(() => !failing.body.search.value.isRunning);
    expect(failing.body.failure.value).toBeDefined();
  });
});

describe('all of it', () => {
  it('is loaded when asked for, and given up when not wanted any more', async () => {
    const text = 'ä👍'.repeat(400_000);
    const { body } = source(text);
    await settled(() => body.length > 0);
    body.loadAll();
    body.stopLoading();
    await flush();
    expect(body.whole.value).toBeUndefined();
    expect(body.loaded.value).toBeUndefined();
    body.loadAll();
    await settled(() => body.whole.value !== undefined);
    expect(body.whole.value).toBe(text);
  });

  it('is not loaded where it is too much', async () => {
    const { body, asked } = source('x'.repeat(MAX_LOADED + 1));
    await settled(() => body.length > 0);
    asked.length = 0;
    body.loadAll();
    await flush();
    expect(asked).toEqual([]);
  });
});
