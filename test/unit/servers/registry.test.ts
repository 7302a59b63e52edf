/** Holds the registry: what it keeps while a file is broken, how it follows files, and that it leaves nothing behind. */
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { FilePort } from '../../../src/extension/servers/filePort';
import { createServerRegistry, type ServerRegistry } from '../../../src/extension/servers/registry';
import { systemClock, type Clock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { toDisposable } from '../../../src/extension/util/lifecycle';
import { FakeClock } from '../util/fakeClock';

const A = '/a/.vscode/mcp-shark.json';
const B = '/b/.vscode/mcp-shark.json';
const config = (...names: string[]) =>
  JSON.stringify({ servers: Object.fromEntries(names.map((name) => [name, { command: name }])) });

/** Files in memory; `touch` tells the watchers, which may be deaf. */
class MemoryFiles implements FilePort {
  readonly files = new Map<string, string | Error>();
  readonly watchers = new Set<{ file: string; changed: () => void; ended: () => void }>();
  deaf = false;
  #version = 0;
  readonly #signatures = new Map<string, string>();

  set(file: string, content: string | Error | undefined): void {
    if (content === undefined) this.files.delete(file);
    else this.files.set(file, content);
    this.#signatures.set(file, String(++this.#version));
    for (const watcher of this.watchers) if (!this.deaf && watcher.file === file) watcher.changed();
  }

  read(file: string): Promise<string | undefined> {
    const content = this.files.get(file);
    return content instanceof Error ? Promise.reject(content) : Promise.resolve(content);
  }

  signature(file: string): Promise<string | undefined> {
    return Promise.resolve(this.files.has(file) ? this.#signatures.get(file) : undefined);
  }

  watch(file: string, changed: () => void, ended: () => void) {
    if (this.deaf) return undefined;
    const watcher = { file, changed, ended };
    this.watchers.add(watcher);
    return toDisposable(() => this.watchers.delete(watcher));
  }
}

const open: ServerRegistry[] = [];
afterEach(() => {
  for (const registry of open.splice(0)) registry.dispose();
});

function setup(files: Record<string, string> = {}, list = [A], userFile?: string) {
  const port = new MemoryFiles();
  for (const [file, content] of Object.entries(files)) port.set(file, content);
  const clock = new FakeClock();
  const registry = createServerRegistry({ files: list, ...(userFile === undefined ? {} : { userFile }), clock, logger: nullLogger, filePort: port });
  open.push(registry);
  let changes = 0;
  registry.onDidChange(() => changes++);
  return {
    port,
    clock,
    registry,
    names: () => registry.servers.map(({ name }) => name),
    problems: () => registry.problems.map(({ file, line, message }) => `${file}:${line} ${message}`),
    changes: () => changes,
  };
}

it('has nothing before the first load, and no problem when there is no file', async () => {
  const { registry, names, changes } = setup();
  expect(names()).toEqual([]);
  await registry.reload();
  expect({ names: names(), problems: registry.problems, changes: changes() }).toEqual({ names: [], problems: [], changes: 0 });
});

it('follows a file that comes and changes', async () => {
  const { port, clock, registry, names, changes } = setup();
  await registry.reload();
  port.set(A, config('one'));
  await clock.advance(150);
  expect(names()).toEqual(['one']);
  port.set(A, config('one', 'two'));
  port.set(A, config('one', 'two', 'three'));
  await clock.advance(150);
  expect(names()).toEqual(['one', 'two', 'three']);
  expect(changes()).toBe(2);
});

it('keeps the last good servers of a file that has gone, and says how to stop them', async () => {
  const { port, clock, registry, names, problems } = setup({ [A]: config('one') });
  await registry.reload();
  port.set(A, undefined);
  await clock.advance(1000);
  expect(names()).toEqual(['one']);
  expect(problems()).toEqual([expect.stringContaining(`${A}:1 The file is gone.`)]);
  port.set(A, '{ "servers": {} }');
  await clock.advance(2500);
  expect(names()).toEqual([]);
  expect(problems()).toEqual([]);
});

it('keeps the last good servers while the file is broken, and says so once', async () => {
  const { port, clock, registry, names, problems, changes } = setup({ [A]: config('one') });
  await registry.reload();
  port.set(A, '{ "servers": {\n');
  await clock.advance(150);
  expect(names()).toEqual(['one']);
  expect(problems()).toEqual([
    `${A}:2 A closing "}" is missing. The servers of the last good version stay in use until this is corrected.`,
  ]);
  expect(changes()).toBe(2);
  port.set(A, config('two'));
  await clock.advance(150);
  expect(names()).toEqual(['two']);
  expect(problems()).toEqual([]);
});

it('keeps the last good servers while the file cannot be read', async () => {
  const { port, clock, registry, names, problems } = setup({ [A]: config('one') });
  await registry.reload();
  port.set(A, new Error('EACCES'));
  await clock.advance(150);
  expect(names()).toEqual(['one']);
  expect(problems()[0]).toContain('cannot be read (EACCES)');
  port.set(A, config('one'));
  await clock.advance(150);
  expect(problems()).toEqual([]);
});

it('does not take a file that an editor is replacing for a deleted one', async () => {
  const { port, clock, registry, names, changes } = setup({ [A]: config('one') });
  await registry.reload();
  port.set(A, undefined);
  await clock.advance(300);
  expect(names()).toEqual(['one']);
  port.set(A, config('two'));
  await clock.advance(1000);
  expect(names()).toEqual(['two']);
  expect(changes()).toBe(2);
});

it('finds changes by itself where nothing reports them', async () => {
  const { port, clock, registry, names } = setup({ [A]: config('one') });
  port.deaf = true;
  await registry.reload();
  port.set(A, config('two'));
  await clock.advance(2500);
  expect(names()).toEqual(['two']);
});

it('watches anew when a watcher ends', async () => {
  const { port, clock, registry, names } = setup({ [A]: config('one') });
  await registry.reload();
  for (const watcher of Array.from(port.watchers)) watcher.ended();
  expect(port.watchers.size).toBe(0);
  await clock.advance(2100);
  expect(port.watchers.size).toBe(1);
  port.set(A, config('two'));
  await clock.advance(150);
  expect(names()).toEqual(['two']);
});

it('says nothing for a change that makes no difference', async () => {
  const { port, clock, registry, changes } = setup({ [A]: config('one') });
  await registry.reload();
  port.set(A, config('one'));
  await clock.advance(150);
  port.set(A, `${config('one')}\n// comment`);
  await clock.advance(150);
  expect(changes()).toBe(1);
});

it('gives a name to the first file that defines it, and reports the second', async () => {
  const { registry, names, problems } = setup({ [A]: config('one', 'both'), [B]: config('both', 'two') }, [A, B]);
  await registry.reload();
  expect(names()).toEqual(['one', 'both', 'two']);
  expect(registry.servers[1]?.file).toBe(A);
  expect(problems()).toEqual([`${B}:1 servers.both is already defined in ${A}; this one is ignored. Rename or remove it.`]);
});

it('follows the list of folders', async () => {
  const { registry, names, clock, port } = setup({ [A]: config('one'), [B]: config('two') });
  await registry.reload();
  await registry.setFiles([B]);
  expect(names()).toEqual(['two']);
  await clock.advance(10_000);
  expect(port.watchers.size).toBe(1);
});

it('leaves no timer and no watcher behind', async () => {
  const { registry, clock, port } = setup({ [A]: config('one') });
  await registry.reload();
  port.set(A, config('two'));
  registry.dispose();
  expect({ waiting: clock.waiting, watchers: port.watchers.size }).toEqual({ waiting: 0, watchers: 0 });
  await clock.advance(5000);
  expect(clock.waiting).toBe(0);
});

describe('on a real file system', () => {
  it('sees a file replaced by rename, in a folder that was not there at first', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'shark-registry-'));
    const file = path.join(folder, '.vscode', 'mcp-shark.json');
    // Looks again and waits as it does, a tenth as long each.
    const clock: Clock = { ...systemClock, timer: (ms, fn) => systemClock.timer(ms / 10, fn) };
    const registry = createServerRegistry({ files: [file], clock, logger: nullLogger });
    open.push(registry);
    try {
      await registry.reload();
      const named = (name: string) =>
        new Promise<void>((resolve) => {
          const look = (): void => {
            if (registry.servers.some((server) => server.name === name)) {
              listening.dispose();
              resolve();
            }
          };
          const listening = registry.onDidChange(look);
        });
      const first = named('one');
      await mkdir(path.dirname(file));
      await writeFile(file, config('one'));
      await first;
      const second = named('two');
      await writeFile(`${file}.tmp`, config('two'));
      await rename(`${file}.tmp`, file);
      await second;
      expect(registry.servers).toHaveLength(1);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the user’s own servers', () => {
  const USER = '/home/ann/storage/mcp-shark.json';

  it('come last, and a name of the workspace counts more, which is no problem but worth knowing', async () => {
    const { registry, names, problems } = setup({ [A]: config('a', 'both'), [USER]: config('both', 'mine') }, [A], USER);
    await registry.reload();
    expect(names()).toEqual(['a', 'both', 'mine']);
    expect(registry.servers.find(({ name }) => name === 'both')?.file).toBe(A);
    expect(problems()).toEqual([]);
    expect(registry.notes.map(({ file, message }) => `${file} ${message}`)).toEqual([`${USER} servers.both is defined in ${A} too, which counts in this workspace.`]);
  });

  it('stay when the folders of the workspace change', async () => {
    const { registry, names } = setup({ [A]: config('a'), [B]: config('b'), [USER]: config('mine') }, [A], USER);
    await registry.setFiles([B]);
    expect(names()).toEqual(['b', 'mine']);
    await registry.setFiles([]);
    expect(names()).toEqual(['mine']);
  });
});

it('lets go of the servers of a file that was removed on purpose', async () => {
  const { registry, port, names, problems } = setup({ [A]: config('a'), [B]: config('b') }, [A, B]);
  await registry.reload();
  port.set(A, undefined);
  port.set(B, undefined);
  await registry.reload();
  expect(names()).toEqual(['a', 'b']);
  await registry.forget([A]);
  expect(names()).toEqual(['b']);
  expect(problems().map((problem) => problem.slice(0, B.length))).toEqual([B]);
  port.set(A, config('again'));
  await registry.reload();
  expect(names()).toEqual(['again', 'b']);
});
