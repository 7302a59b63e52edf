// Files of recent traffic: whoever opens the folder with another tool finds everything, also what the journal before has left open.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { deadWindow, sealerIn } from '../../support/store/segmentFile';
import { cleanFolders, recordedIn, tempFolder, wasmFile, type Player } from '../../support/store/storeHarness';

let engine: SqlEngine;
beforeAll(async () => {
  engine = await SqlEngine.start(wasmFile, tempFolder());
});
afterEach(cleanFolders);

/** All calls in the SQLite files of a folder, as anybody reads them. */
function callsIn(dir: string): string[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith('.sqlite'))
    .flatMap((name) => {
      const db = new DatabaseSync(join(dir, name), { readOnly: true });
      try {
        return db.prepare('SELECT id, name, status FROM calls').all().map(({ id, name: called, status }) => `${String(id)} ${String(called)} ${String(status)}`);
      } finally {
        db.close();
      }
    })
    .sort();
}

/** A window whose first journals are complete, and not sealed yet; a call is open over all of them. */
function window(dir: string, journals: number): void {
  deadWindow(dir, 'w', (player: Player, journal) => {
    const asked = player.ask('srv', 'span', {});
    for (let k = 1; k < journals; k++) {
      player.call('srv', `in${k}`, {});
      journal.rotate();
    }
    player.answer('srv', asked, { result: { ok: 1 } });
    player.call('srv', 'later', {});
  });
}

describe('a snapshot', () => {
  it.each([2, 3])('of journal %i makes the files of those before that are not sealed yet, so that no call is missing', async (k) => {
    const dir = tempFolder();
    window(dir, k);
    const recorded = (await recordedIn(dir)).map(({ id, name, status }) => `${id} ${name ?? ''} ${status}`).sort();
    expect(recorded).toHaveLength(k + 1);
    expect(recorded).toContain('w/1 span ok');
    expect(sealerIn(dir, engine, { me: 'w' }).snapshot(k)).toBe(join(dir, `w-${k}.recent.sqlite`));
    expect(callsIn(dir)).toEqual(recorded);
    expect(readdirSync(dir).sort()).toEqual([...Array.from({ length: k - 1 }, (_, index) => `w-${index + 1}.sqlite`), `w-${k}.jnl`, `w-${k}.recent.sqlite`].sort());
  });

  it('is not made without what the journal before has left open, and made whole when that can be read', async () => {
    const dir = tempFolder();
    window(dir, 2);
    const way = join(dir, 'w-1.sqlite.building-w');
    mkdirSync(way);
    const sealer = sealerIn(dir, engine, { me: 'w' });
    expect(() => sealer.snapshot(2)).toThrow();
    expect(callsIn(dir)).toEqual([]);
    rmSync(way, { recursive: true });
    sealer.snapshot(2);
    expect(callsIn(dir)).toHaveLength(3);
  });

  it('seals once what waits to be put aside, since something in it was damaged, and leaves that to be told', () => {
    const dir = tempFolder();
    window(dir, 2);
    const journal = join(dir, 'w-1.jnl');
    const bytes = readFileSync(journal);
    bytes.write('ZZZZ', bytes.indexOf('srv__in1'));
    writeFileSync(journal, bytes);
    const sealer = sealerIn(dir, engine, { me: 'w' });
    sealer.snapshot(2);
    const { ino } = statSync(join(dir, 'w-1.sqlite'));
    sealer.snapshot(2);
    expect(statSync(join(dir, 'w-1.sqlite')).ino).toBe(ino);
    expect(callsIn(dir)).toHaveLength(3);
    expect(sealer.seal(1, 'handOver')).toMatchObject({ damagedEntries: 1, quarantined: ['w-1.jnl'] });
  });
});
