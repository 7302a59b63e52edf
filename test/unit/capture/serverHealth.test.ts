import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { ServerHealthBook } from '../../../src/extension/capture/serverHealth';
import type { CapturedEvent, CapturedFrame, Recorder } from '../../../src/extension/capture/types';
import { scanEnvelope } from '../../../src/extension/mcp/envelope';
import { FakeClock } from '../util/fakeClock';

function setUp() {
  const clock = new FakeClock();
  const book = new ServerHealthBook(clock);
  const passed: unknown[] = [];
  const inner: Recorder = {
    frame: (frame) => passed.push(frame),
    flush: () => undefined,
    event: (event) => passed.push(event),
  };
  const recorder = book.observe(inner);
  const frame = (direction: CapturedFrame['direction'], message: object, more: Partial<CapturedFrame> = {}): void => {
    const bytes = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    recorder.frame({ leg: 'upstream', direction, session: 's1', server: 'a', envelope: scanEnvelope(bytes), bytes, ...more });
  };
  const event = (type: CapturedEvent['type'], session = 's1', data: Record<string, unknown> = {}): void => {
    recorder.event({ type, session, server: 'a', data });
  };
  return { clock, book, frame, event, passed };
}

describe('the health of a server', () => {
  it('is empty for a server nobody has used', () => {
    expect(setUp().book.of('a')).toEqual({ name: 'a', connections: 0, restarts: 0 });
  });

  it('counts connections, and is up since the oldest of them', async () => {
    const { book, clock, event } = setUp();
    event('server.running', 's1');
    const since = clock.wallMs();
    await clock.advance(1000);
    event('server.running', 's2');
    expect(book.of('a')).toMatchObject({ connections: 2, upSinceMs: since, restarts: 0 });
    event('server.stopped', 's1');
    expect(book.of('a')).toMatchObject({ connections: 1, upSinceMs: since + 1000 });
    expect(book.of('a')).not.toHaveProperty('lastError');
  });

  it('counts restarts and keeps the last error after the server is up again', async () => {
    const { book, clock, event } = setUp();
    event('server.starting', 's1', { attempt: 1 });
    event('server.running');
    await clock.advance(5);
    event('server.failed', 's1', { message: 'exited with code 1' });
    const atMs = clock.wallMs();
    expect(book.of('a').connections).toBe(0);
    await clock.advance(5);
    event('server.starting', 's1', { attempt: 2 });
    expect(book.of('a').restarts).toBe(0);
    event('server.running');
    expect(book.of('a')).toMatchObject({ connections: 1, restarts: 1, lastError: { message: 'exited with code 1', atMs } });
  });

  it('says how quick the last answers were, by session and id', async () => {
    const { book, clock, frame } = setUp();
    frame('toServer', { id: 1, method: 'tools/call' });
    frame('toServer', { id: 1, method: 'tools/call' }, { session: 's2' });
    await clock.advance(10);
    frame('toClient', { id: 1, result: {} });
    await clock.advance(90);
    frame('toClient', { id: 1, error: { code: 1, message: '' } }, { session: 's2' });
    expect(book.of('a').latency).toEqual({ p50Us: 100_000, p95Us: 100_000, samples: 2 });
    frame('toClient', { id: '1', result: {} });
    expect(book.of('a').latency?.samples).toBe(2);
  });

  it('keeps the last 256 answers', () => {
    const { book, frame } = setUp();
    for (let id = 0; id < 1000; id += 1) {
      frame('toServer', { id, method: 'ping' });
      frame('toClient', { id, result: {} });
    }
    expect(book.of('a').latency?.samples).toBe(256);
  });

  it('names capabilities, and the extensions that both sides declared', () => {
    const { book, frame } = setUp();
    frame('toServer', { id: 0, method: 'initialize', params: { capabilities: { extensions: { 'io.x/ui': {} }, experimental: { z: {} } } } });
    frame('toClient', {
      id: 0,
      result: {
        protocolVersion: '2025-11-25',
        serverInfo: { name: 'n', version: '1', title: 7 },
        instructions: 'x',
        capabilities: { tools: { listChanged: true, other: false }, logging: {}, extensions: { 'io.x/ui': {}, 'io.x/no': {} }, experimental: { z: {} } },
      },
    });
    expect(book.of('a').handshake).toEqual({
      protocolVersion: '2025-11-25',
      serverName: 'n',
      serverVersion: '1',
      hasInstructions: true,
      capabilities: ['logging', 'tools', 'tools.listChanged'],
      extensions: ['io.x/ui', 'z'],
    });
    expect(book.of('a')).not.toHaveProperty('latency');
  });

  it('stays small whatever a server says of itself', () => {
    const { book, frame } = setUp();
    const many = Object.fromEntries(Array.from({ length: 1500 }, (_, k) => [`${k}${'x'.repeat(500)}`, { on: true }]));
    frame('toServer', { id: 0, method: 'initialize', params: {} });
    frame('toClient', { id: 0, result: { protocolVersion: 'v'.repeat(9999), capabilities: many } });
    expect(book.of('a').handshake?.capabilities.length).toBeGreaterThan(0);
    expect(JSON.stringify(book.of('a')).length).toBeLessThan(50_000);
  });

  it('passes everything on to the recorder, and looks at the upstream leg only', () => {
    const { book, frame, event, passed } = setUp();
    frame('toServer', { id: 1, method: 'ping' }, { leg: 'downstream' });
    frame('toClient', { id: 1, result: {} }, { leg: 'downstream' });
    event('server.stderr', 's1', { lines: ['x'] });
    expect(passed).toHaveLength(3);
    expect(book.of('a')).not.toHaveProperty('latency');
  });

  it('is forgotten with the server, and down with the gateway', () => {
    const { book, event } = setUp();
    event('server.running');
    event('gateway.stopped');
    expect(book.of('a').connections).toBe(0);
    event('server.running');
    book.keep(['b']);
    expect(book.of('a')).toEqual({ name: 'a', connections: 0, restarts: 0 });
  });
});
