/** Columns: what is shown in how much room, and boundaries that follow the pointer exactly. */
import { describe, expect, it } from 'vitest';
import { columnChoices, layoutColumns, moveBoundary, moveColumn, toggleColumn, type ColumnId } from '../../../src/webview/traffic/model/columns';

const USUAL = ['status', 'time', 'server', 'name', 'method', 'detail', 'duration', 'bar', 'size'];

describe('the layout', () => {
  it('shows the usual columns where there is room', () => {
    expect(layoutColumns([], 1_200).shown).toEqual(USUAL);
  });

  it('leaves out the least telling first, and never status, server, name and duration', () => {
    const shown = [1_200, 850, 700, 560, 450, 300].map((width) => layoutColumns([], width).shown.join(' '));
    expect(shown).toEqual([
      USUAL.join(' '),
      'status time server name method detail duration size',
      'status time server name detail duration size',
      'status time server name detail duration',
      'status time server name duration',
      'status server name duration',
    ]);
  });

  it('leaves the server room for a name of ten letters wherever it is more than a dot', () => {
    for (const width of [380, 520, 738]) expect(layoutColumns([], width).template).toContain('clamp(96px, 13%, 128px)');
    expect(layoutColumns([], 379).template).not.toContain('clamp(96px');
  });

  it('has as many tracks as columns, exactly one or two that take what is left', () => {
    for (let width = 200; width < 2_000; width += 37) {
      const { shown, template } = layoutColumns([{ id: 'size', isShown: true, width: 300 }], width);
      const tracks = template.match(/(?:minmax|clamp)\([^)]*\)|\S+/g) ?? [];
      expect(tracks).toHaveLength(shown.length);
      expect(tracks.some((track) => track.includes('fr'))).toBe(true);
    }
  });

  it('takes a column it does not know for none, and one the settings do not know for usual', () => {
    const choices = columnChoices([{ id: 'gone', isShown: true }, { id: 'size', isShown: false }]);
    expect(choices[0]).toEqual({ id: 'size', isShown: false, isFixed: false });
    expect(choices.map(({ id }) => id)).toContain('time');
  });
});

describe('choosing', () => {
  it('shows and hides, but never hides what a row is told by', () => {
    expect(layoutColumns(toggleColumn([], 'client'), 1_600).shown).toContain('client');
    expect(layoutColumns(toggleColumn([], 'method'), 1_600).shown).not.toContain('method');
    expect(layoutColumns(toggleColumn([], 'name'), 1_600).shown).toContain('name');
  });

  it('moves a column to the place of another', () => {
    expect(layoutColumns(moveColumn([], 'name', 'time'), 1_200).shown.slice(0, 3)).toEqual(['status', 'name', 'time']);
    expect(layoutColumns(moveColumn([], 'time', 'size'), 1_200).shown.at(-1)).toBe('time');
  });
});

describe('a boundary', () => {
  const shown = USUAL as ColumnId[];
  const widths = new Map<ColumnId, number>([['status', 24], ['time', 84], ['server', 128], ['name', 240], ['method', 136], ['detail', 360], ['duration', 72], ['bar', 80], ['size', 64]]);
  const moved = (left: ColumnId, dx: number): Record<string, number | undefined> =>
    Object.fromEntries(moveBoundary([], shown, widths, shown.indexOf(left), dx).map(({ id, width }) => [id, width]));

  it('gives to one side what it takes from the other', () => {
    expect(moved('name', 30)).toMatchObject({ name: 270, method: 106 });
    expect(moved('duration', -10)).toMatchObject({ duration: 62, bar: 90 });
  });

  it('next to the column that takes what is left changes the other one only', () => {
    expect(moved('detail', 8)).toMatchObject({ duration: 64, detail: undefined, name: 240 });
    expect(moved('method', 20)).toMatchObject({ method: 156, detail: undefined });
  });

  it('stops where a column would get too narrow', () => {
    expect(moved('name', 1_000)).toMatchObject({ name: 336, method: 40 });
    expect(moved('name', -1_000)).toMatchObject({ name: 60, method: 316 });
  });

  it('of the status does not move', () => {
    expect(moveBoundary([], shown, widths, 0, 50)).toEqual([]);
  });
});
