// Every file operation of writing the journal fails in turn: once, five times, and from then on; on a disk that is quick and on
// one that is slow. What was recorded is there as it was, or said to be missing: nothing is lost in silence, doubled or half.
import * as nodeFs from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createRecorder } from '../../../src/extension/capture/recorder';
import { JournalWriter, type JournalFs } from '../../../src/extension/store/journalWriter';
import { nullLogger } from '../../../src/extension/util/logger';
import { ManualClock } from '../../support/store/manualClock';
import { cleanFolders, readJournal, tempFolder } from '../../support/store/storeHarness';

afterAll(cleanFolders);

const synchronous = ['mkdirSync', 'openSync', 'writeSync', 'writevSync', 'fdatasyncSync', 'ftruncateSync', 'closeSync', 'fstatSync', 'statSync'] as const;
/** How each operation in the background is done; its callback comes when the job is over. */
const inBackground: Readonly<Record<string, (...args: never[]) => unknown>> = { write: nodeFs.writeSync, open: nodeFs.openSync, fsync: nodeFs.fsyncSync, fdatasync: () => undefined, close: nodeFs.closeSync };
const codes = ['EIO', 'ENOSPC', 'EACCES'];
const SLOW_US = 60_000;
const PAIRS = 20;

type Fault = (index: number) => string | undefined;

/** A file system whose operations are named in `seen`, and fail as `faults` says. `isSlow`: three early writes take long. */
function faultyFs(clock: ManualClock, isSlow: boolean, faults: { fails: Fault | undefined; readonly seen: string[] }): JournalFs {
  const pass = (name: string, fd: unknown): void => {
    const index = faults.seen.push(name) - 1;
    const code = faults.fails?.(index);
    if (isSlow && name.startsWith('write') && index > 8 && index < 20) clock.us += SLOW_US;
    if (code === undefined) return;
    // A file whose closing fails is closed all the same.
    if (name.startsWith('close')) nodeFs.closeSync(fd as number);
    throw Object.assign(new Error(`${code}: injected, ${name}`), { code, syscall: name });
  };
  const fs: Record<string, unknown> = { ...nodeFs };
  for (const name of synchronous) {
    fs[name] = (...args: never[]): unknown => {
      pass(name, args[0]);
      return (nodeFs[name] as (...given: never[]) => unknown)(...args);
    };
  }
  for (const [name, run] of Object.entries(inBackground)) {
    fs[name] = (...args: never[]): void => {
      const done = args.pop() as unknown as (error: unknown, value?: unknown) => void;
      queueMicrotask(() => {
        let value: unknown;
        try {
          pass(name, args[0]);
          value = run(...args);
        } catch (error) {
          done(error);
          return;
        }
        done(null, value);
      });
    };
  }
  return fs as unknown as JournalFs;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const requestOf = (k: number, tool: string): Buffer => Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: k, method: 'tools/call', params: { name: tool, arguments: { text: `text ${k} `.repeat(800) } } }));

/** Requests as `/mcp` passes them on, with a fault in between; gives what was done to the files, and what is wrong with them. */
async function run(isSlow: boolean, fails: Fault | undefined): Promise<{ readonly seen: readonly string[]; readonly wrong: readonly string[] }> {
  const dir = join(tempFolder(), 'store');
  const clock = new ManualClock();
  const faults = { fails, seen: [] as string[] };
  const writer = new JournalWriter({ dir, writer: 'w', clock, logger: nullLogger, pid: process.pid, host: 'h', socket: '/none', rotateBytes: 60_000, fs: faultyFs(clock, isSlow, faults) });
  const recorder = createRecorder({ journal: writer, clock });
  const recorded = new Map<number, Buffer>();
  for (let k = 0; k < PAIRS; k++) {
    const bytes = requestOf(k, 'srv__tool');
    const passedOn = requestOf(k, 'tool');
    const envelope = { kind: 'request', id: String(k), method: 'tools/call' } as const;
    const start = passedOn.indexOf('"tool"');
    const arrived = recorder.frame({ leg: 'downstream', direction: 'toServer', session: 's', envelope, bytes, arrived: k % 2 === 0 });
    const left = recorder.frame(
      { leg: 'upstream', direction: 'toServer', session: 's', server: 'srv', envelope, bytes: passedOn, forwards: arrived, edited: { from: bytes, places: [{ start, end: start + 6 }] } },
      k % 3 === 0 ? undefined : () => undefined,
    );
    recorded.set(arrived, bytes).set(left, passedOn);
    await turn();
    clock.advance(60);
    await turn();
  }
  faults.fails = undefined;
  // By now the disk is well again.
  for (let k = 0; k < 3; k++) {
    clock.advance(6000);
    await turn();
  }
  writer.append({ k: 'event', type: 'end', data: {} }, clock.wallMs(), clock.us, undefined);
  const { last } = writer.position;
  writer.close();
  await turn();
  return { seen: faults.seen, wrong: wrongIn(dir, isSlow, last, recorded) };
}

function wrongIn(dir: string, isSlow: boolean, last: number, recorded: ReadonlyMap<number, Buffer>): string[] {
  const wrong: string[] = [];
  const there = new Set<number>();
  const missing = new Set<number>();
  let said = 0;
  for (const name of nodeFs.readdirSync(dir)) {
    const { entries, reader } = readJournal(join(dir, name), Number(/-(\d+)\./.exec(name)?.[1]));
    for (const { n, meta, body } of entries) {
      if (there.has(n)) wrong.push(`${n} is there twice`);
      there.add(n);
      const was = recorded.get(n);
      if (was && !was.equals(body)) wrong.push(`${n} is not what it was`);
      if (meta.k !== 'event' || meta.type !== 'store.gap') continue;
      const { count, firstNumber, lastNumber, unsynced } = JSON.parse(body.toString()) as { count: number; firstNumber: number; lastNumber: number; unsynced?: boolean };
      // What is there, and might not be after a power cut.
      if (unsynced) continue;
      said += count;
      for (let missed = firstNumber; missed <= lastNumber; missed++) missing.add(missed);
    }
    if (reader.damagedEntries > 0 || reader.tornBytes > 0) wrong.push(`${name} is damaged`);
  }
  const lost = [...recorded.keys()].filter((n) => !there.has(n)).length;
  // Events of the writer itself may be missing as well; in the background a gap that was not written leaves its number behind.
  if (said < lost || said > missing.size || (!isSlow && said !== missing.size)) wrong.push(`${lost} frames and ${missing.size} numbers are missing, ${said} entries are said to be`);
  for (let n = 1; n <= last; n++) if (there.has(n) === missing.has(n)) wrong.push(`${n} is ${there.has(n) ? 'there, and said to be missing' : 'lost, and nothing says so'}`);
  return wrong;
}

describe.each([
  ['a disk that is quick', false],
  ['a slow disk, where writes go on in the background', true],
])('on %s', (_name, isSlow) => {
  it.each([
    ['once', (at: number, index: number) => index === at],
    ['five times', (at: number, index: number) => index >= at && index < at + 5],
    ['from then on', (at: number, index: number) => index >= at],
  ] as const)('every operation fails %s, and what is missing is said', async (_times, fails) => {
    const { seen, wrong } = await run(isSlow, undefined);
    expect(wrong).toEqual([]);
    const failed = new Set<string>();
    for (const [at, name] of seen.entries()) {
      const code = codes[at % codes.length];
      const { wrong: found } = await run(isSlow, (index) => (fails(at, index) ? code : undefined));
      expect(found, `${code} at operation ${at}, ${name}`).toEqual([]);
      failed.add(name);
    }
    expect([...failed]).toEqual(expect.arrayContaining(['mkdirSync', 'openSync', 'closeSync', 'fdatasync', 'open', 'fsync', isSlow ? 'write' : 'writeSync']));
  });
});
