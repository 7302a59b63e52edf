/** The time line: where calls stand, what keys do, which period is in view, and what a brush writes into the filter. */
import fc from 'fast-check';
import { act } from 'preact/test-utils';
import { afterEach, describe, expect, it } from 'vitest';
import type { TimelineSpan } from '../../../src/extension/contract/trafficGroups';
import { hasPeriod, pastPeriod, withoutPeriod, withPeriod } from '../../../src/webview/traffic/model/period';
import { layOutTimeline, neighbour } from '../../../src/webview/traffic/model/timelineLayout';
import { ticksOf } from '../../../src/webview/traffic/views/timelinePaint';
import { openView, type OpenView } from '../../support/webview/openView';
import { scenes } from '../../support/webview/scenes';
import { rowOf } from '../../support/webview/scriptedHost';

const span = (n: number, fromMs: number, ms: number, more: Parameters<typeof rowOf>[1] = {}): TimelineSpan => ({ row: rowOf(n, { timeMs: fromMs, durationUs: ms * 1_000, ...more }), marks: [] });

describe('the lanes', () => {
  it('give each server a lane, MCP Shark itself the last, and overlapping calls rows of their own', () => {
    const bare = span(4, 40, 5);
    const { server: _server, ...row } = bare.row;
    const { lanes, placed } = layOutTimeline([span(1, 0, 100), span(2, 50, 100), span(3, 30, 10, { server: 'files' }), { row, marks: [] }], 1_000, 0);
    expect(lanes.map(({ server, rows }) => [server, rows])).toEqual([['files', 1], ['github', 2], [undefined, 1]]);
    expect(placed.map(({ lane, row: at }) => [lane, at])).toEqual([[1, 1], [1, 2], [0, 0], [2, 3]]);
  });

  it('put nested calls right under theirs, also of another server, and nothing else between', () => {
    const { placed } = layOutTimeline([span(1, 0, 100), span(2, 10, 50, { server: 'other', parent: 'w1/1' }), span(3, 20, 5, { parent: 'w1/2' }), span(4, 60, 100)], 1_000, 0);
    expect(placed.map(({ row, depth, lane }) => [row, depth, lane])).toEqual([[0, 0, 0], [1, 1, 0], [2, 2, 0], [3, 0, 0]]);
  });

  it('never put two calls on one another, whatever says to lie in whatever', () => {
    const call = fc.record({ from: fc.nat(1_000), ms: fc.nat(300), server: fc.constantFrom('a', 'b'), parent: fc.option(fc.nat(30)) });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 40 }), (calls) => {
        const spans = calls.toSorted((a, b) => a.from - b.from).map(({ from, ms, server, parent }, n) => span(n, from, ms, { server, ...(parent === null ? {} : { parent: `w1/${parent}` }) }));
        const { placed, byRow } = layOutTimeline(spans, 1_000, 0);
        expect(placed).toHaveLength(spans.length);
        for (const row of byRow) row.forEach((one, at) => at > 0 && expect(one.fromMs).toBeGreaterThanOrEqual(row[at - 1]!.toMs));
      }),
    );
  });

  it('lead the keyboard along a row and to the nearest in time above and below', () => {
    const layout = layOutTimeline([span(1, 0, 100), span(2, 200, 50), span(3, 210, 5, { server: 'z' })], 1_000, 0);
    const [a, b, c] = layout.placed;
    expect(neighbour(layout, a!, 'right')).toBe(b);
    expect(neighbour(layout, b!, 'down')).toBe(c);
    expect(neighbour(layout, c!, 'up')).toBe(b);
    expect(neighbour(layout, a!, 'left')).toBeUndefined();
  });
});

describe('the axis', () => {
  it.each([10, 900, 60_000, 3_600_000, 90_000_000, 40 * 86_400_000])('has a few round times in %d ms', (length) => {
    const fromMs = Date.UTC(2026, 10, 22, 12, 4, 31, 207);
    const { steps, format } = ticksOf({ fromMs, toMs: fromMs + length }, 8);
    expect(steps.length).toBeGreaterThan(1);
    expect(steps.length).toBeLessThan(12);
    expect(new Set(steps.map(format)).size).toBe(steps.length);
  });
});

describe('the period of a filter', () => {
  it('is put in, put in anew and taken out without touching the rest', () => {
    const one = withPeriod('server:github since:1h -method:ping', { fromMs: 0, toMs: 1_000 });
    expect(one).toBe('server:github -method:ping since:1970-01-01T00:00:00.000Z until:1970-01-01T00:00:01.000Z');
    expect(withPeriod(one, { fromMs: 5_000, toMs: 6_000 })).toContain('since:1970-01-01T00:00:05.000Z');
    expect(withoutPeriod(one)).toBe('server:github -method:ping');
    expect([hasPeriod(one), hasPeriod('server:github')]).toEqual([true, false]);
    expect(withoutPeriod('bad(')).toBe('bad(');
  });

  it.each([
    ['since:1970-01-01T00:00:02Z until:1970-01-01T00:00:05Z', { fromMs: 2_000, toMs: 4_999 }],
    ['server:github until:1970-01-01T00:00:05Z', { toMs: 4_999 }],
    ['since:1970-01-01T00:00:02Z since:1970-01-01T00:00:03Z until:1970-01-01T00:00:05Z', { fromMs: 3_000, toMs: 4_999 }],
    // What goes on, what has no end, what is empty, what is no period.
    ['since:1970-01-01T00:00:02Z until:1970-01-01T01:00:00Z', undefined],
    ['since:1970-01-01T00:00:02Z', undefined],
    ['since:1970-01-01T00:00:06Z until:1970-01-01T00:00:05Z', undefined],
    ['-until:1970-01-01T00:00:05Z', undefined],
    ['bad(', undefined],
  ])('that is over fills the view: %s', (filter, period) => {
    expect(pastPeriod(filter, 60_000)).toEqual(period);
  });
});

describe('the view', () => {
  let view: OpenView;
  afterEach(() => view.close());
  const lanes = (): HTMLElement => view.root.querySelector<HTMLElement>('[role=listbox].timeline-lanes')!;
  const said = (): string | null | undefined => lanes().querySelector('[role=option]')?.textContent;

  it('walks the calls with the arrow keys, says each in words, and opens one with Enter', async () => {
    view = await openView(scenes['timeline']!);
    await view.press('ArrowRight', lanes());
    const first = said();
    expect(first).toMatch(/, \d\d:\d\d:\d\d/);
    expect(lanes().querySelector('[role=option]')?.getAttribute('aria-selected')).toBe('true');
    await view.press('ArrowRight', lanes());
    expect(said()).not.toBe(first);
    await view.press('Enter', lanes());
    expect(view.model.isDetailOpen.value).toBe(true);
  });

  it('marks calls with x, says which are, and compares two with d', async () => {
    view = await openView(scenes['timeline']!);
    const isSaidSelected = (): string | null | undefined => lanes().querySelector('[role=option]')?.getAttribute('aria-selected');
    expect(lanes().getAttribute('aria-multiselectable')).toBe('true');
    await view.press('Home', lanes());
    const first = view.model.selection.value!.id;
    await view.press('x', lanes());
    await view.press('ArrowRight', lanes());
    await view.press('ArrowRight', lanes());
    expect(isSaidSelected()).toBe('false');
    const second = view.model.selection.value!.id;
    await view.press(' ', lanes(), { ctrlKey: true });
    expect(isSaidSelected()).toBe('true');
    expect([...view.model.chosen.rows.value.keys()]).toEqual([first, second]);
    await view.press('d', lanes());
    expect(view.stub.actions).toEqual([expect.stringMatching(new RegExp(`^compare ${first} \\w+ with ${second} \\w+$`))]);
    await view.press('Escape', lanes());
    expect(view.model.chosen.rows.value.size).toBe(0);
  });

  it('zooms with keys, moves, and shows everything again', async () => {
    view = await openView(scenes['timeline']!);
    const { timeline } = view.model.layouts;
    const length = (): number => timeline.period.toMs - timeline.period.fromMs;
    const whole = length();
    await view.press('+', lanes());
    await act(() => view.clock.advance(200));
    expect(length()).toBeLessThan(whole);
    const { fromMs } = timeline.period;
    await view.press('PageUp', lanes());
    expect(timeline.period.fromMs).toBeLessThan(fromMs);
    await view.press('0', lanes());
    await act(() => view.clock.advance(200));
    expect(Math.abs(length() - whole)).toBeLessThan(5_000);
  });

  it('writes a brushed period into the filter, and takes it out again', async () => {
    view = await openView(scenes['timeline']!);
    const strip = view.root.querySelector<HTMLElement>('.timeline-strip')!;
    strip.focus();
    await view.press('+', strip);
    await view.press('Enter', strip);
    expect(view.model.filter.text.value).toMatch(/^since:\S+ until:\S+$/);
    await view.settle();
    await view.press('Escape', view.root.querySelector<HTMLElement>('.timeline-strip')!);
    expect(view.model.filter.text.value).toBe('');
  });
});
