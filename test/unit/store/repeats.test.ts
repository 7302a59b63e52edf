// What is said again and again is stored once, and told again byte for byte.
import { execFileSync } from 'node:child_process';
import { hostname } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { JournalWriter } from '../../../src/extension/store/journalWriter';
import type { RecordedCall } from '../../../src/extension/store/reader';
import { appendNotes } from '../../../src/extension/store/worker/noteFiles';
import { recordOf } from '../../../src/extension/store/worker/notes';
import { rekeyed, repeated, Repeats } from '../../../src/extension/store/worker/repeats';
import { Sealer } from '../../../src/extension/store/worker/sealer';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { cleanFolders, Player, recordedIn, tempFolder, wasmFile } from '../../support/store/storeHarness';

afterEach(cleanFolders);

describe('a repeated body', () => {
  it('is told again exactly, wherever its id stands and whatever else looks like one', () => {
    const ids = fc.oneof(fc.integer().map(String), fc.string({ maxLength: 6 }).map((text) => JSON.stringify(text)));
    const filler = 'x'.repeat(2100);
    fc.assert(
      fc.property(fc.array(fc.tuple(ids, fc.boolean(), fc.constantFrom(filler, `${filler}y`, `"id":1,${filler}`)), { minLength: 2, maxLength: 8 }), (messages) => {
        const repeats = new Repeats();
        const stored = new Map<number, Buffer>();
        let told = 0;
        messages.forEach(([id, isFirst, text], key) => {
          const body = Buffer.from(isFirst ? `{"jsonrpc":"2.0","id":${id},"result":{"t":${JSON.stringify(text)}}}` : `{"result":{"t":${JSON.stringify(text)}},"id":${id}}`);
          const form = repeats.find(key, body, id);
          if (form) {
            told++;
            const bodyOf = (first: number): Buffer => stored.get(first) ?? Buffer.alloc(0);
            expect(repeated(form, bodyOf)).toEqual(body);
            expect(repeated(rekeyed(form, (first) => first + 100), (first) => bodyOf(first - 100))).toEqual(body);
          } else stored.set(key, body);
        });
        expect(told + stored.size).toBe(messages.length);
      }),
    );
  });

  it.each(['', '{', '7', '[]', '["a",1,2,"3"]'])('of which the form is damaged ("%s") stays damaged, and so does what is told of it', (text) => {
    const damaged = Buffer.from(text);
    const same = (key: number): number => key;
    expect(rekeyed(damaged, same)).toEqual(damaged);
    expect(() => repeated(damaged, () => Buffer.alloc(10))).toThrow();
    const form = Buffer.from('[1,5,1,"7"]');
    expect(rekeyed(form, same, new Map([[1, damaged]]))).toEqual(form);
  });

  it('that differs in anything else is stored by itself', () => {
    const repeats = new Repeats();
    const body = (id: number, text: string): Buffer => Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, result: { text: text.repeat(3000) } }));
    expect(repeats.find(1, body(1, 'a'), '1')).toBeUndefined();
    expect(repeats.find(2, body(2, 'b'), '2')).toBeUndefined();
    expect(repeats.find(3, body(10, 'a'), '10')).toBeDefined();
    expect(repeats.find(4, Buffer.from('{"id":1}'), '1')).toBeUndefined();
  });
});

describe('a catalog that every session asks for', () => {
  const tools = Array.from({ length: 60 }, (_, i) => ({ name: `tool${i}`, description: `Does ${i} and says so. `.repeat(20) }));

  it('takes its room once, also when files are put together, and in what is kept of them', async () => {
    const dir = tempFolder();
    const engine = await SqlEngine.start(wasmFile, dir);
    for (const writer of ['one', 'two']) {
      const journal = new JournalWriter({ dir, writer, clock: systemClock, logger: nullLogger, pid: 999_999_999, host: hostname(), socket: '' });
      for (let i = 0; i < 40; i++) {
        const player = new Player({ journal }, `${writer}${i}`);
        const id = 100 + i;
        const asked = player.frame({ jsonrpc: '2.0', id, method: 'tools/list' }, {});
        player.frame({ jsonrpc: '2.0', id, result: { tools } }, { direction: 'toClient', cause: asked, ownMessage: true });
      }
      journal.close();
    }
    const sealer = (mergeFrom: number): Sealer => new Sealer({ dir, engine, me: 'me', now: Date.now, warn: (message) => expect.fail(message), compressFrom: 0, signFrom: 0, mergeFrom });
    await sealer(50).recover();
    const response = (id: number): string => JSON.stringify({ jsonrpc: '2.0', id, result: { tools } });
    const check = async (count: number): Promise<RecordedCall[]> => {
      const calls = await recordedIn(dir);
      expect(calls).toHaveLength(count);
      for (const call of calls) expect(call.response).toBe(response((JSON.parse(call.request ?? '') as { id: number }).id));
      return calls;
    };
    const stored = (file: string): string => execFileSync('sqlite3', [join(dir, file), 'SELECT sum(enc = 3), sum(enc <> 3 AND bytes > 2048) FROM body; PRAGMA integrity_check'], { encoding: 'utf8' }).trim();
    expect(stored('one-1.sqlite')).toBe('39|1\nok');
    await check(80);
    await sealer(2).recover();
    expect(stored('merged-me-1.sqlite')).toBe('79|1\nok');
    const calls = await check(80);
    appendNotes(dir, 'w', [recordOf(calls[7]?.id ?? '', { isPinned: true }, 1, 'w')]);
    await sealer(50).retain({ maxAgeMs: 0, maxBytes: 1 });
    expect(stored('kept-me-1.sqlite')).toBe('0|1\nok');
    await check(1);
  });
});
