/** Commands on Windows that are no programs (`npx.cmd`, `server.bat`) are started by cmd.exe, with nothing in them that it could obey. */
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TransportEvents } from '../../../src/extension/proxy/transports/types';
import { systemClock } from '../../../src/extension/util/clock';

const require = createRequire(import.meta.url);

/** The spawn of cross-spawn as it is on Windows. It asks for the system when it is loaded. */
const windows = vi.hoisted(() => ({ spawn: undefined as unknown as (...args: unknown[]) => unknown }));
vi.mock('cross-spawn', () => ({ default: (...args: unknown[]) => windows.spawn(...args) }));

const { StdioTransport } = await import('../../../src/extension/proxy/transports/stdio');

interface Spawned {
  readonly command: string;
  readonly args: readonly string[];
  readonly options: { readonly shell?: boolean; readonly windowsVerbatimArguments?: boolean };
}

const spawned: Spawned[] = [];
let dir: string;
const undo: (() => void)[] = [];

function loadForWindows(): void {
  const processes = require('node:child_process') as { spawn: unknown };
  const { spawn } = processes;
  const system = Object.getOwnPropertyDescriptor(process, 'platform')!;
  Object.defineProperty(process, 'platform', { ...system, value: 'win32' });
  for (const file of Object.keys(require.cache)) if (file.includes('cross-spawn')) delete require.cache[file];
  windows.spawn = require('cross-spawn') as (...args: unknown[]) => unknown;
  Object.defineProperty(process, 'platform', system);
  processes.spawn = (command: string, args: readonly string[], options: Spawned['options']) => {
    spawned.push({ command, args, options });
    return new EventEmitter();
  };
  undo.push(() => {
    processes.spawn = spawn;
    for (const file of Object.keys(require.cache)) if (file.includes('cross-spawn')) delete require.cache[file];
  });
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mcp-shark-windows-'));
  undo.push(() => rmSync(dir, { recursive: true }));
  loadForWindows();
});

afterEach(() => {
  spawned.splice(0);
  for (const step of undo.splice(0).reverse()) step();
});

function start(file: string, args: readonly string[]): Spawned {
  const command = join(dir, file);
  writeFileSync(command, '', { mode: 0o755 });
  const ignore = (): void => undefined;
  const events: TransportEvents = { onMessage: ignore, onStderr: ignore, onSendFailed: ignore, onSessionLost: ignore, onClose: ignore };
  const transport = new StdioTransport({ name: 's', type: 'stdio', command, args, env: {}, cwd: dir }, events, systemClock);
  expect(transport.pid).toBeUndefined();
  return spawned[0]!;
}

describe.each(['server.cmd', 'server.bat'])('%s', (file) => {
  it('is given to cmd.exe, which is no shell that reads the arguments', () => {
    const { command, args, options } = start(file, ['a b', '&calc', '%PATH%', 'say "hi"', '^|>']);
    expect(command).toMatch(/cmd\.exe$/);
    expect(args.slice(0, 3)).toEqual(['/d', '/s', '/c']);
    expect(args[3]).toBe(`"${join(dir, file)} ^"a^ b^" ^"^&calc^" ^"^%PATH^%^" ^"say^ \\^"hi\\^"^" ^"^^^|^>^""`);
    expect(options).toMatchObject({ shell: false, windowsVerbatimArguments: true });
  });
});

it('a program is started as it is', () => {
  const { command, args, options } = start('server.exe', ['a b', '&calc']);
  expect(command).toBe(join(dir, 'server.exe'));
  expect(args).toEqual(['a b', '&calc']);
  expect(options.windowsVerbatimArguments).toBeUndefined();
});
