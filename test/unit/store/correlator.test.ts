// Which answer belongs to which request, and how calls end: tables of frames, without any file or database.
import { describe, expect, it } from 'vitest';
import type { FrameMeta } from '../../../src/extension/store/types';
import type { CallRecord } from '../../../src/extension/store/worker/callRecords';
import { Correlator } from '../../../src/extension/store/worker/correlator';
import { envelopeOf } from '../../support/store/storeHarness';

type Message = Record<string, unknown> | unknown[] | string;

/** Feeds frames and events, one a millisecond, and keeps the calls they make. */
class Table {
  readonly correlator = new Correlator();
  readonly calls = new Map<string, CallRecord>();
  n = 0;

  frame(message: Message, facts: Partial<FrameMeta> = {}): number {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    const { kind, id, method } = envelopeOf(text);
    const n = ++this.n;
    const meta: FrameMeta = { k: 'frame', leg: 'downstream', dir: 'toServer', s: 's', size: text.length, kind, id, method, ...facts };
    this.correlator.frame({ n, timeMs: 1000 + n, us: n * 1000, meta, body: meta.same ? Buffer.alloc(0) : Buffer.from(text) });
    this.#collect();
    return n;
  }

  event(type: string, data: Record<string, unknown> = {}, facts: { s?: string; srv?: string } = {}): number {
    const n = ++this.n;
    this.correlator.event({ n, timeMs: 1000 + n, us: n * 1000, meta: { k: 'event', type, ...facts }, data });
    this.#collect();
    return n;
  }

  #collect(): void {
    for (const call of this.correlator.takeChanges().calls) this.calls.set(`${call.frame}.${call.part}`, { ...call });
  }

  get list(): CallRecord[] {
    return [...this.calls.values()].sort((a, b) => a.frame - b.frame || a.part - b.part);
  }
}

const up = { leg: 'upstream', srv: 'a' } as const;
const upAnswer = { ...up, dir: 'toClient' } as const;
const downAnswer = { dir: 'toClient' } as const;
const call = (id: unknown, name = 'tool', args: Record<string, unknown> = {}): Message => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } });
const result = (id: unknown, value: unknown = { content: [] }): Message => ({ jsonrpc: '2.0', id, result: value });
const error = (id: unknown, code: number, message: string): Message => ({ jsonrpc: '2.0', id, error: { code, message } });

describe('a call', () => {
  const endings: [string, (t: Table, request: number, upstream: number) => void, Partial<CallRecord>][] = [
    ['is running until it is answered', () => undefined, { status: 'running' }],
    ['is still running when only the gateway has the answer', (t) => t.frame(result(9), upAnswer), { status: 'running', upstreamUs: 1000 }],
    ['is ok with a result', (t) => (t.frame(result(9), upAnswer), t.frame(result(1), { ...downAnswer, fwd: 3 })), { status: 'ok', durationUs: 3000, upstreamUs: 1000, responseFrame: 4, otherResponseFrame: 3 }],
    ['is ok with an answer whose bytes are those of the server', (t) => (t.frame(result(9), upAnswer), t.frame(result(1), { ...downAnswer, fwd: 3, same: true })), { status: 'ok' }],
    ['is an error with a JSON-RPC error', (t) => (t.frame(error(9, -32602, 'bad'), upAnswer), t.frame(error(1, -32602, 'bad'), { ...downAnswer, fwd: 3, same: true })), { status: 'error', errorCode: -32602, errorMessage: 'bad', detail: 'bad' }],
    ['is blocked where MCP Shark itself refuses it, at the server it was for', (t) => t.frame(error(1, -32080, 'denied'), { ...downAnswer, own: true, srv: 'b' }), { status: 'blocked', errorCode: -32080, detail: 'denied' }],
    ['is an error where a server gives the same code', (t) => (t.frame(error(9, -32080, 'denied'), upAnswer), t.frame(error(1, -32080, 'denied'), { ...downAnswer, fwd: 3, same: true })), { status: 'error' }],
    ['is a tool error with isError', (t) => t.frame(result(1, { isError: true, content: [{ type: 'text', text: 'no such file' }] }), downAnswer), { status: 'toolError', errorMessage: 'no such file', detail: 'no such file' }],
    ['is ok where isError stands deeper than in the result', (t) => t.frame(result(1, { content: [], structuredContent: { isError: true } }), downAnswer), { status: 'ok' }],
    ['is ok where isError is false', (t) => t.frame(result(1, { isError: false }), downAnswer), { status: 'ok' }],
    ['is cancelled by the client', (t) => t.frame({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1, reason: 'user' } }), { status: 'cancelled', durationUs: 2000, errorMessage: 'user' }],
    ['stays cancelled when the answer comes all the same', (t) => (t.frame({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }), t.frame(result(1), downAnswer)), { status: 'cancelled', responseFrame: 4 }],
    ['timed out where the client cancels it for that, in the words of the SDK', (t) => t.frame({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1, reason: 'McpError: MCP error -32001: Request timed out' } }), { status: 'timedOut', durationUs: 2000, errorMessage: 'McpError: MCP error -32001: Request timed out' }],
    ['timed out in other words', (t) => t.frame({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1, reason: 'Timeout after 30s' } }), { status: 'timedOut' }],
    ['stays timed out when the answer comes all the same', (t) => (t.frame({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1, reason: 'Request timed out' } }), t.frame(result(1), downAnswer)), { status: 'timedOut', responseFrame: 4 }],
    ['is not timed out by a word that holds it', (t) => t.frame({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1, reason: 'the user set timeouts' } }), { status: 'cancelled' }],
    ['is not cancelled by another session', (t) => t.frame({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }, { s: 'other' }), { status: 'running' }],
    ['is not cancelled by the server', (t) => t.frame({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 9 } }, { ...up, dir: 'toClient' }), { status: 'running' }],
    ['fails when the session ends', (t) => t.event('session.closed', {}, { s: 's' }), { status: 'transportError' }],
    ['does not fail when another session ends', (t) => t.event('session.closed', {}, { s: 'other' }), { status: 'running' }],
    ['fails when its server stops', (t) => t.event('server.failed', { message: 'exit code 1' }, { srv: 'a' }), { status: 'transportError', errorMessage: 'exit code 1' }],
    ['does not fail when another server stops', (t) => t.event('server.stopped', {}, { srv: 'b' }), { status: 'running' }],
    ['does not fail when its server stops after it answered', (t) => (t.frame(result(9), upAnswer), t.event('server.stopped', {}, { srv: 'a' }), t.frame(result(1), downAnswer)), { status: 'ok' }],
    ['keeps the gateway’s answer when its server has stopped', (t) => (t.event('server.stopped', {}, { srv: 'a' }), t.frame(error(1, -32000, 'server gone'), { ...downAnswer, own: true })), { status: 'transportError', errorCode: -32000, errorMessage: 'server gone', responseFrame: 4 }],
    ['failed where the gateway answers for a server that did not', (t) => t.frame(error(1, -32000, 'connection lost'), { ...downAnswer, own: true }), { status: 'transportError' }],
    ['timed out with the SDKs’ code for it', (t) => t.frame(error(1, -32001, 'Request timed out'), downAnswer), { status: 'timedOut' }],
    ['fails when the gateway stops', (t) => t.event('gateway.stopped'), { status: 'transportError' }],
    ['is not answered by the other leg’s id', (t) => t.frame(result(9), downAnswer), { status: 'running' }],
    ['is not answered by the other direction', (t) => t.frame(result(1), { dir: 'toServer' }), { status: 'running' }],
    ['is not answered by the text of its number', (t) => t.frame(result('1'), downAnswer), { status: 'running' }],
    ['is not answered by a message that is no JSON', (t) => t.frame('garbage', downAnswer), { status: 'running' }],
  ];
  it.each(endings)('%s', (_name, play, expected) => {
    const t = new Table();
    const request = t.frame(call(1, 'a__tool', { path: '/x' }));
    const upstream = t.frame(call(9, 'tool', { path: '/x' }), { ...up, fwd: request });
    play(t, request, upstream);
    expect(t.list).toHaveLength(1);
    expect(t.list[0]).toMatchObject({ frame: 1, origin: 'client', server: 'a', name: 'tool', otherRequestFrame: 2, ...expected });
  });

  it('failed where its server was not there to be asked, and is that server’s', () => {
    const t = new Table();
    t.frame(call(1, 'a__tool'));
    t.frame(error(1, -32000, 'Server "a" has ended'), { ...downAnswer, own: true, srv: 'a', name: 'tool' });
    expect(t.list).toMatchObject([{ server: 'a', name: 'tool', status: 'transportError', errorCode: -32000 }]);
  });

  it('is blocked under the name that its server has for it, though no server was asked', () => {
    const t = new Table();
    t.frame(call(1, 'a__tool'));
    t.frame(error(1, -32080, 'denied'), { ...downAnswer, own: true, srv: 'a', name: 'tool' });
    expect(t.list).toMatchObject([{ server: 'a', name: 'tool', status: 'blocked' }]);
  });

  it('is told apart by session, leg, direction and id, although all ids are the same', () => {
    const t = new Table();
    t.frame(call(1, 'one'), { s: 'x' });
    t.frame(call(1, 'two'), { s: 'y' });
    t.frame({ jsonrpc: '2.0', id: 1, method: 'sampling/createMessage', params: {} }, { leg: 'upstream', srv: 'a', dir: 'toClient', s: 'x', cause: 1 });
    t.frame(result(1), { ...downAnswer, s: 'y' });
    t.frame(result(1), { leg: 'upstream', srv: 'a', dir: 'toServer', s: 'x' });
    expect(t.list.map(({ name, method, status, origin, parentFrame }) => [name ?? method, origin, status, parentFrame])).toEqual([
      ['one', 'client', 'running', undefined],
      ['two', 'client', 'ok', undefined],
      ['sampling/createMessage', 'server', 'ok', 1],
    ]);
  });

  it('of a server is followed to the client and back', () => {
    const t = new Table();
    const parent = t.frame(call(1));
    const parentUp = t.frame(call(9), { ...up, fwd: parent });
    const asked = t.frame({ jsonrpc: '2.0', id: 5, method: 'elicitation/create', params: { message: 'Sure?' } }, { ...up, dir: 'toClient', cause: parentUp });
    const passed = t.frame({ jsonrpc: '2.0', id: 77, method: 'elicitation/create', params: { message: 'Sure?' } }, { dir: 'toClient', fwd: asked });
    const answered = t.frame(result(77), { dir: 'toServer' });
    t.frame(result(5), { ...up, dir: 'toServer', fwd: answered });
    expect(t.list[1]).toMatchObject({ frame: asked, origin: 'server', server: 'a', method: 'elicitation/create', detail: 'message: Sure?', status: 'ok', otherRequestFrame: passed, otherResponseFrame: answered, responseFrame: 6, parentFrame: parent, durationUs: 3000 });
    expect(t.list[1]?.upstreamUs).toBeUndefined();
    expect(t.list[0]).toMatchObject({ status: 'running' });
  });

  it('of the gateway itself says so, and knows in whose course it was made', () => {
    const t = new Table();
    const list = t.frame({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    t.frame({ jsonrpc: '2.0', id: 2, method: 'tools/list' }, { ...up, own: true, cause: list });
    t.frame(result(2, { tools: [] }), upAnswer);
    t.frame(result(1, { tools: [] }), { ...downAnswer, own: true });
    expect(t.list).toMatchObject([
      { origin: 'client', method: 'tools/list', status: 'ok' },
      { origin: 'gateway', server: 'a', status: 'ok', parentFrame: list, durationUs: 1000, upstreamUs: 1000 },
    ]);
  });

  it('of the gateway itself is one of its own also where it passes on what the client asked all servers', () => {
    const t = new Table();
    const asked = t.frame({ jsonrpc: '2.0', id: 0, method: 'initialize', params: { clientInfo: { name: 'Code' } } });
    t.frame({ jsonrpc: '2.0', id: 0, method: 'initialize', params: {} }, { ...up, own: true, fwd: asked, cause: asked });
    t.frame({ jsonrpc: '2.0', id: 0, method: 'initialize', params: {} }, { ...up, srv: 'b', own: true, fwd: asked, cause: asked });
    expect(t.list.map(({ origin, server, parentFrame }) => [origin, server, parentFrame])).toEqual([
      ['client', undefined, undefined],
      ['gateway', 'a', asked],
      ['gateway', 'b', asked],
    ]);
  });

  it('knows the client, the conversation, the prompt and the trace', () => {
    const t = new Table();
    t.frame({ jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', clientInfo: { name: 'Code', version: '1.2' } } });
    t.frame(result(0, { protocolVersion: '2025-06-18' }), { ...downAnswer, own: true });
    t.frame({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 't', _meta: { 'vscode.conversationId': 'c', 'vscode.requestId': 'r', traceparent: '00-1' } } });
    expect(t.list[1]).toMatchObject({ client: 'Code', conversation: 'c', prompt: 'r', traceparent: '00-1' });
    expect(t.correlator.carry().sessions).toEqual([{ id: 's', startedMs: 1001, clientName: 'Code', clientVersion: '1.2', protocolVersion: '2025-06-18' }]);
  });

  it('of a batch is one of several, each answered by itself', () => {
    const t = new Table();
    t.frame([call(1, 'one'), { jsonrpc: '2.0', method: 'notifications/x' }, call(2, 'two')]);
    t.frame([result(2), error(1, -1, 'no')], downAnswer);
    expect(t.list.map(({ part, name, status }) => [part, name, status])).toEqual([
      [0, 'one', 'error'],
      [1, 'two', 'ok'],
    ]);
  });

  it('is made of a refused HTTP request', () => {
    const t = new Table();
    t.event('http.rejected', { method: 'POST', path: '/mcp', status: 403, reason: 'Origin not allowed' });
    expect(t.list).toMatchObject([{ origin: 'http', status: 'blocked', method: 'POST', name: '/mcp', errorCode: 403, detail: 'Origin not allowed' }]);
  });

  it('is made of the rest of a flood of refused requests, and says how many they were', () => {
    const t = new Table();
    t.event('http.rejected', { method: 'POST', path: '/mcp', status: 401, reason: 'token wrong', count: 4900, sinceMs: 5 });
    expect(t.list).toMatchObject([{ origin: 'http', status: 'blocked', errorCode: 401, detail: 'token wrong (4900 more like the ones before)' }]);
  });

  it('takes the messages sent in its course, on both legs', () => {
    const t = new Table();
    const request = t.frame(call(1));
    const upstream = t.frame(call(9), { ...up, fwd: request });
    const progress = { jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 1 } };
    const owner = (message: Message, facts: Partial<FrameMeta>): number | undefined => {
      const n = ++t.n;
      const meta: FrameMeta = { k: 'frame', leg: 'downstream', dir: 'toClient', s: 's', size: 1, kind: 'notification', method: 'notifications/progress', ...facts };
      return t.correlator.frame({ n, timeMs: 1, us: 1, meta, body: Buffer.from(JSON.stringify(message)) })?.frame;
    };
    expect(owner(progress, { ...upAnswer, cause: upstream })).toBe(request);
    expect(owner(progress, { fwd: 3 })).toBe(request);
    t.frame(result(9), upAnswer);
    t.frame(result(1), downAnswer);
    expect(owner(progress, { cause: request })).toBe(request);
    expect(owner(progress, {})).toBeUndefined();
  });

  it('that is open is carried on with the frames that make it again', () => {
    const t = new Table();
    const request = t.frame(call(1));
    t.frame(call(9), { ...up, fwd: request });
    t.frame(call(2));
    t.frame(result(2), downAnswer);
    expect(t.correlator.carry()).toMatchObject({ calls: [{ frame: 1, part: 0 }], frames: [1, 2] });
  });

  it.each([
    ['params that are no object', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: [1, 2] }, {}],
    ['a name that is no string', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: { a: 1 } } }, { name: undefined }],
    ['arguments of every type', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'x', arguments: { nested: { a: [1] }, n: null, b: true, s: 'text' } } }, { detail: 'n: null, b: true, s: text, nested: {"a":[1]}' }],
    ['a resource', { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: 'file:///x' } }, { name: 'file:///x', detail: undefined }],
    ['a very long argument', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'x', arguments: { s: '😀'.repeat(5000) } } }, {}],
  ])('with %s is taken as it is', (_name, message, expected) => {
    const t = new Table();
    t.frame(message);
    expect(t.list[0]).toMatchObject(expected);
    expect(t.list[0]?.detail?.length ?? 0).toBeLessThanOrEqual(200);
    expect(t.list[0]?.detail ?? '').not.toMatch(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])/);
  });
});
