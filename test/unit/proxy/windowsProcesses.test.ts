/**
 * Server processes that outlive a killed window on Windows: which are ended at the next start, and that nothing else is. The
 * machine is played by a table of processes and by what PowerShell and taskkill print; lists and files are real.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProcessLedger, sweepOrphans } from '../../../src/extension/proxy/processLedger';
import { windowsTool } from '../../../src/extension/proxy/transports/windowsTools';
import { runProgram, windowsProcesses, type ProgramResult, type WindowsHost } from '../../../src/extension/proxy/windowsProcesses';
import type { Logger } from '../../../src/extension/util/logger';
import { eventually } from '../../support/gateway/waiting';

const THEN = Date.UTC(2026, 10, 23, 9, 30);
const POWERSHELL = 'D:\\Win\\System32\\WindowsPowerShell\\v1.0\\powershell.exe';
const TASKKILL = 'D:\\Win\\System32\\taskkill.exe';
const MINUTE_MS = 60_000;

let dir: string;
let logged: string[];
const note = (text: string): void => void logged.push(text);
const logger: Logger = { trace: note, debug: note, info: note, warn: note, error: note } as unknown as Logger;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mcp-shark-windows-'));
  logged = [];
});

afterEach(() => rm(dir, { recursive: true }));

/** .NET's count for a moment: 100 ns since the year 1. */
const ticks = (ms: number): string => String(BigInt(Math.round(ms * 10_000)) + 621_355_968_000_000_000n);

interface Running {
  readonly parent: number;
  readonly createdMs: number;
}

class Machine implements WindowsHost {
  readonly env = { SystemRoot: 'D:\\Win' };
  readonly ran: string[][] = [];
  readonly ended: number[] = [];
  /** In place of what PowerShell says. */
  powershell: ((answer: string, signal: AbortSignal) => Promise<ProgramResult>) | undefined;
  taskkill: ProgramResult = { code: 0, stdout: 'SUCCESS: The process with PID 1 (child process of PID 2) has been terminated.\r\n', stderr: '' };
  now = THEN;

  constructor(readonly processes: Map<number, Running>) {}

  nowMs(): number {
    return this.now;
  }

  isInUse(pid: number): boolean {
    return this.processes.has(pid);
  }

  readonly run: WindowsHost['run'] = (file, args, { signal }) => {
    this.ran.push([file, ...args]);
    if (file === TASKKILL) {
      this.ended.push(Number(args.at(-1)));
      return Promise.resolve(this.taskkill);
    }
    expect(file).toBe(POWERSHELL);
    const asked = [...args.at(-1)!.matchAll(/ProcessId=(\d+)/g)].map((match) => Number(match[1]));
    const lines = asked.flatMap((pid) => {
      const one = this.processes.get(pid);
      return one ? [`${pid} ${one.parent} ${ticks(one.createdMs)}`] : [];
    });
    const answer = [...lines, 'end', ''].join('\r\n');
    return this.powershell?.(answer, signal) ?? Promise.resolve({ code: 0, stdout: answer, stderr: '' });
  };
}

const list = (name: string, owner: object | null, ...processes: object[]): Promise<void> =>
  writeFile(join(dir, `processes-${name}.json`), JSON.stringify({ owner, processes }));
const sweep = (machine: Machine, signal?: AbortSignal): Promise<number[]> => sweepOrphans(dir, logger, { system: windowsProcesses(machine), signal });
const at = (ms: number): string => String(ms);

/** A window 700, now gone, had listed server 801 right after it was created. */
const listed = { owner: { pid: 700, identity: at(THEN - MINUTE_MS) }, server: { pid: 801, identity: at(THEN) } };
const orphan: Running = { parent: 700, createdMs: THEN - 12.3456 };

describe('a server that a window on Windows has left behind', () => {
  it('is ended with all it has started, once PowerShell has said that it is the one', async () => {
    await list('a', listed.owner, listed.server);
    const machine = new Machine(new Map([[801, orphan]]));
    expect(await sweep(machine)).toEqual([801]);
    expect(machine.ran).toEqual([
      [
        POWERSHELL,
        '-NoProfile',
        '-NonInteractive',
        '-Command',
        "$ErrorActionPreference='Stop'; Get-CimInstance -ClassName Win32_Process -Filter 'ProcessId=801' | Where-Object { $_.CreationDate } | " +
          "ForEach-Object { '{0} {1} {2}' -f $_.ProcessId, $_.ParentProcessId, $_.CreationDate.ToUniversalTime().Ticks }; 'end'",
      ],
      [TASKKILL, '/T', '/F', '/PID', '801'],
    ]);
    expect(await readdir(dir)).toEqual([]);
    expect(logged).toEqual(['Server process 801, left over from an earlier session, was ended']);
  });

  it('is ended too where the number of its window is somebody else’s by now', async () => {
    await list('a', listed.owner, listed.server);
    const machine = new Machine(new Map([[801, orphan], [700, { parent: 4, createdMs: THEN + MINUTE_MS }]]));
    expect(await sweep(machine)).toEqual([801]);
  });

  it.each<[string, Running]>([
    ['was created after it was listed', { parent: 700, createdMs: THEN + 5 * MINUTE_MS }],
    ['was started by another program', { parent: 701, createdMs: THEN - 12 }],
    ['was there long before, by a clock that was set back', { parent: 700, createdMs: THEN - 60 * MINUTE_MS }],
  ])('is not ended where what has its number %s', async (_what, other) => {
    await list('a', listed.owner, listed.server);
    const machine = new Machine(new Map([[801, other]]));
    expect(await sweep(machine)).toEqual([]);
    expect(machine.ended).toEqual([]);
    expect(await readdir(dir)).toEqual([]);
  });

  it.each([['0x321'], ['801'], [''], ['1e30'], ['Mon Nov 23 09:30:00 2026']])('is not ended where the list says %j of when it ran', async (identity) => {
    await list('a', listed.owner, { pid: 801, identity });
    const machine = new Machine(new Map([[801, orphan]]));
    expect(await sweep(machine)).toEqual([]);
  });

  it('is not looked for where its number is free, nor is PowerShell started', async () => {
    await list('a', listed.owner, listed.server);
    const machine = new Machine(new Map());
    expect(await sweep(machine)).toEqual([]);
    expect(machine.ran).toEqual([]);
    expect(await readdir(dir)).toEqual([]);
  });

  it('stays while its window runs, and all windows are asked about at once', async () => {
    await list('a', listed.owner, listed.server);
    await list('b', { pid: 710, identity: at(THEN) }, { pid: 802, identity: at(THEN) });
    const window = { parent: 4, createdMs: THEN - 60 * MINUTE_MS };
    const machine = new Machine(new Map([[700, window], [710, window], [801, orphan], [802, { parent: 710, createdMs: THEN - 1 }]]));
    expect(await sweep(machine)).toEqual([]);
    expect(machine.ran).toHaveLength(1);
    expect(await readdir(dir)).toEqual(['processes-a.json', 'processes-b.json']);
  });

  it('is not ended where the list does not say whose it is', async () => {
    await list('a', null, listed.server);
    const machine = new Machine(new Map([[801, orphan]]));
    expect(await sweep(machine)).toEqual([]);
    expect(machine.ran).toEqual([]);
  });

  it('has only whole numbers of its list put into commands', async () => {
    const odd = ["1' -or $true; calc '", 801.5, -7, 1, 0, null, '801', 1e21];
    await list('a', listed.owner, ...odd.map((pid) => ({ pid, identity: at(THEN) })), listed.server);
    const machine = new Machine(new Map([[801, orphan], [1, orphan], [0, orphan], [-7, orphan], [801.5, orphan]]));
    expect(await sweep(machine)).toEqual([801]);
    expect(machine.ran.flat().filter((arg) => /ProcessId=/.test(arg))).toHaveLength(1);
    expect(machine.ran.flat().join('\n')).not.toMatch(/calc|801\.5|-7|ProcessId=[01]\b/);
  });

  it('is one of many, which are asked about some at a time', async () => {
    const pids = Array.from({ length: 60 }, (_, k) => 1000 + k);
    await list('a', listed.owner, ...pids.map((pid) => ({ pid, identity: at(THEN) })));
    const machine = new Machine(new Map(pids.map((pid) => [pid, orphan])));
    expect(await sweep(machine)).toEqual(pids);
    expect(machine.ran.filter(([file]) => file === POWERSHELL)).toHaveLength(3);
  });
});

describe('where Windows cannot say which processes run', () => {
  it.each<[string, (answer: string) => Promise<ProgramResult>, string]>([
    ['PowerShell is not there', () => Promise.reject(new Error('spawn powershell.exe ENOENT')), 'ENOENT'],
    ['PowerShell may not ask', () => Promise.resolve({ code: 1, stdout: '', stderr: 'Get-CimInstance : Access denied \r\n' }), 'Access denied'],
    ['its answer breaks off', (answer) => Promise.resolve({ code: 0, stdout: answer.slice(0, -8), stderr: '' }), 'exit code 0'],
    ['its answer is another', () => Promise.resolve({ code: 0, stdout: 'ProcessId : 801\r\nend\r\n', stderr: '' }), 'ProcessId : 801'],
  ])('because %s, nothing is ended, it is logged, and the next start tries again', async (_what, powershell, words) => {
    await list('a', listed.owner, listed.server);
    const machine = new Machine(new Map([[801, orphan]]));
    machine.powershell = powershell;
    expect(await sweep(machine)).toEqual([]);
    expect(machine.ended).toEqual([]);
    expect(logged).toEqual([expect.stringMatching(`^Server processes left over from an earlier session could not be looked for: .*${words}`)]);
    machine.powershell = undefined;
    expect(await sweep(machine)).toEqual([801]);
  });

  it('because the gateway closes meanwhile, nothing is ended or logged, and the next start tries again', async () => {
    await list('a', listed.owner, listed.server);
    const machine = new Machine(new Map([[801, orphan]]));
    const closing = new AbortController();
    machine.powershell = (_answer, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    const swept = sweep(machine, closing.signal);
    await eventually('PowerShell to run', () => machine.ran.length > 0);
    closing.abort();
    expect(await swept).toEqual([]);
    expect(logged).toEqual([]);
    expect(await readdir(dir)).toEqual(['processes-a.json']);
  });
});

it('a process that cannot be ended is logged with why, and one that has just ended is not', async () => {
  const machine = new Machine(new Map([[801, orphan]]));
  await list('a', listed.owner, listed.server);
  machine.taskkill = { code: 1, stdout: '', stderr: 'ERROR: The process with PID 801 could not be terminated.\r\nReason: Access is denied.\r\n' };
  expect(await sweep(machine)).toEqual([]);
  expect(logged).toEqual([expect.stringContaining('could not be ended: ERROR: The process with PID 801')]);
  await list('a', listed.owner, listed.server);
  machine.taskkill = { code: 128, stdout: '', stderr: 'ERROR: The process "801" not found.\r\n' };
  logged = [];
  expect(await sweep(machine)).toEqual([]);
  expect(logged).toEqual([]);
});

it('a gateway on Windows lists its servers by when they ran, without starting anything, and what it leaves is ended by the next', async () => {
  const machine = new Machine(new Map([[process.pid, { parent: 4, createdMs: THEN - MINUTE_MS }], [801, { parent: process.pid, createdMs: THEN - 3 }]]));
  const ledger = new ProcessLedger(dir, 'mine', logger, windowsProcesses(machine));
  ledger.add(801);
  ledger.add(999);
  const file = join(dir, 'processes-mine.json');
  await eventually('the list', () => existsSync(file));
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
    owner: { pid: process.pid, identity: at(THEN) },
    processes: [{ pid: 801, identity: at(THEN) }],
  });
  expect(machine.ran).toEqual([]);
  expect(await sweep(machine)).toEqual([]);
  machine.processes.delete(process.pid);
  expect(await sweep(machine)).toEqual([801]);
});

describe('a program that is run', () => {
  const { signal } = new AbortController();
  const node = (script: string, limitMs = 10_000, given = signal): Promise<ProgramResult> => runProgram(process.execPath, ['-e', script], { limitMs, signal: given });

  it('gives its output and exit code, and has nothing to read', async () => {
    expect(await node('process.stdin.resume().on("end", () => { console.log("out"); console.error("err"); process.exitCode = 128; })')).toEqual({
      code: 128,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect(await node('0')).toMatchObject({ code: 0 });
  });

  it('is ended where it takes too long or is given up, and is missed where it is not there', async () => {
    const forever = 'setInterval(() => {}, 1000)';
    await expect(node(forever, 50)).rejects.toThrow('did not end within 0.05 s');
    const given = new AbortController();
    const run = node(forever, 10_000, given.signal);
    given.abort();
    await expect(run).rejects.toMatchObject({ name: 'AbortError' });
    await expect(runProgram(join(dir, 'none.exe'), [], { limitMs: 1000, signal })).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('the programs of Windows are taken from', () => {
  it.each([
    [{ SystemRoot: 'D:\\Win' }, 'D:\\Win\\System32\\taskkill.exe'],
    [{ SYSTEMROOT: 'C:\\WINDOWS' }, 'C:\\WINDOWS\\System32\\taskkill.exe'],
    [{}, 'C:\\Windows\\System32\\taskkill.exe'],
    [{ SystemRoot: '.' }, 'C:\\Windows\\System32\\taskkill.exe'],
    [{ SystemRoot: '\\\\share\\evil' }, 'C:\\Windows\\System32\\taskkill.exe'],
  ])('the system’s own folder: %j', (env, file) => {
    expect(windowsTool('taskkill.exe', env)).toBe(file);
  });
});
