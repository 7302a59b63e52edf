/** How servers start: side by side, again when they fail, later each time; and what earlier windows have left is ended first. */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BackOff } from '../../../src/extension/proxy/backOff';
import { processIdentity } from '../../../src/extension/proxy/ledgerSystem';
import { systemClock, type Clock } from '../../../src/extension/util/clock';
import { scriptedServer } from '../../support/gateway/gatewayFixture';
import { rawGateways } from '../../support/gateway/rawGateways';
import { eventually } from '../../support/gateway/waiting';

const gateways = rawGateways();

it('a server that fails again and again is left alone for 1, 2, 4 … 60 seconds, and as at first once it has run a minute', () => {
  const backOff = new BackOff();
  const delays = (ranMs: number, count: number): number[] => Array.from({ length: count }, () => backOff.failed(ranMs) / 1000);
  expect(delays(0, 9)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  expect(delays(59_999, 1)).toEqual([60]);
  expect([...delays(60_000, 1), ...delays(0, 2)]).toEqual([1, 2, 4]);
});

describe('a server that dies at its start', () => {
  /** The time that a server is left alone passes at once. */
  const delaysMs = new Set([1, 2, 4, 8, 16, 32, 60].map((seconds) => seconds * 1000));
  const hasty: Clock = { ...systemClock, timer: (delayMs, fn) => systemClock.timer(delaysMs.has(delayMs) ? 0 : delayMs, fn) };

  it('is started again each time it may be, shown with the last it has said, and all it says is recorded', async () => {
    const stderr = ['reading the settings', 'no licence found'];
    const { fixture } = await gateways.open([scriptedServer('s', { exitAtStart: 3, stderr })], { clock: hasty, grace: { afterFirstMs: 50, totalMs: 100 } });
    const { gateway, recorder } = fixture;
    const failures = await eventually('it to fail eight times', () => {
      const failed = recorder.events('server.failed');
      return failed.length >= 8 ? failed : undefined;
    });
    expect(failures.slice(0, 8).map(({ data }) => Number(data['retryInMs']) / 1000)).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    expect(failures[0]!.data).toMatchObject({ message: expect.stringContaining('exited with code 3') as string, stderr });
    expect(recorder.events('server.starting').slice(0, 3).map(({ data }) => data['attempt'])).toEqual([1, 2, 3]);
    expect(recorder.events('server.stderr').flatMap(({ data }) => data['lines'] as string[]).slice(0, 2)).toEqual(stderr);
    const shown = await eventually('it to be shown as failed', () => gateway.servers.find(({ state }) => state.kind === 'failed'));
    expect(JSON.stringify(shown)).toContain('no licence found');
  });
});

it('servers start side by side, not one after the other', async () => {
  const { fixture } = await gateways.open(['a', 'b', 'c'].map((name) => scriptedServer(name, { tools: ['x'], initDelayMs: 300 })), { grace: { afterFirstMs: 5000, totalMs: 10_000 } });
  const order = fixture.recorder.entries.flatMap((entry) => (entry.entry === 'event' && /^server\.(starting|running)$/.test(entry.type) ? [entry.type] : []));
  expect(order).toEqual([...Array.from({ length: 3 }, () => 'server.starting'), ...Array.from({ length: 3 }, () => 'server.running')]);
});

it.skipIf(process.platform === 'win32')('a gateway that starts ends what a killed one has left behind, and its list is gone', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'mcp-shark-start-'));
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
  try {
    const pid = child.pid!;
    const processes = [{ pid, identity: await processIdentity(pid) }];
    await writeFile(join(stateDir, 'processes-dead.json'), JSON.stringify({ owner: { pid: 999_999_999, identity: 'long ago' }, processes }));
    await gateways.start([], { stateDir });
    await eventually('it to end', () => child.signalCode === 'SIGKILL');
    await expect.poll(() => readdir(stateDir), { timeout: 5000 }).toEqual([]);
  } finally {
    child.kill('SIGKILL');
    await rm(stateDir, { recursive: true, force: true });
  }
});
