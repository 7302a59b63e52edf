// Segments as version 2 of the schema wrote them, whose totals know no method and name: they answer as those of today do.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { writeSegmentIndex } from '../../../src/extension/store/worker/segmentIndex';
import { Segment } from '../../../src/extension/store/worker/segment';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import type { StoreView } from '../../../src/extension/store/worker/storeView';
import { deadWindow, sealerIn, viewOf } from '../../support/store/segmentFile';
import { cleanFolders, tempFolder, wasmFile } from '../../support/store/storeHarness';

let engine: SqlEngine;
beforeAll(async () => {
  engine = await SqlEngine.start(wasmFile, tempFolder());
});
afterEach(cleanFolders);

/** Rewrites a segment as version 2 of the schema had it: `total` by server, outcome and kind of session alone. */
function toVersion2(path: string): void {
  const db = new DatabaseSync(path);
  db.exec(`CREATE TABLE older AS SELECT server, status, playground, sum(calls) AS calls, sum(request_bytes) AS request_bytes, sum(response_bytes) AS response_bytes,
      sum(total_us) AS total_us, min(first_ms) AS first_ms, max(last_ms) AS last_ms, group_concat(histogram, ' ') AS histogram FROM total GROUP BY 1, 2, 3;
    DROP TABLE total; ALTER TABLE older RENAME TO total; DELETE FROM info WHERE key = 'texts'; PRAGMA user_version = 2`);
  db.close();
}

const segments = (dir: string): string[] => readdirSync(dir).filter((name) => name.endsWith('.sqlite'));

async function folder(): Promise<string> {
  const dir = tempFolder();
  for (const [index, writer] of ['a', 'b', 'c'].entries()) {
    deadWindow(dir, writer, (player) => {
      player.initialize();
      for (let i = 0; i < 12; i++) {
        const asked = player.ask(`server${i % 3}`, `tool${i % 5}`, { i, index });
        player.answer(`server${i % 3}`, asked, i % 4 === 3 ? { error: { code: -1, message: 'no' } } : { result: { content: [{ type: 'text', text: 'x'.repeat(i * 10) }] } });
      }
    });
  }
  await sealerIn(dir, engine).recover();
  return dir;
}

/** Answers that come from totals, from roll-ups by the hour, and from calls. */
async function answers(view: StoreView): Promise<unknown> {
  const newest = { position: { kind: 'newest' }, limit: 500 } as const;
  return {
    rows: (await view.page({ filter: '', ...newest }, () => 0)).rows,
    totals: await Promise.all(['', 'server:server1', 'tool:tool3', 'method:initialize', 'status:error', 'tool:tool2 status:error', 'method:tools/call'].map(async (filter) => (await view.page({ filter, ...newest }, () => 0)).total)),
    summaries: await Promise.all(['', 'server:server2', 'tool:tool1', 'x'].map((filter) => view.summary({ filter }))),
    statistics: await Promise.all((['all', 'server', 'name', 'method'] as const).map((by) => view.statistics({ by }, () => 0))),
    groups: await Promise.all((['session', 'server', 'conversation', 'prompt'] as const).map((by) => view.groups({ by, limit: 50 }, () => 0))),
  };
}

async function asked<T>(dir: string, use: (view: StoreView) => Promise<T>): Promise<T> {
  const view = viewOf(dir, engine, { warn: (message) => expect.fail(message) });
  try {
    await view.refresh();
    return await use(view);
  } finally {
    view.close();
  }
}

describe('segments of version 2', () => {
  it('answer as those of today do, alone, beside them, and put together with them', async () => {
    const dir = await folder();
    const wanted = await asked(dir, answers);
    expect((wanted as { totals: number[] }).totals).toEqual([39, 12, 6, 3, 9, 3, 36]);
    toVersion2(join(dir, 'a-1.sqlite'));
    expect(await asked(dir, answers)).toEqual(wanted);
    for (const name of ['b-1.sqlite', 'c-1.sqlite']) toVersion2(join(dir, name));
    expect(await asked(dir, answers)).toEqual(wanted);
    await sealerIn(dir, engine, { mergeFrom: 2 }).recover();
    expect(segments(dir)).toEqual(['merged-me-1.sqlite']);
    expect(await asked(dir, answers)).toEqual(wanted);
    const db = new DatabaseSync(join(dir, 'merged-me-1.sqlite'), { readOnly: true });
    expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: 3 });
    expect(db.prepare("SELECT sum(calls) AS calls FROM total WHERE method = 'tools/call' AND name = 'tool3'").get()).toEqual({ calls: 6 });
    db.close();
  });

  it('answer so, too, when they are known from the index and opened later', async () => {
    const dir = await folder();
    const wanted = await asked(dir, answers);
    for (const name of segments(dir)) toVersion2(join(dir, name));
    const indexed = segments(dir).map((name) => {
      const segment = new Segment(engine, join(dir, name));
      segment.close();
      return segment.indexed!;
    });
    expect(indexed.map(({ particulars }) => particulars.version)).toEqual([2, 2, 2]);
    await writeSegmentIndex(dir, 'w', indexed);
    expect(await asked(dir, answers)).toEqual(wanted);
  });

  it('that are damaged are shown as far as they can be read, and how much is missing is said', async () => {
    const dir = await folder();
    for (const name of segments(dir)) toVersion2(join(dir, name));
    const path = join(dir, 'a-1.sqlite');
    const db = new DatabaseSync(path, { readOnly: true });
    const [{ pageno }] = db.prepare("SELECT pageno FROM dbstat WHERE name = 'call' AND pagetype = 'leaf' ORDER BY pageno LIMIT 1").all() as [{ pageno: number }];
    db.close();
    writeFileSync(path, readFileSync(path).fill(0x5a, (pageno - 1) * 4096, pageno * 4096));
    const view = viewOf(dir, engine);
    await view.refresh();
    const { rows } = await view.page({ filter: '', position: { kind: 'newest' }, limit: 500 }, () => 0);
    expect(rows.length).toBeLessThan(39);
    expect(rows.length).toBeGreaterThanOrEqual(26);
    // Such a file has not counted its texts.
    expect(view.unreadable).toMatchObject([{ name: 'a-1.sqlite', missing: { calls: 39 - rows.length, textsAtLeast: true } }]);
    expect(view.unreadable[0]?.missing?.callsAtLeast).toBeUndefined();
    expect((await view.statistics({ by: 'all' }, () => 0)).rows[0]?.calls).toBe(rows.length);
    view.close();
  });
});
