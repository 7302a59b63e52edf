/** What the Playground remembers, and the rows of its catalogue. */
import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import type { PlaygroundServer, PlaygroundState } from '../../../src/extension/contract/playground';
import type { CatalogItem } from '../../../src/extension/contract/playgroundCatalog';
import type { PlaygroundRun } from '../../../src/extension/contract/playgroundRuns';
import { catalogRows, parentIndex } from '../../../src/webview/playground/model/catalogTree';
import type { PlaygroundHost } from '../../../src/webview/playground/model/playgroundHost';
import { RunsModel } from '../../../src/webview/playground/model/runsModel';
import { Drafts } from '../../../src/webview/playground/model/drafts';
import { MAX_DRAFT_TEXT, MAX_DRAFTS, parseViewState } from '../../../src/webview/playground/model/viewState';

const server = (name: string, connection: PlaygroundServer['connection'] = { kind: 'ready' }): PlaygroundServer => ({
  name, connection, can: { complete: false, log: false, subscribe: false, tasks: false }, counts: { tool: 3, prompt: 0, resource: 0, template: 0 }, tokens: { tool: 30, prompt: 0, resource: 0, template: 0 }, omitted: 0, problems: [], revision: 1, logged: 0,
});
const item = (name: string, kind: CatalogItem['kind'] = 'tool'): CatalogItem => ({ kind, name, tokens: 1, change: 'unknown' });
const keys = (rows: ReturnType<typeof catalogRows>): string[] => rows.map((row) => `${row.level} ${row.kind === 'item' ? row.item.name : row.kind === 'group' ? `${row.group} ${row.count}` : row.kind === 'note' ? row.note.kind : row.kind}`);

describe('rows of the catalogue', () => {
  const slices = new Map([['a', { revision: 1, items: [item('x'), item('y'), item('p', 'prompt')], total: 5 }]]);
  it.each<[string, Partial<Parameters<typeof catalogRows>[0]>, string[]]>([
    ['servers, groups, items, and what is left out', {}, ['1 server', '2 tool 3', '3 x', '3 y', '2 prompt 1', '3 p', '2 more', '2 raw']],
    ['a closed server', { closed: new Set(['["a"]']) }, ['1 server']],
    ['a closed group', { closed: new Set(['["a","tool"]']) }, ['1 server', '2 tool 3', '2 prompt 1', '3 p', '2 more', '2 raw']],
    ['a search opens everything and counts what it found', { search: 'x', closed: new Set(['["a"]']) }, ['1 server', '2 tool 2', '3 x', '3 y', '2 prompt 1', '3 p', '2 more']],
    ['a server whose list is on its way', { slices: new Map() }, ['1 server', '2 loading']],
    ['a server that nobody has looked at', { servers: [server('a', { kind: 'idle' })] }, ['1 server']],
    ['one that is opened', { servers: [server('a', { kind: 'idle' })], opened: new Set(['["a"]']) }, ['1 server', '2 state']],
    ['a server that is not there', { servers: [server('a', { kind: 'connecting' })] }, ['1 server', '2 state']],
    ['a search leaves out what cannot be searched', { servers: [server('a', { kind: 'unavailable', message: 'no', steps: [] })], search: 'x' }, []],
    ['a search shows what is still to be searched', { servers: [server('a', { kind: 'connecting' }), server('b', { kind: 'idle' })], search: 'x' }, ['1 server', '2 state', '1 server']],
    ['an empty server', { slices: new Map([['a', { revision: 1, items: [], total: 0 }]]) }, ['1 server', '2 empty', '2 raw']],
  ])('%s', (_name, input, expected) => {
    expect(keys(catalogRows({ servers: [server('a')], slices, search: '', closed: new Set(), opened: new Set(), ...input }))).toEqual(expected);
  });

  it('names that could be mistaken for one another have keys of their own', () => {
    const rows = catalogRows({ servers: [server('a'), server('a","b')], slices: new Map([['a', { revision: 1, items: [item('b","c')], total: 1 }], ['a","b', { revision: 1, items: [item('c')], total: 1 }]]), search: '', closed: new Set(), opened: new Set() });
    expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
    expect(parentIndex(rows, 2)).toBe(1);
  });
});

describe('what is remembered', () => {
  it.each<[string, Record<string, unknown>]>([
    ['nothing', {}],
    ['another form', { selection: 7, drafts: 'x', closed: {}, sideWidth: 'wide', run: 1, search: [] }],
    ['parts of another form', { selection: { kind: 'target', target: { server: 'a', kind: 'what', name: 'x' } }, drafts: [['a'], ['a', 1]], splitRight: 7, opened: -1 }],
  ])('%s gives a usable state', (_name, raw) => {
    expect(parseViewState(raw)).toEqual({ drafts: [], search: '', closed: [], openBranches: [], side: 'catalog', page: 'side', form: 'form', resultForm: 'rendered', sideWidth: 240, splitRight: 0.5, splitBelow: 0.5, opened: 0 });
  });

  it('a state comes back as it was', () => {
    const state = { selection: { kind: 'target', target: { server: 'a', kind: 'tool', name: 'x' } }, drafts: [['k', '{}']], search: 's', closed: ['c'], openBranches: ['d'], side: 'saved', page: 'result', form: 'json', resultForm: 'raw', sideWidth: 300, splitRight: 0.4, splitBelow: 0.6, opened: 3, run: 'r', beside: 'b' };
    expect(parseViewState(JSON.parse(JSON.stringify(state)) as Record<string, unknown>)).toEqual(state);
  });

  it('drafts: the ones used last, none larger than a saved state should hold', () => {
    const drafts = new Drafts([]);
    for (let i = 0; i < MAX_DRAFTS + 5; i += 1) drafts.keep(`k${i}`, { text: 'x' });
    drafts.keep('big', { text: 'x'.repeat(MAX_DRAFT_TEXT + 1) });
    expect(drafts.get('k0')).toBeUndefined();
    expect(drafts.get('big')?.text?.length).toBe(MAX_DRAFT_TEXT + 1);
    expect(drafts.all().map(([key]) => key)).not.toContain('big');
  });
});

describe('the run that is looked at', () => {
  const run = (id: string): PlaygroundRun => ({ id, target: { server: 'a', kind: 'resource', name: 'u' }, argumentsText: '', origin: 'subscription', status: 'ok', startedMs: 0, hasResult: true });

  it('is the newest, with its result, where the selected one has been replaced', () => {
    const asked: string[] = [];
    const host = { api: { result: (id: string) => (asked.push(id), new Promise(() => undefined)) } } as unknown as PlaygroundHost;
    const state = signal({ runs: [run('r1')] } as unknown as PlaygroundState);
    const runs = new RunsModel(host, state);
    runs.selected.value = 'r1';
    expect(runs.shown.value?.id).toBe('r1');
    state.value = { runs: [run('r2')] } as unknown as PlaygroundState;
    expect(runs.shown.value?.id).toBe('r2');
    expect(asked).toEqual(['r1', 'r2']);
    runs.dispose();
  });
});
