/** The filter while it is written: chips and text in step, mistakes at their place, completion out of real values. */
import { signal } from '@preact/signals';
import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/extension/util/errors';
import { FilterModel } from '../../../src/webview/traffic/model/filterModel';
import { TrafficValues } from '../../../src/webview/traffic/model/trafficValues';
import { flush, ManualClock } from '../../support/webview/manualClock';
import { rowOf, ScriptedHost } from '../../support/webview/scriptedHost';

let asked: string[];
let clock: ManualClock;
let filter: FilterModel;
const rejection = signal<AppError | undefined>(undefined);
const words: Readonly<Record<string, readonly string[]>> = { server: ['github', 'git lab'], tool: ['create_issue'], method: ['tools/call'] };

beforeEach(() => {
  asked = [];
  rejection.value = undefined;
  clock = new ManualClock();
  const values = { values: async (field: string, part: string) => (words[field] ?? []).filter((value) => value.includes(part)) };
  filter = new FilterModel({ ask: (text) => asked.push(text), rejection, values }, clock);
});
const labels = (): (string | undefined)[] => (filter.completion.value?.items ?? []).map(({ label }) => label);

describe('chips and text', () => {
  it('are one: each term that must hold is a chip, and taking one out takes its text out', () => {
    filter.set('server:github -method:ping (tool:a OR tool:b)');
    expect(filter.chips.value.map(({ text }) => text)).toEqual(['server:github', '-method:ping', '(tool:a OR tool:b)']);
    filter.remove(filter.chips.value[1]!.span);
    expect(filter.text.value).toBe('server:github (tool:a OR tool:b)');
    expect(asked.at(-1)).toBe('server:github (tool:a OR tool:b)');
  });

  it('adds a term once, and puts what was an OR in brackets', () => {
    filter.set('a OR b');
    filter.add('-server:github');
    filter.add('-server:github');
    expect(filter.text.value).toBe('(a OR b) -server:github');
  });

  it('says the filter in plain words', () => {
    filter.set('server:github');
    expect(filter.description.value).toBe('Calls where server is "github"');
    filter.clear();
    expect(filter.description.value).toBeUndefined();
  });
});

describe('a mistake', () => {
  it('is none while a term is being typed, and has its place in the text once refused', () => {
    filter.type('  servr:x');
    expect(filter.problem.value).toBeUndefined();
    rejection.value = new AppError('query.invalid', 'host');
    expect(filter.problem.value).toMatchObject({ message: expect.stringContaining('Did you mean "server:"'), place: { start: 2 } });
    expect(filter.chips.value).toEqual([]);
  });

  it('at the very end is marked behind the text', () => {
    filter.type('a OR');
    rejection.value = new AppError('query.invalid', 'host');
    const { place } = filter.problem.value!;
    expect(place!.end).toBeGreaterThan(place!.start);
  });
});

describe('completion', () => {
  it('offers fields, then their values, and takes them with the caret behind', async () => {
    filter.type('ser');
    await flush();
    expect(labels()[0]).toBe('server:');
    expect(filter.accept(0)).toBe(7);
    await flush();
    expect(filter.text.value).toBe('server:');
    expect(labels()).toEqual(['github', 'git lab']);
    expect(filter.accept(1)).toBe('server:"git lab"'.length);
    expect(filter.text.value).toBe('server:"git lab"');
    expect(asked).toEqual(['server:"git lab"']);
    expect(filter.completion.value).toBeUndefined();
  });

  it('goes round through the list and back into the text', async () => {
    filter.type('server:g');
    await flush();
    const seen = [1, 1, 1, -1].map((by) => {
      filter.moveCompletion(by as 1 | -1);
      return filter.completion.value?.active;
    });
    expect(seen).toEqual([0, 1, -1, 1]);
  });

  it('does not offer what stands there already', async () => {
    filter.type('server:github');
    await flush();
    expect(filter.completion.value).toBeUndefined();
  });

  it('calls suggestions for a plain word hints', async () => {
    filter.type('git');
    await flush();
    expect(filter.completion.value).toMatchObject({ isHint: true });
    filter.type('server:git');
    await flush();
    expect(filter.completion.value).toMatchObject({ isHint: false });
  });
});

describe('values', () => {
  it('come from the newest calls of all, from the rows loaded and from the configured servers', async () => {
    const host = new ScriptedHost();
    const values = new TrafficValues(host, clock, { rows: () => [rowOf(1, { server: 'loaded' })], servers: () => ['configured'] });
    const answer = values.values('server', '', 10);
    host.pages[0]!.resolve({ rows: [rowOf(2), rowOf(3), rowOf(4, { server: 'files' })], total: 3, offset: 0, through: 3 });
    expect(await answer).toEqual(['github', 'files', 'loaded', 'configured']);
    expect(await values.values('tool', '_3', 10)).toEqual(['tool_3']);
    expect(host.pages).toHaveLength(1);
  });

  it('come from everything recorded, most frequent first, counted once', async () => {
    const host = new ScriptedHost();
    host.recorded = [
      { server: 'github', method: 'tools/call', calls: 900_000 },
      { server: 'old', method: 'tools/call', calls: 3 },
      { server: 'old', method: 'prompts/get', calls: 40 },
      { method: 'tools/list', calls: 7 },
      { server: 'github', method: 'tools/call', name: 'often', calls: 900_000 },
      { server: 'old', method: 'tools/call', name: 'rare', calls: 3 },
      { server: 'old', method: 'prompts/get', name: 'rarely_asked', calls: 40 },
    ];
    const values = new TrafficValues(host, clock, { rows: () => [rowOf(1, { name: 'rare' })], servers: () => ['configured'] });
    const first = values.values('server', '', 10);
    host.pages[0]!.resolve({ rows: [], total: 0, offset: 0, through: 3 });
    expect(await first).toEqual(['github', 'old', 'configured']);
    expect(await values.values('tool', '', 10)).toEqual(['often', 'rare']);
    expect(await values.values('prompt', '', 10)).toEqual(['rarely_asked']);
    expect(await values.values('name', 'rare', 10)).toEqual(['rarely_asked', 'rare']);
    expect(await values.values('method', '', 10)).toEqual(['tools/call', 'prompts/get', 'tools/list']);
  });

  it.each([['session', 'session', 's-old'], ['client', 'session', 'Claude Code'], ['conversation', 'conversation', 's-old'], ['turn', 'prompt', 's-old']] as const)('of %s come from groups, however long ago', async (field, by, value) => {
    const host = new ScriptedHost();
    const values = new TrafficValues(host, clock, { rows: () => [], servers: () => [] });
    const first = values.values(field, '', 10);
    host.pages[0]!.resolve({ rows: [], total: 0, offset: 0, through: 3 });
    expect(host.groupPages[0]!.asked).toMatchObject({ by });
    const group = { key: 'k', filter: '', calls: 2, errors: 0, running: 0, bytes: 0, totalUs: 0, firstMs: 0, lastMs: 0 };
    host.groupPages[0]!.resolve({ groups: [{ ...group, id: 's-old', client: 'Claude Code' }, { ...group, isByTime: true }], through: 3 });
    expect(await first).toEqual([value]);
    await values.values(field, value, 10);
    expect(host.groupPages).toHaveLength(1);
  });

  it('do not wait for a busy host', async () => {
    const values = new TrafficValues(new ScriptedHost(), clock, { rows: () => [rowOf(1)], servers: () => [] });
    const answer = values.values('server', '', 10);
    await clock.advance(250);
    expect(await answer).toEqual(['github']);
  });
});
