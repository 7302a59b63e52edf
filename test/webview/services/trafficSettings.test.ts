/** What a webview or an older version may hand over as settings, and what is made of it. */
import { expect, it } from 'vitest';
import { trafficSettingsOf } from '../../../src/extension/services/trafficSettings';

it('keeps what is sound', () => {
  const settings = { savedFilters: [{ name: 'Slow', filter: 'dur:>1s' }], columns: [{ id: 'time', isShown: true, width: 90 }], timeMode: 'utc', layout: 'prompt', scope: 'window', sort: { by: 'duration', isDescending: true } } as const;
  expect(trafficSettingsOf(settings)).toEqual(settings);
});

it.each([undefined, null, 7, 'x', [], { savedFilters: 'x', columns: {}, timeMode: 'moon', layout: 'circle', scope: 'world', sort: { by: 'luck', isDescending: true } }, { sort: { by: 'time', isDescending: 'yes' } }])('takes defaults for %j', (raw) => {
  expect(trafficSettingsOf(raw)).toEqual({ savedFilters: [], columns: [], timeMode: 'local', layout: 'list', scope: 'all' });
});

it('leaves out what it does not understand, doubles, and what is too much', () => {
  const { savedFilters, columns } = trafficSettingsOf({
    savedFilters: [{ name: ' ', filter: 'x' }, { name: 'a', filter: '' }, { name: 'a', filter: 'x' }, { name: 'a', filter: 'y' }, null, { name: 'n'.repeat(101), filter: 'x' }, ...Array.from({ length: 200 }, (_, i) => ({ name: `f${i}`, filter: 'x' }))],
    columns: [{ id: 'time', isShown: 'yes' }, { id: 'time', isShown: true, width: Number.NaN }, { id: 'size', isShown: false, width: 1e9 }, 3],
  });
  expect(savedFilters[0]).toEqual({ name: 'a', filter: 'x' });
  expect(savedFilters).toHaveLength(100);
  expect(columns).toEqual([{ id: 'time', isShown: true }, { id: 'size', isShown: false }]);
});
