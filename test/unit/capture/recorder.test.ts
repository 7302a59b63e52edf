// What the gateway hands over, and what the journal gets.
import { describe, expect, it } from 'vitest';
import { createRecorder } from '../../../src/extension/capture/recorder';
import { createRedactor, type Redaction, type Redactor } from '../../../src/extension/capture/redactor';
import type { CapturedFrame } from '../../../src/extension/capture/types';
import type { EntryMeta, Journal } from '../../../src/extension/store/types';
import { systemClock, type Clock } from '../../../src/extension/util/clock';
import { toDisposable } from '../../../src/extension/util/lifecycle';

interface Appended {
  readonly meta: EntryMeta;
  readonly wallMs: number;
  readonly us: number;
  readonly body: string | undefined;
}

function memoryJournal(canReferTo = true): Journal & { readonly entries: Appended[] } {
  const entries: Appended[] = [];
  return {
    entries,
    append: (meta, wallMs, us, body) => entries.push({ meta, wallMs, us, body: body && Buffer.from(body).toString() }),
    flush: () => undefined,
    canReferTo: () => canReferTo,
  };
}

/** The text of an entry, put together as a reader of the journal does. */
function wholeOf(entries: readonly Appended[], index: number): string | undefined {
  const { meta, body } = entries[index]!;
  if (meta.k !== 'frame' || !meta.cut) return body;
  const from = entries[meta.fwd! - 1]!.body!;
  return from.slice(0, meta.cut[0]) + body! + from.slice(meta.cut[0] + meta.cut[1]);
}

const clock: Clock = { wallMs: () => 1000, monotonicUs: () => 5, timer: () => toDisposable(() => undefined) };
const frame = (text: string, facts: Partial<CapturedFrame> = {}): CapturedFrame => ({
  leg: 'downstream',
  direction: 'toServer',
  session: 's',
  envelope: { kind: 'request', id: '1', method: 'tools/call' },
  bytes: Buffer.from(text),
  ...facts,
});

describe('the recorder', () => {
  it('appends a frame with both clocks and its facts, and gives its number', () => {
    const journal = memoryJournal();
    const recorder = createRecorder({ journal, clock });
    expect(recorder.frame(frame('{"a":1}', { server: 'x', cause: 3, ownMessage: true }))).toBe(1);
    expect(journal.entries[0]).toEqual({
      meta: { k: 'frame', leg: 'downstream', dir: 'toServer', kind: 'request', s: 's', srv: 'x', id: '1', method: 'tools/call', fwd: undefined, same: undefined, cut: undefined, cause: 3, own: true, headers: undefined, size: 7, red: undefined },
      wallMs: 1000,
      us: 5,
      body: '{"a":1}',
    });
  });

  it('writes and sends at once what comes first in a turn of the event loop, and together what comes after it', async () => {
    const order: string[] = [];
    const journal: Journal = { ...memoryJournal(), flush: () => void order.push('written') };
    const recorder = createRecorder({ journal, clock });
    const send = (name: string): void => void recorder.frame(frame('{}'), () => void order.push(name));
    const endOfTurn = new Promise<void>((resolve) => {
      setImmediate(() => {
        // Asked for before the recorder did.
        order.push('turn ends');
        setImmediate(resolve);
      });
    });
    send('first');
    await Promise.resolve();
    expect(order).toEqual([]);
    await new Promise<void>((resolve) => process.nextTick(resolve));
    expect(order).toEqual(['written', 'first', 'written']);
    send('second');
    send('third');
    await new Promise<void>((resolve) => process.nextTick(resolve));
    expect(order).toHaveLength(3);
    await endOfTurn;
    expect(order.slice(3)).toEqual(['turn ends', 'written', 'second', 'written', 'third', 'written']);
    send('next turn');
    await new Promise<void>((resolve) => process.nextTick(resolve));
    expect(order.slice(9)).toEqual(['written', 'next turn', 'written']);
  });

  it('gives the name of what an answer of its own is about, redacted', () => {
    const journal = memoryJournal();
    const recorder = createRecorder({ journal, clock });
    recorder.frame(frame('{}', { ownMessage: true, name: 'delete_all' }));
    recorder.frame(frame('{}', { ownMessage: true, name: `ghp_${'a1'.repeat(18)}` }));
    expect(journal.entries.map(({ meta }) => meta.k === 'frame' && meta.name)).toEqual(['delete_all', '[redacted:github-token]']);
  });

  it('records a redacted copy and leaves the bytes that are forwarded alone', () => {
    const journal = memoryJournal();
    const bytes = Buffer.from('{"password":"hunter2"}');
    createRecorder({ journal, clock }).frame(frame('', { bytes, headers: { Authorization: 'Bearer x', Accept: '*/*' } }));
    expect(bytes.toString()).toBe('{"password":"hunter2"}');
    expect(journal.entries[0]?.body).toBe('{"password":"[redacted:value]"}');
    expect(journal.entries[0]?.meta).toMatchObject({ size: 22, red: 2, headers: { authorization: '[redacted:header]', accept: '*/*' } });
  });

  describe('of a large message that is passed on with a few values replaced', () => {
    const filler = 'plain text '.repeat(1000);
    const original = (secret = ''): Buffer => Buffer.from(`{"name":"server__tool","text":"${filler}${secret}"}`);
    const replaced = (from: Buffer, name: string): Partial<CapturedFrame> => {
      const bytes = Buffer.from(from.toString().replace('server__tool', name));
      return { bytes, forwards: 1, edited: { from, places: [{ start: 8, end: 10 + name.length }] } };
    };
    /** How many bytes are looked through, by call. */
    const counted = (redactor = createRedactor()): { redactor: Redactor; looked: number[] } => {
      const looked: number[] = [];
      const body = (bytes: Uint8Array): Redaction => {
        looked.push(bytes.length);
        return redactor.body(bytes);
      };
      return { redactor: { ...redactor, body }, looked };
    };

    it('looks through what was replaced only, and keeps all of it', () => {
      const journal = memoryJournal();
      const { redactor, looked } = counted();
      const recorder = createRecorder({ journal, clock, redactor });
      const from = original();
      recorder.frame(frame('', { bytes: from }));
      const next = replaced(from, 'tool');
      recorder.frame(frame('', next));
      expect(looked[0]).toBe(from.length);
      expect(looked.slice(1).every((length) => length < 1100)).toBe(true);
      expect(wholeOf(journal.entries, 1)).toBe(next.bytes?.toString());
    });

    it('keeps what was replaced only', () => {
      const journal = memoryJournal();
      const recorder = createRecorder({ journal, clock });
      const from = original();
      recorder.frame(frame('', { bytes: from }));
      const next = replaced(from, 'tool');
      recorder.frame(frame('', next));
      expect(journal.entries[1]).toMatchObject({ meta: { fwd: 1, cut: [8, 14], size: next.bytes?.length }, body: '"tool"' });
    });

    it('keeps what stands from the first value to the last, where there are several', () => {
      const journal = memoryJournal();
      const recorder = createRecorder({ journal, clock });
      const from = Buffer.from(`{"id":1,"name":"server__tool","text":"${filler}"}`);
      const bytes = Buffer.from(`{"id":1000,"name":"tool","text":"${filler}"}`);
      recorder.frame(frame('', { bytes: from }));
      recorder.frame(frame('', { bytes, forwards: 1, edited: { from, places: [{ start: 6, end: 10 }, { start: 18, end: 24 }] } }));
      expect(journal.entries[1]).toMatchObject({ meta: { cut: [6, 23] }, body: '1000,"name":"tool"' });
      expect(wholeOf(journal.entries, 1)).toBe(bytes.toString());
    });

    const far = `{"a":"x","text":"${filler}","z":"x"}`;
    it.each<[string, (from: Buffer) => Partial<CapturedFrame>, boolean?]>([
      ['what it was made of is in another file', (from) => replaced(from, 'tool'), false],
      ['it passes on another frame than the one it was made of', (from) => ({ ...replaced(from, 'tool'), forwards: 7 })],
      ['what it was made of was not recorded', (from) => replaced(Buffer.from(from), 'tool')],
      ['most of it stands between the first value and the last', () => ({ bytes: Buffer.from(far), forwards: 1, edited: { from: Buffer.from(far), places: [{ start: 5, end: 8 }, { start: far.length - 4, end: far.length - 1 }] } })],
      ['nothing stands in place of what was taken out', (from) => ({ bytes: Buffer.concat([from.subarray(0, 9), from.subarray(21)]), forwards: 1, edited: { from, places: [{ start: 9, end: 9 }] } })],
    ])('keeps all of it where %s', (_, make, canReferTo = true) => {
      const journal = memoryJournal(canReferTo);
      const recorder = createRecorder({ journal, clock });
      const from = original();
      recorder.frame(frame('', { bytes: from }));
      const next = make(from);
      recorder.frame(frame('', next));
      expect(journal.entries[1]).toMatchObject({ meta: { cut: undefined }, body: next.bytes?.toString() });
    });

    it.each([
      ['puts a secret in', original(), 'ghp_0123456789abcdefghijABCDEFGHIJ012345'],
      ['had a secret elsewhere', original('","password":"hunter2'), 'tool'],
    ])('hides everything where the change %s', (_, from, name) => {
      const journal = memoryJournal();
      const recorder = createRecorder({ journal, clock });
      recorder.frame(frame('', { bytes: from }));
      const next = replaced(from, name);
      recorder.frame(frame('', next));
      expect(journal.entries[1]?.body).toBe(Buffer.from(createRedactor().body(next.bytes!).bytes).toString());
      expect(journal.entries[1]?.body).toContain('[redacted:');
    });

    it.each([
      ['the user has patterns of his own, which may look at all of it', createRedactor({ patterns: [{ kind: 'mine', pattern: 'tool".*text' }] }), true],
      ['the original is not known', createRedactor(), false],
    ])('looks through all of it where %s', (_, inner, isKnown) => {
      const { redactor, looked } = counted(inner);
      const recorder = createRecorder({ journal: memoryJournal(), clock, redactor });
      const from = original();
      if (isKnown) recorder.frame(frame('', { bytes: from }));
      const next = replaced(from, 'other');
      recorder.frame(frame('', next));
      expect(looked.at(-1)).toBe(next.bytes?.length);
    });
  });

  it('keeps bytes that are passed on unchanged once', () => {
    const journal = memoryJournal();
    createRecorder({ journal, clock }).frame(frame('{"a":1}', { forwards: 1, unchanged: true }));
    expect(journal.entries[0]).toMatchObject({ meta: { fwd: 1, same: true, size: 7 }, body: undefined });
  });

  it('keeps them again where the first copy is in another file, or was lost', () => {
    const journal = memoryJournal(false);
    createRecorder({ journal, clock }).frame(frame('{"a":1}', { forwards: 1, unchanged: true }));
    expect(journal.entries[0]).toMatchObject({ meta: { fwd: 1, same: undefined }, body: '{"a":1}' });
  });

  it('cuts hostile names and ids, and keeps different ids apart', () => {
    const journal = memoryJournal();
    const recorder = createRecorder({ journal, clock });
    const long = 'x'.repeat(1_000_000);
    for (const end of ['a', 'b']) recorder.frame(frame('', { envelope: { kind: 'request', id: `"${long}${end}"`, method: long } }));
    const ids = journal.entries.map(({ meta }) => (meta.k === 'frame' ? meta.id : ''));
    expect(new Set(ids).size).toBe(2);
    for (const { meta } of journal.entries) expect(JSON.stringify(meta).length).toBeLessThan(2000);
  });

  it('redacts events and takes whatever their data is', () => {
    const journal = memoryJournal();
    const recorder = createRecorder({ journal, clock });
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    recorder.event({ type: 'server.stderr', server: 'x', data: { lines: [`token ghp_${'a1'.repeat(18)}`] } });
    recorder.event({ type: 'config.changed', data: circle });
    recorder.event({ type: 'config.changed', data: { big: 10n } });
    expect(journal.entries.map(({ meta }) => (meta.k === 'event' ? JSON.stringify(meta.data) : ''))).toEqual([
      '{"lines":["token [redacted:github-token]"]}',
      '{"unrecordable":"the event holds something that is no JSON"}',
      '{"unrecordable":"the event holds something that is no JSON"}',
    ]);
  });

  it('takes microseconds for a small frame', () => {
    const journal: Journal = { append: () => 1, flush: () => undefined, canReferTo: () => true };
    const recorder = createRecorder({ journal, clock: systemClock });
    const small = frame(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'tool', arguments: { text: 'lorem ipsum '.repeat(40) } } }));
    for (let i = 0; i < 5000; i++) recorder.frame(small);
    const start = process.threadCpuUsage();
    for (let i = 0; i < 20_000; i++) recorder.frame(small);
    expect(process.threadCpuUsage(start).user / 20_000).toBeLessThan(30);
  });
});
