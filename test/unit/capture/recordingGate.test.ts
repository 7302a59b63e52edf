// Pausing: nothing half in the log, nothing that seems to run for ever, and the count of what passed.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRecorder } from '../../../src/extension/capture/recorder';
import { RecordingGate } from '../../../src/extension/capture/recordingGate';
import type { CapturedFrame, Recorder } from '../../../src/extension/capture/types';
import type { CallRecord } from '../../../src/extension/store/worker/callRecords';
import { Correlator } from '../../../src/extension/store/worker/correlator';
import type { EntryMeta, EventMeta, FrameMeta, Journal } from '../../../src/extension/store/types';
import type { Clock } from '../../../src/extension/util/clock';
import { toDisposable } from '../../../src/extension/util/lifecycle';

interface Entry {
  readonly meta: EntryMeta;
  readonly wallMs: number;
  readonly us: number;
  readonly body: Buffer;
}

class Bench {
  readonly entries: Entry[] = [];
  readonly gate = new RecordingGate();
  readonly recorder: Recorder;
  nowMs = 1_000;

  constructor() {
    const journal: Journal = {
      append: (meta, wallMs, us, body) => this.entries.push({ meta, wallMs, us, body: Buffer.from(body ?? '') }),
      flush: () => undefined,
      canReferTo: (n) => n >= 1 && n <= this.entries.length,
    };
    const clock: Clock = { wallMs: () => (this.nowMs += 1), monotonicUs: () => this.nowMs * 1_000, timer: () => toDisposable(() => undefined) };
    this.recorder = createRecorder({ journal, clock, gate: this.gate });
  }

  pause(): void {
    if (this.gate.pause(this.nowMs)) this.recorder.event({ type: 'recording.paused', data: {} });
  }

  resume(): void {
    const pause = this.gate.resume();
    if (pause) this.recorder.event({ type: 'recording.resumed', data: { ...pause } });
  }

  frame(kind: CapturedFrame['envelope']['kind'], id: string | undefined, more: Partial<CapturedFrame> = {}, body = '{}'): number {
    const isAnswer = kind === 'result' || kind === 'error';
    const method = isAnswer ? {} : { method: kind === 'notification' ? 'notifications/progress' : 'tools/call' };
    return this.recorder.frame({
      leg: 'downstream',
      direction: isAnswer ? 'toClient' : 'toServer',
      session: 's1',
      envelope: { kind, ...(id === undefined ? {} : { id }), ...method },
      bytes: Buffer.from(body),
      ...more,
    });
  }

  /** A whole call over both legs; gives its four steps, to be taken one by one. */
  call(id: string): (() => void)[] {
    let [down, up, answer] = [0, 0, 0];
    return [
      () => (down = this.frame('request', id)),
      () => (up = this.frame('request', `9${id}`, { leg: 'upstream', server: 'x', forwards: down, unchanged: true })),
      () => (answer = this.frame('result', `9${id}`, { leg: 'upstream', server: 'x', cause: down })),
      () => this.frame('result', id, { forwards: answer, unchanged: true, cause: up === 0 ? undefined : down }),
    ];
  }

  /** What the store makes of it, by the place the request has in the log. */
  calls(): CallRecord[] {
    const correlator = new Correlator();
    const found = new Map<number, CallRecord>();
    this.entries.forEach(({ meta, wallMs, us, body }, index) => {
      if (meta.k === 'frame') correlator.frame({ n: index + 1, timeMs: wallMs, us, meta: meta satisfies FrameMeta, body });
      else correlator.event({ n: index + 1, timeMs: wallMs, us, meta: meta satisfies EventMeta, data: JSON.parse(JSON.stringify(meta.data)) as Record<string, unknown> });
      for (const call of correlator.takeChanges().calls) found.set(call.frame, call);
    });
    return [...found.values()];
  }

  types(): string[] {
    return this.entries.map(({ meta }) => (meta.k === 'frame' ? meta.kind : meta.type));
  }
}

describe('a pause of recording', () => {
  it('writes no frame, and says how many passed', () => {
    const bench = new Bench();
    bench.pause();
    expect(bench.frame('request', '1')).toBeLessThan(0);
    bench.frame('result', '1');
    expect(bench.gate.state).toMatchObject({ kind: 'paused', frames: 2 });
    bench.resume();
    expect(bench.types()).toEqual(['recording.paused', 'recording.resumed']);
    expect(bench.entries.at(-1)?.meta).toMatchObject({ data: { frames: 2 } });
    expect(bench.gate.state).toEqual({ kind: 'on' });
  });

  it('sends what passes in its turn, after what was recorded before it', () => {
    const bench = new Bench();
    const sent: number[] = [];
    bench.recorder.frame({ leg: 'downstream', direction: 'toServer', session: 's1', envelope: { kind: 'request', id: '1', method: 'ping' }, bytes: Buffer.from('{}') }, () => sent.push(1));
    bench.pause();
    bench.recorder.frame({ leg: 'downstream', direction: 'toServer', session: 's1', envelope: { kind: 'request', id: '2', method: 'ping' }, bytes: Buffer.from('{}') }, () => sent.push(2));
    bench.recorder.flush();
    expect(sent).toEqual([1, 2]);
  });

  it('is one row of the list: open while it lasts, then with its length and what passed', () => {
    const bench = new Bench();
    bench.pause();
    expect(bench.calls()).toMatchObject([{ method: 'recording/paused', status: 'unrecorded', origin: 'gateway' }]);
    for (let n = 0; n < 3; n += 1) bench.frame('notification', undefined);
    bench.nowMs += 5_000;
    bench.resume();
    const [row, ...others] = bench.calls();
    expect(others).toEqual([]);
    expect(row?.durationUs).toBeGreaterThanOrEqual(5_000_000);
    expect(row?.detail).toBe('Recording was paused: 3 messages not written down.');
  });

  it('leaves out the rest of an exchange that began in it', () => {
    const bench = new Bench();
    const [ask, forward, answer, deliver] = bench.call('1');
    bench.pause();
    ask!();
    bench.resume();
    forward!();
    answer!();
    deliver!();
    expect(bench.calls().filter(({ method }) => method === 'tools/call')).toEqual([]);
  });

  it('shows a recorded call that ended in it as not recorded, never as running', () => {
    const bench = new Bench();
    const [ask, forward, answer, deliver] = bench.call('1');
    ask!();
    forward!();
    bench.pause();
    answer!();
    deliver!();
    bench.resume();
    expect(bench.calls()[0]).toMatchObject({ method: 'tools/call', status: 'unrecorded' });
    expect(bench.calls()[0]?.durationUs).toBeUndefined();
  });

  it('does so too where the session, or everything, ends in the pause', () => {
    const bench = new Bench();
    bench.frame('request', '1');
    bench.frame('request', '2');
    bench.pause();
    bench.frame('result', '1');
    bench.recorder.event({ type: 'session.closed', session: 's1', data: {} });
    expect(bench.calls().map(({ method, status }) => [method, status])).toEqual([
      ['tools/call', 'unrecorded'],
      ['tools/call', 'transportError'],
      ['recording/paused', 'unrecorded'],
    ]);
  });

  it('a call that goes on over the whole pause ends as it ends', () => {
    const bench = new Bench();
    const [ask, forward, answer, deliver] = bench.call('1');
    ask!();
    forward!();
    bench.pause();
    bench.resume();
    answer!();
    deliver!();
    expect(bench.calls()[0]).toMatchObject({ status: 'ok', server: 'x' });
  });

  it('settles calls cancelled or answered by a batch meanwhile', () => {
    const bench = new Bench();
    bench.frame('request', '1');
    bench.pause();
    bench.frame('notification', undefined, { envelope: { kind: 'notification', method: 'notifications/cancelled' } }, '{"params":{"requestId":1}}');
    bench.resume();
    bench.frame('request', '2');
    bench.pause();
    bench.frame('batch', undefined, { direction: 'toClient', envelope: { kind: 'batch' } }, '[]');
    bench.resume();
    expect(bench.calls().filter(({ method }) => method === 'tools/call').map(({ status }) => status)).toEqual(['unrecorded', 'unrecorded']);
  });

  it('keeps what servers print out of the log, but not what MCP Shark does', () => {
    const bench = new Bench();
    bench.pause();
    bench.recorder.event({ type: 'server.stderr', server: 'x', data: { text: 'secret' } });
    bench.recorder.event({ type: 'server.running', server: 'x', data: {} });
    expect(bench.types()).toEqual(['recording.paused', 'server.running']);
  });

  it('whatever the order: no entry refers to a frame that is not there, and nothing runs once all is answered', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(3), fc.constantFrom('pause' as const, 'resume' as const)), { maxLength: 60 }), (steps) => {
        const bench = new Bench();
        const open = [0, 1, 2, 3].map((lane) => ({ lane, round: 0, rest: [] as (() => void)[] }));
        const step = (lane: number): void => {
          const one = open[lane]!;
          if (one.rest.length === 0) one.rest = bench.call(`${lane}${(one.round += 1)}`);
          one.rest.shift()?.();
        };
        for (const what of steps) {
          if (what === 'pause') bench.pause();
          else if (what === 'resume') bench.resume();
          else step(what);
        }
        bench.resume();
        for (const { lane, rest } of open) while (rest.length > 0) step(lane);
        bench.entries.forEach(({ meta }, index) => {
          if (meta.k !== 'frame') return;
          for (const n of [meta.fwd, meta.cause]) if (n !== undefined) expect(n > 0 && n <= index).toBe(true);
          if (meta.same) expect(meta.fwd).toBeDefined();
        });
        const calls = bench.calls().filter(({ method }) => method === 'tools/call');
        expect(calls.filter(({ status }) => status === 'running')).toEqual([]);
        // Each recorded exchange is one call, asked by the client.
        expect(calls.every(({ origin }) => origin === 'client')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
