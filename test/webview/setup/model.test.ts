/** The pure parts: what keeps its identity over a snapshot, what is read back of a saved state, what an edit sends. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepIdentity } from '../../../src/webview/setup/model/keepIdentity';
import { isOff, orderedDefinitions } from '../../../src/webview/setup/model/sections';
import { parseViewState, withinBounds } from '../../../src/webview/setup/model/viewState';
import { changeOf } from '../../../src/webview/setup/views/EditForm';
import { definition, scenes, server } from '../../support/webview/setup/scenes';

describe('taking over a snapshot', () => {
  it('always gives what came, whatever was there', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (before, after) => {
        expect(keepIdentity(before, after)).toEqual(after);
      }),
    );
  });

  it('gives the very same where nothing changed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())), (value) => {
        expect(keepIdentity(value, structuredClone(value))).toBe(value);
      }),
    );
  });

  it('keeps every server that is the same, though others came before it or went', () => {
    const before = ['a', 'b', 'c'].map((name) => server(name));
    const after = structuredClone([server('new'), before[2]!, before[0]!]);
    const kept = keepIdentity(before, after);
    expect(kept).toEqual(after);
    expect([kept[1], kept[2]]).toEqual([before[2], before[0]]);
    expect(kept[1]).toBe(before[2]);
    expect(kept[2]).toBe(before[0]);
  });
});

describe('a saved state', () => {
  it.each([{}, { found: 3, preview: {}, outcome: [], reports: [[1, 2]], chosen: 'x', expanded: [1] }, { preview: { request: {}, plan: { files: 1 } }, search: null }])('of an odd form (%o) counts as none', (raw) => {
    expect(parseViewState(raw)).toEqual({ search: '', expanded: [], chosen: [], otherClients: 'leave', tokenPlace: 'file', reports: [] });
  });

  it('comes back as it was', () => {
    const state = parseViewState({ ...scenes['preview']!.view, search: 'git', otherClients: 'point', tokenPlace: 'variable', outcome: { kind: 'route', files: 1, servers: [], record: 'r' } });
    expect(parseViewState(structuredClone(state) as unknown as Record<string, unknown>)).toEqual(state);
    expect(state.preview?.plan.files).toHaveLength(3);
  });

  it('leaves out what is too large to be written at every change', () => {
    const found = { groups: Array.from({ length: 1_001 }, () => scenes['found']!.found!.groups[0]!), clients: [], problems: [], files: 1 };
    expect(withinBounds({ ...parseViewState({}), found }).found).toBeUndefined();
  });
});

describe('what a form sends', () => {
  const before = { purpose: 'Issues', owner: '', note: '', permissions: 'read', hide: '', deny: 'a_*\nb' };
  const sent = (part: Partial<typeof before>): object => changeOf(before, (field) => ({ ...before, ...part })[field]);
  it.each<[string, Partial<typeof before>, object]>([
    ['nothing where nothing changed', {}, {}],
    ['nothing for blanks around it', { purpose: ' Issues ', deny: ' a_* \n\n b' }, {}],
    ['a text', { owner: 'ada' }, { owner: 'ada' }],
    ['null for a text that was emptied', { purpose: '' }, { purpose: null }],
    ['null for permissions that were emptied', { permissions: '\n' }, { permissions: null }],
    ['an empty list for rules that were emptied', { deny: '' }, { deny: [] }],
    ['lists a line each', { hide: 'x\n y ' }, { hide: ['x', 'y'] }],
  ])('%s', (_name, part, change) => {
    expect(sent(part)).toEqual(change);
  });
});

describe('order', () => {
  it('of definitions: what needs a look first, what is gone last, else by kind and name', () => {
    const rows = [
      definition('z'),
      definition('gone', { state: 'gone' }),
      definition('prompt', { kind: 'prompt' }),
      definition('a'),
      definition('new', { state: 'new' }),
      definition('changed', { state: 'changed' }),
    ];
    expect(orderedDefinitions(rows, '').map(({ name }) => name)).toEqual(['changed', 'new', 'a', 'z', 'prompt', 'gone']);
    expect(orderedDefinitions(rows, 'PROMPT').map(({ name }) => name)).toEqual(['prompt']);
  });

  it.each([
    ['runs', {}, false],
    ['failed', { state: { kind: 'failed', message: '', stderr: [], atMs: 0 } }, false],
    ['was stopped', { state: { kind: 'disabled', message: '' } }, true],
    ['is switched off', { isEnabled: false }, true],
    ['is refused', { gate: { kind: 'refused', message: '' } }, true],
  ] as const)('a server that %s is off: %o → %s', (_name, part, expected) => {
    expect(isOff(server('x', part))).toBe(expected);
  });
});
