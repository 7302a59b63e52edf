/** What the Overview reads out of an exchange, good and bad, and how its time falls into phases. */
import { describe, expect, it } from 'vitest';
import type { CallDetail, FrameText } from '../../../src/extension/contract/traffic';
import { readExchange } from '../../../src/webview/traffic/model/exchange';
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

  it.each<[string, unknown, unknown]>([
    ['text', { content: [{ type: 'text', text: 'hi' }] }, [{ kind: 'text', text: 'hi' }]],
    ['an image', { content: [{ type: 'image', mimeType: 'image/png', data: 'AAAA' }] }, [{ kind: 'media', type: 'image', mime: 'image/png', bytes: 3 }]],
    ['an embedded resource', { content: [{ type: 'resource', resource: { uri: 'x', text: 'body' } }] }, [{ kind: 'text', text: 'body' }]],
    ['resource contents', { contents: [{ uri: 'x', mimeType: 'a/b', blob: 'AAA=' }] }, [{ kind: 'media', type: 'blob', mime: 'a/b', bytes: 2 }]],
    ['structured content', { content: [], structuredContent: { a: 1 } }, [{ kind: 'structured', value: { a: 1 } }]],
    ['anything else', { tools: [] }, [{ kind: 'json', value: { tools: [] } }]],
    ['nothing', {}, []],
    ['a result that is no object', 7, [{ kind: 'json', value: 7 }]],
    ['content of the wrong form', { content: 'x' }, [{ kind: 'json', value: { content: 'x' } }]],
    ['items of the wrong form', { content: [null, 3] }, [{ kind: 'json', value: null }, { kind: 'json', value: 3 }]],
  ])('reads %s', (_, value, parts) => expect(readExchange(detail({}, result(value))).parts).toEqual(parts));

  it('tells a JSON-RPC error with code and data', () => {
    const read = readExchange(detail({}, { jsonrpc: '2.0', id: 1, error: { code: -32603, message: 'no', data: { a: 1 } } }));
    expect(read.error).toEqual({ code: -32603, message: 'no', data: { a: 1 } });
    expect(read.parts).toEqual([]);
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
    expect(read).toMatchObject({ requestText: 'nope{', responseText: '<html>', parts: [] });
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
