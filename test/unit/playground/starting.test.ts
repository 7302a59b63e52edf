// A run before it is sent: its server starts, its lists are read, nobody knows how long. It can be seen and cancelled all the same.
import { afterEach, describe, expect, it } from 'vitest';
import type { PlaygroundRun } from '../../../src/extension/contract/playgroundRuns';
import { scriptedServer } from '../../support/gateway/gatewayFixture';
import { startPlayground, tool, type PlaygroundFixture } from '../../support/playground/playgroundFixture';

let fixture: PlaygroundFixture;
afterEach(() => fixture?.close());

const reads = (name: string): object => ({ name, annotations: { readOnlyHint: true }, inputSchema: { type: 'object', required: ['n'] } });
const open = async (script: object): Promise<void> => {
  fixture = await startPlayground([scriptedServer('slow', { tools: [reads('echo')], ...script }), scriptedServer('other', { tools: [reads('echo')] })]);
};
const waiting = (waitsFor: PlaygroundRun['waitsFor']): Promise<PlaygroundRun> => fixture.until(`a run that waits for ${waitsFor}`, ({ runs }) => runs.find((run) => run.waitsFor === waitsFor));
const asked = (method: string): number => fixture.recorder.frames.filter(({ envelope }) => envelope.method === method).length;
const begin = (server = 'slow') => fixture.playground.start({ target: tool(server, 'echo'), argumentsText: '{"n":1}', sendAnyway: false, asTask: false, ticket: 't1' });

describe('a run whose server', () => {
  it.each([
    ['never finishes its handshake', { neverInitialize: true }, 'server'],
    ['never gives its lists', { neverList: true }, 'lists'],
  ] as const)('%s is there from the start, and cancelled at once', async (_what, script, waitsFor) => {
    await open(script);
    const listed: string[] = [];
    const start = fixture.playground.start({ target: tool('slow', 'echo'), argumentsText: '', sendAnyway: false, asTask: false, ticket: 't1' }, 'user', (run) => listed.push(run));
    const run = await waiting(waitsFor);
    expect(run).toMatchObject({ status: 'running', ticket: 't1', target: tool('slow', 'echo') });
    expect(listed).toEqual([run.id]);
    fixture.playground.cancel(run.id);
    expect(await start).toEqual({ kind: 'started', run: run.id });
    expect(fixture.playground.run(run.id)).toMatchObject({ status: 'cancelled', hasResult: false, message: 'The user cancelled the run.', waitsFor: undefined });
    expect(asked('tools/call')).toBe(0);
    // Nothing was sent: it was not used, and is no part of the history.
    expect(fixture.playground.history).toEqual([]);
  });

  it('is being started keeps nobody from running something of another', async () => {
    await open({ neverInitialize: true });
    const start = begin();
    const { id } = await waiting('server');
    expect((await fixture.run(tool('other', 'echo'), { n: 1 })).status).toBe('ok');
    fixture.playground.cancel(id);
    await start;
  });

  it('is disconnected meanwhile is ended with these words, and starts it no more', async () => {
    await open({ neverInitialize: true, stderr: ['up'] });
    const start = begin();
    const { id } = await waiting('server');
    await fixture.until('its process', () => fixture.recorder.events('server.stderr').length === 1);
    await fixture.playground.disconnect('slow');
    await start;
    expect(fixture.playground.run(id)).toMatchObject({ status: 'cancelled', message: 'The connection to "slow" was ended before the run was sent.' });
    expect(fixture.playground.state.servers[0]?.connection).toEqual({ kind: 'idle', isEnded: true });
    await fixture.until('the end of its process', () => fixture.recorder.events('server.stopped').length === 1);
  });

  it('is disconnected meanwhile tells others, too, that it was', async () => {
    await open({ neverInitialize: true });
    const refreshed = fixture.playground.refresh('slow');
    await fixture.until('the connection', ({ servers }) => servers[0]?.connection.kind === 'connecting');
    await fixture.playground.disconnect('slow');
    await expect(refreshed).rejects.toThrow('The connection to "slow" was ended before it was there.');
  });

  it('is there in the end is sent, and timed from then on', async () => {
    await open({ initDelayMs: 150 });
    const start = begin();
    const { id, startedMs } = await waiting('server');
    await start;
    const run = await fixture.settled(id);
    expect(run).toMatchObject({ status: 'ok' });
    expect(run).not.toHaveProperty('waitsFor');
    expect(run.startedMs).toBeGreaterThan(startedMs);
  });

  it.each([
    ['is there in the end, but whose arguments do not fit', { initDelayMs: 100 }, 'invalid'],
    ['does not start', { refuseInitialize: 'no entry today' }, 'no entry today'],
  ])('%s was none', async (_what, script, outcome) => {
    await open(script);
    const start = fixture.playground.start({ target: tool('slow', 'echo'), argumentsText: '{}', sendAnyway: false, asTask: false });
    const { id } = await waiting('server');
    expect(JSON.stringify(await start.catch((error: Error) => error.message))).toContain(outcome);
    expect(fixture.playground.run(id)).toBeUndefined();
  });

  it('is being started goes on without a view, until it is cancelled', async () => {
    await open({ neverInitialize: true });
    void begin();
    const { id } = await waiting('server');
    fixture.playground.viewClosed();
    expect(fixture.playground.run(id)?.status).toBe('running');
    expect(fixture.playground.state.servers[0]?.connection.kind).toBe('connecting');
    fixture.playground.cancel(id);
    await fixture.until('the end of the connection', ({ servers }) => servers[0]?.connection.kind === 'idle');
  });
});

it('a run that need not wait is not listed before it is known whether it is one', async () => {
  await open({});
  await fixture.connect('other');
  const seen: number[] = [];
  fixture.playground.onDidChange(({ runs }) => seen.push(runs.length));
  const start = await fixture.playground.start({ target: tool('other', 'echo'), argumentsText: '{}', sendAnyway: false, asTask: false });
  expect(start.kind).toBe('invalid');
  expect(seen.every((count) => count === 0)).toBe(true);
});
