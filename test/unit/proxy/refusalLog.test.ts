/** What a flood of refused requests leaves in the audit log. */
import { describe, expect, it } from 'vitest';
import { RefusalLog } from '../../../src/extension/proxy/refusalLog';
import { MemoryRecorder } from '../../support/gateway/memoryRecorder';
import { toDisposable } from '../../../src/extension/util/lifecycle';

function setUp(): { log: RefusalLog; recorded: () => Record<string, unknown>[]; minute: () => void } {
  const recorder = new MemoryRecorder();
  let due: (() => void) | undefined;
  let now = 1000;
  const clock = {
    wallMs: () => now++,
    monotonicUs: () => 0,
    timer: (_ms: number, fn: () => void) => {
      due = fn;
      return toDisposable(() => (due = undefined));
    },
  };
  return { log: new RefusalLog(recorder, clock), recorded: () => recorder.events('http.rejected').map(({ data }) => data), minute: () => due?.() };
}

const refusal = (reason: string, path = '/mcp') => ({ method: 'POST', path, status: 401, reason });

describe('the log of refusals', () => {
  it('has each of a few, with what is known of it', () => {
    const { log, recorded, minute } = setUp();
    for (let k = 0; k < 3; k++) log.record(refusal('token wrong'), () => ({ bytes: k }));
    minute();
    expect(recorded()).toEqual([0, 1, 2].map((bytes) => ({ ...refusal('token wrong'), bytes })));
  });

  it('has the first of a flood, and the rest as one event with their number', () => {
    const { log, recorded, minute } = setUp();
    let made = 0;
    for (let k = 0; k < 5000; k++) log.record(refusal('token wrong', `/${k}`), () => ({ made: ++made }));
    expect(recorded()).toHaveLength(100);
    expect(made).toBe(100);
    minute();
    expect(recorded().slice(100)).toEqual([{ ...refusal('token wrong', '/4999'), count: 4900, sinceMs: 1000 }]);
    log.record(refusal('token wrong'));
    expect(recorded()).toHaveLength(102);
  });

  it('keeps what is rare apart from what is not', () => {
    const { log, recorded } = setUp();
    for (let k = 0; k < 200; k++) log.record(refusal('token wrong'));
    log.record(refusal('origin'));
    expect(recorded().at(-1)).toMatchObject({ reason: 'origin' });
    log.dispose();
    expect(recorded().at(-1)).toMatchObject({ reason: 'token wrong', count: 100 });
  });

  it('counts no more kinds than there can be in earnest', () => {
    const { log, recorded } = setUp();
    for (let k = 0; k < 1000; k++) log.record(refusal(`kind ${k}`));
    log.dispose();
    expect(recorded().length).toBeLessThan(200);
    const counted = recorded().reduce((sum, { count }) => sum + (typeof count === 'number' ? count : 1), 0);
    expect(counted).toBe(1000);
  });
});
