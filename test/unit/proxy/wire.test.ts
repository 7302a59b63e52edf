/** The small parts of the wire: lines, SSE, one-line frames, commands that are not found, waiting with grace. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settledWithin } from '../../../src/extension/proxy/grace';
import { EventStore } from '../../../src/extension/proxy/eventStream';
import { LazyQueue } from '../../../src/extension/proxy/lazyQueue';
import { explainCommandNotFound } from '../../../src/extension/proxy/transports/commandNotFound';
import { LineSplitter } from '../../../src/extension/proxy/transports/lines';
import { encodeSseEvent, SseParser } from '../../../src/extension/proxy/transports/sseParser';
import { asOneLine } from '../../../src/extension/proxy/transports/stdio';
import { systemClock, type Clock } from '../../../src/extension/util/clock';

/** Cuts bytes at the given places (any numbers). */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, k) => bytes.subarray(from, at[k] ?? bytes.length));
}

describe('LineSplitter', () => {
  it('gives the same lines however the bytes are cut', () => {
    const line = fc.string({ unit: 'binary' }).filter((text) => !/[\n\r]/.test(text));
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), fc.array(fc.nat(), { maxLength: 10 }), fc.boolean(), (lines, end, places, terminated) => {
        const bytes = Buffer.from(lines.join(end) + (terminated ? end : ''));
        const seen: string[] = [];
        const splitter = new LineSplitter((one) => seen.push(one.toString()), 1e6, () => undefined);
        for (const chunk of cut(bytes, places)) splitter.push(chunk);
        splitter.end();
        expect(seen).toEqual(bytes.toString().split(/\r?\n/).filter((text) => text !== ''));
      }),
    );
  });

  it('drops a line without end, says so once, and goes on with the next', () => {
    const seen: string[] = [];
    let overflows = 0;
    const splitter = new LineSplitter((one) => seen.push(one.toString()), 10, () => overflows++);
    for (const chunk of ['aaaaaaaa', 'bbbbbbbb', 'cccc', 'd\nok\n']) splitter.push(Buffer.from(chunk));
    expect([seen, overflows]).toEqual([['ok'], 1]);
  });
});

describe('SseParser with a limit', () => {
  const read = (chunks: readonly string[], maxBytes = 20) => {
    const seen: string[] = [];
    let overflows = 0;
    const parser = new SseParser(({ data }) => seen.push(data.toString()), undefined, { maxBytes, onOverflow: () => overflows++ });
    for (const chunk of chunks) parser.push(Buffer.from(chunk));
    return { seen, overflows };
  };

  it.each([
    ['one line', ['data: ' + 'x'.repeat(30) + '\n\n']],
    ['one line in pieces', Array.from({ length: 30 }, () => 'x')],
    ['many lines of one event', Array.from({ length: 10 }, () => 'data: x\n')],
    ['many fields without an end', Array.from({ length: 10 }, (_, k) => `id: ${k}\n`)],
  ])('says once that an event is too long, and reads nothing more: %s', (_what, chunks) => {
    expect(read(['data: ok\n\n', ...chunks, '\n\ndata: late\n\n'])).toEqual({ seen: ['ok'], overflows: 1 });
  });

  it('counts each event by itself, and comments not at all', () => {
    const chunks = Array.from({ length: 100 }, () => ': keep alive\n\ndata: 0123456789\r\n\r\n');
    expect(read(chunks)).toEqual({ seen: chunks.map(() => '0123456789'), overflows: 0 });
    expect(read(Array.from({ length: 100 }, () => ': ping\n'))).toEqual({ seen: [], overflows: 0 });
  });
});

describe('SseParser', () => {
  const field = fc.string({ unit: 'grapheme' }).filter((text) => !/[\n\r\0]/.test(text));
  it('gives the same events however the stream is cut and whatever ends its lines', () => {
    const event = fc.record({ id: fc.option(field), type: fc.option(field), data: fc.array(field, { minLength: 1, maxLength: 3 }) });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 5 }), fc.constantFrom('\n', '\r', '\r\n'), fc.array(fc.nat(), { maxLength: 12 }), (events, end, places) => {
        const text = events
          .map(({ id, type, data }) => [...(id === null ? [] : [`id: ${id}`]), ...(type === null ? [] : [`event: ${type}`]), ': comment', 'retry: 5', ...data.map((one) => `data: ${one}`), '', ''].join(end))
          .join('');
        const seen: { type: string; data: string; id: string | undefined }[] = [];
        const parser = new SseParser((one) => seen.push({ ...one, data: one.data.toString() }));
        for (const chunk of cut(Buffer.from(text), places)) parser.push(chunk);
        let last: string | undefined;
        expect(seen).toEqual(
          events.map(({ id, type, data }) => {
            if (id !== null) last = id;
            return { type: type === null || type === '' ? 'message' : type, data: data.join('\n'), id: last };
          }),
        );
      }),
    );
  });

  it('reads back what encodeSseEvent writes, line ends within JSON apart', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const data = Buffer.from(JSON.stringify(value, undefined, indent));
        const seen: Buffer[] = [];
        new SseParser((one) => seen.push(one.data)).push(encodeSseEvent('1-1', data));
        expect(seen.map(String)).toEqual([data.toString()]);
      }),
    );
  });
});

describe('asOneLine', () => {
  it('gives the same bytes where there is no line end', () => {
    const bytes = Buffer.from('{"a":"\\n"}');
    expect(asOneLine(bytes)).toBe(bytes);
  });

  it('keeps the meaning of JSON with white space between tokens', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(4), (value, indent) => {
        const line = asOneLine(Buffer.from(JSON.stringify({ value }, undefined, indent)));
        expect(line.includes('\n')).toBe(false);
        expect(JSON.parse(line.toString())).toEqual(JSON.parse(JSON.stringify({ value })));
      }),
    );
  });
});

describe('a command that is not found', () => {
  it('is explained with the folders that were searched', () => {
    expect(explainCommandNotFound('nope', { PATH: '/a:/b', HOME: '/h' }, '/')).toMatch(/no program "nope" on the PATH \(searched \/a, \/b\).*nvm, fnm, volta.*uv/);
    expect(explainCommandNotFound('./nope', {}, '/')).toBe('there is no program "./nope" (working folder "/")');
    expect(explainCommandNotFound('node', {}, '/no/such/folder')).toBe('its working folder "/no/such/folder" does not exist');
    expect(explainCommandNotFound(process.execPath.split('/').at(-1)!, { PATH: '/a', HOME: '/h' }, '/')).toContain('no program');
  });
});

describe('settledWithin', () => {
  const never = new Promise<string>(() => undefined);
  it('waits for all that settle and not for ever for one that does not', async () => {
    const grace = { afterFirstMs: 20, totalMs: 1000 };
    expect(await settledWithin([Promise.resolve('a'), Promise.reject(new Error('x')), never], grace, systemClock)).toEqual(['a', undefined, undefined]);
    expect(await settledWithin([], grace, systemClock)).toEqual([]);
    expect(await settledWithin([never], { afterFirstMs: 1, totalMs: 20 }, systemClock)).toEqual([undefined]);
  });
});

describe('EventStore', () => {
  it('keeps the newest events within its bounds and never less than one', () => {
    const store = new EventStore(3, 1000);
    const stream = store.open();
    for (let k = 1; k <= 5; k++) stream.push(Buffer.from(`"${k}"`), false);
    expect(store.after(stream, 0).map((chunk) => /"(\d)"/.exec(chunk.toString())?.[1])).toEqual(['3', '4', '5']);
    stream.push(Buffer.alloc(5000, 0x31), false);
    expect(store.after(stream, 0)).toHaveLength(1);
    expect(store.locate(`${stream.id}-2`)).toEqual({ stream, after: 2 });
    expect(store.locate('99-1')).toBeUndefined();
    expect(store.locate('x')).toBeUndefined();
  });

  it('forgets a finished stream with its last event, once that was taken', () => {
    const store = new EventStore(2, 1000);
    const first = store.open();
    first.push(Buffer.from('1'), true);
    store.answerTaken(first);
    const second = store.open();
    for (let k = 0; k < 3; k++) second.push(Buffer.from('2'), false);
    expect(store.locate(`${first.id}-0`)).toBeUndefined();
  });
});

describe('LazyQueue', () => {
  it('uses one timer for all, and lets go of what is settled', () => {
    let now = 0;
    const timers: { at: number; fn: () => void }[] = [];
    const clock: Clock = {
      wallMs: () => now,
      monotonicUs: () => now * 1000,
      timer(delayMs, fn) {
        const timer = { at: now + delayMs, fn };
        timers.push(timer);
        return { dispose: () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1)) };
      },
    };
    const due: string[] = [];
    const queue = new LazyQueue<string>(250, clock, (item) => due.push(item));
    const advance = (to: number): void => {
      now = to;
      for (const timer of timers.filter(({ at }) => at <= now)) {
        timers.splice(timers.indexOf(timer), 1);
        timer.fn();
      }
    };
    queue.add('a');
    now = 100;
    queue.add('b');
    queue.add('c');
    expect(timers).toHaveLength(1);
    queue.settle('b');
    advance(250);
    expect(due).toEqual(['a']);
    advance(350);
    expect(due).toEqual(['a', 'c']);
    expect(timers).toHaveLength(0);
    queue.add('d');
    queue.dispose();
    expect(timers).toHaveLength(0);
  });
});
