/** What is done on systems that the tests do not run on. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { explainCommandNotFound } from '../../../src/extension/proxy/transports/commandNotFound';
import { addressOf } from '../../../src/extension/proxy/transports/httpRequest';
import { signalTree, type ProcessSystem } from '../../../src/extension/proxy/transports/processTree';
import { windowsTool } from '../../../src/extension/proxy/transports/windowsTools';

describe('the address of', () => {
  it.each([
    ['pipe:///pipe/my-server#/mcp', { socketPath: '\\\\.\\pipe\\my-server', path: '/mcp' }],
    ['pipe:///pipe/with%20space', { socketPath: '\\\\.\\pipe\\with space', path: '/' }],
    ['unix:///tmp/a%20b.sock#/mcp?x=1', { socketPath: '/tmp/a b.sock', path: '/mcp?x=1' }],
    ['http://[::1]:8080/mcp?x=1', { hostname: '::1', port: 8080, path: '/mcp?x=1' }],
    ['https://user:p%40ss@example.com/', { hostname: 'example.com', port: undefined, path: '/', auth: 'user:p@ss' }],
  ])('%s', (url, address) => {
    expect(addressOf(new URL(url))).toMatchObject(address);
  });
});

describe('a process tree', () => {
  const killed: string[] = [];
  const child = { pid: 42, kill: (signal?: NodeJS.Signals | number) => killed.push(`child ${String(signal)}`) > 0 };
  afterEach(() => void killed.splice(0));

  function system(platform: NodeJS.Platform, fails = false): { system: ProcessSystem; ran: string[] } {
    const ran: string[] = [];
    return {
      ran,
      system: {
        platform,
        spawn: (command, args) => {
          ran.push([command, ...args].join(' '));
          const emitter = { on: (event: string, listener: () => void) => (event === 'error' && fails ? (listener(), emitter) : emitter) };
          return emitter as unknown as ReturnType<ProcessSystem['spawn']>;
        },
        kill: (pid, signal) => {
          if (fails) throw new Error('ESRCH');
          ran.push(`${pid} ${signal}`);
        },
      },
    };
  }

  it.each([
    ['win32', 'SIGTERM', [`${windowsTool('taskkill.exe')} /PID 42 /T`]],
    ['win32', 'SIGKILL', [`${windowsTool('taskkill.exe')} /PID 42 /T /F`]],
    ['linux', 'SIGTERM', ['-42 SIGTERM']],
    ['darwin', 'SIGKILL', ['-42 SIGKILL']],
  ] as const)('is ended as a whole on %s by %s', (platform, signal, expected) => {
    const { system: fake, ran } = system(platform);
    signalTree(child, signal, fake);
    expect(ran).toEqual(expected);
    expect(killed).toEqual([]);
  });

  it.each(['win32', 'linux'] as const)('loses at least its root where the whole cannot be ended (%s)', (platform) => {
    signalTree(child, 'SIGKILL', system(platform, true).system);
    expect(killed).toEqual(['child SIGKILL']);
  });
});

describe('a command that was not found', () => {
  const dir = mkdtempSync(join(tmpdir(), 'mcp-shark-command-'));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('is looked for with the endings that Windows knows', () => {
    const bin = join(dir, '.volta', 'bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, 'npx-of-mine.cmd'), '');
    const env = { PATH: '/nowhere', HOME: dir };
    expect(explainCommandNotFound('npx-of-mine', env, dir, 'win32')).toContain(`It exists at "${join(bin, 'npx-of-mine.cmd')}"`);
    expect(explainCommandNotFound('npx-of-mine', env, dir, 'linux')).not.toContain('It exists at');
  });
});
