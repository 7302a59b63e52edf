/** What the Overview reads out of an exchange, good and bad, and how its time falls into phases. */
import { describe, expect, it } from 'vitest';
import type { CallDetail, FrameText } from '../../../src/extension/contract/traffic';
import type { JsonObject, JsonValue } from '../../../src/extension/util/json';
import { numberText } from '../../../src/webview/components/exactNumbers';
import { contentOf, isOnlyMessage, readExchange, type Exchange } from '../../../src/webview/traffic/model/exchange';
import { timingOf } from '../../../src/webview/traffic/model/timing';
import { rowOf } from '../../support/webview/scriptedHost';

function frame(body: unknown, more: Partial<FrameText> = {}): FrameText {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { frame: 1, leg: 'downstream', direction: 'toServer', kind: 'request', timeMs: 0, sinceRequestUs: 0, bytes: text.length, text, truncated: false, ...more };
}
function detail(params: unknown, response: unknown, more: Partial<CallDetail> = {}): CallDetail {
  return {
    row: rowOf(1),
    request: frame({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
    ...(response === undefined ? {} : { response: frame(response) }),
    related: [],
    ...more,
  };
}
const result = (value: unknown): unknown => ({ jsonrpc: '2.0', id: 1, result: value });

describe('readExchange', () => {
  it('finds the arguments of a tool', () => {
    expect(readExchange(detail({ name: 't', arguments: { a: 1 } }, undefined))).toMatchObject({ input: { a: 1 }, hasArguments: true });
  });

  it('shows the parameters of other methods without their envelope', () => {
    expect(readExchange(detail({ uri: 'x', _meta: { progressToken: 1 } }, undefined)).input).toEqual({ uri: 'x' });
    expect(readExchange(detail({ _meta: {} }, undefined)).input).toBeUndefined();
  });

  it('gives the result with the way to it, without its envelope', () => {
    expect(readExchange(detail({}, result({ tools: [], _meta: { a: 1 } }))).result).toEqual({ value: { tools: [] }, pointer: '/result' });
    expect(readExchange(detail({}, result({}))).result).toEqual({ value: {}, pointer: '/result' });
    expect(readExchange(detail({}, result(7))).result).toEqual({ value: 7, pointer: '/result' });
  });

  it('knows content in results and in parameters', () => {
    expect(contentOf({ result: { content: [] } }, 'response')).toEqual({ value: { content: [] }, pointer: '/result' });
    expect(readExchange(detail({ messages: [] }, undefined)).inputContent).toEqual({ value: { messages: [] }, pointer: '/params' });
    for (const none of [undefined, 3, {}, { result: {} }, { result: { content: 'x' } }]) expect(contentOf(none as JsonValue, 'response')).toBeUndefined();
  });

  it('keeps digits that a double would lose', () => {
    const read = readExchange({ ...detail({}, undefined), request: frame('{"params":{"arguments":{"id":12345678901234567890}}}') });
    expect(numberText((read.input as JsonObject)['id'])).toBe('12345678901234567890');
  });

  it('says a failure once where the result is only its text', () => {
    const failed = (content: unknown): Exchange => readExchange(detail({}, result({ isError: true, content })));
    expect(isOnlyMessage(failed([{ type: 'text', text: 'denied' }]))).toBe(true);
    expect(isOnlyMessage(failed([{ type: 'text', text: 'denied' }, { type: 'text', text: 'see log' }]))).toBe(false);
  });

  it('tells a JSON-RPC error with code and data', () => {
    const read = readExchange(detail({}, { jsonrpc: '2.0', id: 1, error: { code: -32603, message: 'no', data: { a: 1 } } }));
    expect(read.error).toEqual({ code: -32603, message: 'no', data: { a: 1 } });
    expect(read.result).toBeUndefined();
  });

  it("tells a tool's own error by its text", () => {
    const read = readExchange(detail({}, result({ isError: true, content: [{ type: 'text', text: 'denied' }] })));
    expect(read.error).toEqual({ message: 'denied' });
  });

  it('tells a lost connection from the record', () => {
    expect(readExchange(detail({}, undefined, { errorMessage: 'exited with code 1' })).error).toEqual({ message: 'exited with code 1' });
  });

  it('shows what is no JSON as text', () => {
    const read = readExchange({ ...detail({}, undefined), request: frame('nope{'), response: frame('<html>') });
    expect(read).toMatchObject({ requestText: 'nope{', responseText: '<html>' });
  });
});

describe('timingOf', () => {
  const row = rowOf(1, { durationUs: 100, upstreamUs: 80 });

  it('splits by the upstream leg', () => {
    const timing = timingOf({ ...detail({}, {}), row, upstreamRequest: frame({}, { sinceRequestUs: 12 }), upstreamResponse: frame({}, { sinceRequestUs: 92 }) }, 0);
    expect(timing.phases).toEqual([
      { kind: 'gatewayIn', startUs: 0, endUs: 12 },
      { kind: 'server', startUs: 12, endUs: 92 },
      { kind: 'gatewayOut', startUs: 92, endUs: 100 },
    ]);
  });

  it('falls back to the counted time, and to the gateway alone', () => {
    expect(timingOf({ ...detail({}, {}), row }, 0).phases.map((phase) => phase.kind)).toEqual(['gateway', 'server']);
    expect(timingOf({ ...detail({}, {}), row: rowOf(1) }, 0).phases).toEqual([{ kind: 'gateway', startUs: 0, endUs: 1_000 }]);
  });

  it('tells waiting from streaming by the first message that comes back', () => {
    const step = frame({}, { frame: 5, leg: 'upstream', direction: 'toClient', kind: 'notification', method: 'notifications/progress', sinceRequestUs: 40 });
    const timing = timingOf({ ...detail({}, {}), row, related: [step], upstreamRequest: frame({}, { sinceRequestUs: 12 }), upstreamResponse: frame({}, { sinceRequestUs: 92 }) }, 0);
    expect(timing.phases.map(({ kind, startUs, endUs }) => [kind, startUs, endUs])).toEqual([['gatewayIn', 0, 12], ['server', 12, 40], ['streaming', 40, 92], ['gatewayOut', 92, 100]]);
  });

  it('puts nested calls on the scale, exactly where their request was recorded here', () => {
    const inner = rowOf(7, { timeMs: row.timeMs + 1, durationUs: 20 });
    const ask = frame({}, { frame: 7, kind: 'request', method: 'sampling/createMessage', sinceRequestUs: 30 });
    expect(timingOf({ ...detail({}, {}), row, related: [ask], nested: [inner] }, 0).nested).toMatchObject([{ startUs: 30, endUs: 50 }]);
    expect(timingOf({ ...detail({}, {}), row, nested: [inner] }, 0).nested).toMatchObject([{ startUs: 1_000 }]);
  });

  it('tells once what was recorded on both sides of the gateway', () => {
    const note = (leg: FrameText['leg'], n: number): FrameText =>
      frame({}, { frame: n, leg, kind: 'notification', method: 'notifications/progress', direction: 'toClient', sinceRequestUs: n });
    const both = [note('upstream', 1), note('downstream', 2), note('upstream', 3), note('downstream', 4)];
    expect(timingOf({ ...detail({}, {}), row, related: both }, 0).events.map((event) => event.frame)).toEqual([2, 4]);
    const stopped = [note('upstream', 1), note('downstream', 2), note('upstream', 3)];
    expect(timingOf({ ...detail({}, {}), row, related: stopped }, 0).events.map((event) => event.frame)).toEqual([1, 3]);
  });

  it('lets a running call grow with the clock', () => {
    const running = rowOf(1, { status: 'running', durationUs: undefined });
    const timing = timingOf({ ...detail({}, undefined), row: running, upstreamRequest: frame({}, { sinceRequestUs: 5 }) }, 5_000);
    expect(timing).toMatchObject({ isRunning: true, totalUs: 5_000 });
    expect(timing.phases.at(-1)).toEqual({ kind: 'server', startUs: 5, endUs: 5_000 });
  });
});
