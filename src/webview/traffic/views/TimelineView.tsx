/**
 * Owns the time line: the overview to brush a period on, the lanes painted on a canvas, zoom and movement by wheel, drag
 * and keys. For screen readers it is a list with the call the keyboard is at.
 */
import type { VNode } from 'preact';
import { useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { CallRow } from '../../../extension/contract/traffic';
import { IconButton } from '../../components/Icon';
import { visibleLine } from '../../components/visibleText';
import type { SelectHow } from '../model/selector';
import { layOutTimeline, neighbour, type PlacedSpan, type TimelineLayout } from '../model/timelineLayout';
import { withoutPeriod, withPeriod } from '../model/period';
import { listStrings } from '../listStrings';
import { strings } from '../strings';
import type { CallListProps } from './CallList';
import { actOnKey } from './listKeys';
import { NewChip } from './NewChip';
import { openRowMenu } from './rowMenu';
import { TimelineOverview } from './TimelineOverview';
import { AXIS_HEIGHT, extentOf, heightOf, LANE_GAP, laneTop, paintTimeline, SPAN_ROW, timeAt, type TimelineScene } from './timelinePaint';
import { onThemeChange, readColors } from './timelineTheme';
import { isFailed, isMissing } from './CallRowView';

const words = listStrings.timeline;
const ZOOM = 0.7;
/** Lanes that only count are as high as these rows. */
const COUNT_ROWS = 2;

export function TimelineView({ model, menus, gridRef }: CallListProps): VNode {
  const feed = model.layouts.timeline;
  const id = useId();
  const lanes = useRef<HTMLDivElement | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [top, setTop] = useState(0);
  const [hasFocus, setFocus] = useState(false);
  const [theme, setTheme] = useState(0);
  const timeline = feed.timeline.value;
  const period = feed.period;
  const selectedId = model.selection.value?.id;
  const chosen = model.chosen.rows.value;
  void feed.revision.value;
  const periodMs = period.toMs - period.fromMs;
  const layout = useMemo(() => {
    if (!timeline) return layOutTimeline([], 1, 0);
    return timeline.spans.length > 0 ? layOutTimeline(timeline.spans, periodMs, timeline.toMs) : countLanes(timeline.buckets.map(({ server }) => server));
  }, [timeline, periodMs]);
  const labelWidth = size.width < 480 ? 72 : 120;
  const colors = useMemo(() => (lanes.current ? readColors(lanes.current) : undefined), [theme, size.width > 0]);
  const height = heightOf(layout);
  const maxTop = Math.max(0, height + AXIS_HEIGHT - size.height);
  const shownTop = Math.min(top, maxTop);
  const selected = layout.placed.find(({ span }) => span.row.id === selectedId);

  const setElement = useCallback(
    (element: HTMLDivElement | null) => {
      lanes.current = element;
      gridRef(element);
    },
    [gridRef],
  );
  useLayoutEffect(() => {
    const element = lanes.current;
    if (!element) return undefined;
    const measure = (): void => setSize({ width: element.clientWidth, height: element.clientHeight });
    measure();
    if (typeof ResizeObserver === 'undefined') return undefined;
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => onThemeChange(() => setTheme((n) => n + 1)), []);

  const scene: TimelineScene | undefined = timeline &&
    colors && {
      timeline,
      layout,
      period,
      colors,
      width: size.width,
      height: size.height,
      labelWidth,
      top: shownTop,
      selectedId,
      chosen,
      hasFocus,
      labelOf: ({ span: { row } }) => visibleLine(nameOf(row)),
      gatewayName: words.gateway,
    };
  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext?.('2d');
    if (!element || !context || !scene) return;
    const ratio = window.devicePixelRatio || 1;
    const [width, pixels] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    if (element.width !== width || element.height !== pixels) {
      element.width = width;
      element.height = pixels;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    paintTimeline(context, scene);
  });

  /** Where a bar's row begins, in pixels of everything the lanes hold. */
  const topOf = ({ lane, row }: PlacedSpan): number | undefined => {
    const at = layout.lanes[lane];
    return at && laneTop(at, lane) + (row - at.firstRow) * SPAN_ROW;
  };
  const goTo = (placed: PlacedSpan | undefined, open = false, how: SelectHow = 'move'): void => {
    if (!placed) return;
    model.select(placed.index, open, how);
    feed.reveal({ fromMs: placed.fromMs, toMs: placed.toMs });
    const y = topOf(placed);
    if (y === undefined) return;
    const room = size.height - AXIS_HEIGHT - SPAN_ROW - LANE_GAP;
    if (y < shownTop) setTop(Math.max(0, y - LANE_GAP));
    else if (y > shownTop + room) setTop(y - room);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    isPointed.current = false;
    // Moving and zooming take no modifier.
    const key = event.ctrlKey || event.metaKey || event.altKey ? '' : event.key;
    const step = ({ ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down', h: 'left', l: 'right', k: 'up', j: 'down' } as const)[key];
    if (step) goTo(selected ? (neighbour(layout, selected, step) ?? (step === 'left' || step === 'right' ? along(layout, selected, step) : undefined)) : layout.placed[0]);
    else if (key === 'Home') goTo(layout.placed[0]);
    else if (key === 'End') goTo(layout.placed.at(-1));
    else if (key === '+' || key === '=') feed.zoomBy(ZOOM, selected?.fromMs);
    else if (key === '-') feed.zoomBy(1 / ZOOM, selected?.fromMs);
    else if (key === '0') feed.setZoom(undefined);
    else if (key === 'PageUp') feed.panBy(-0.5);
    else if (key === 'PageDown') feed.panBy(0.5);
    else if (!actOnKey(model, event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onWheel = (event: WheelEvent): void => {
    event.preventDefault();
    if (!scene) return;
    const box = lanes.current?.getBoundingClientRect();
    if (event.ctrlKey || (!event.shiftKey && Math.abs(event.deltaY) > Math.abs(event.deltaX) && maxTop === 0)) {
      feed.zoomBy(Math.exp(event.deltaY / 400), timeAt(event.clientX - (box?.left ?? 0), scene));
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      feed.panBy((event.deltaX || event.deltaY) / Math.max(1, size.width - labelWidth));
    } else setTop(Math.max(0, Math.min(maxTop, shownTop + event.deltaY)));
  };
  const wheel = useRef(onWheel);
  wheel.current = onWheel;
  useEffect(() => {
    const element = lanes.current;
    const listen = (event: WheelEvent): void => wheel.current(event);
    // Not passive: the page behind must not scroll or zoom.
    element?.addEventListener('wheel', listen, { passive: false });
    return () => element?.removeEventListener('wheel', listen);
  }, []);

  const hit = (event: MouseEvent): PlacedSpan | undefined => {
    const box = lanes.current?.getBoundingClientRect();
    return box && scene ? spanAt(scene, event.clientX - box.left, event.clientY - box.top) : undefined;
  };
  /** By the last press: an event of the menu key points at the middle of the lanes, where any call may be. */
  const isPointed = useRef(false);
  const menuPlace = (event: MouseEvent): { readonly x: number; readonly y: number } => {
    const box = lanes.current?.getBoundingClientRect();
    const top = selected && topOf(selected);
    if (isPointed.current || !box || !scene || !selected || top === undefined) return { x: event.clientX, y: event.clientY };
    const x = Math.min(Math.max(extentOf(selected, scene).x, labelWidth), size.width);
    return { x: box.left + x, y: box.top + AXIS_HEIGHT + top - shownTop + SPAN_ROW };
  };
  const onContextMenu = (event: MouseEvent): void => {
    event.preventDefault();
    const at = isPointed.current ? hit(event) : undefined;
    if (at && !chosen.has(at.span.row.id)) goTo(at, false, 'alone');
    const row = at?.span.row ?? model.selectedRow.peek();
    if (row) openRowMenu(model, row, { menus, at: menuPlace(event), cell: undefined });
  };
  const [tip, setTip] = useState('');
  const brush = (range: { readonly fromMs: number; readonly toMs: number } | undefined): void => {
    const filter = model.filter.text.peek();
    model.filter.set(range ? withPeriod(filter, range) : withoutPeriod(filter));
  };
  const active = selected ?? layout.placed[0];
  return (
    <div class="timeline">
      <TimelineOverview feed={feed} filter={model.feed.shownFilter.value} onBrush={brush} />
      <div class="timeline-bar">
        <span class="timeline-period">{timeline && (timeline.spans.length === 0 && timeline.calls > 0 ? words.tooMany(timeline.calls) : timeline.calls === 0 ? words.empty : words.shown(timeline.calls))}</span>
        <span class="spacer" />
        <IconButton icon="zoom-in" label={words.zoomIn} onPress={() => feed.zoomBy(ZOOM)} />
        <IconButton icon="zoom-out" label={words.zoomOut} disabled={!feed.zoom.value} onPress={() => feed.zoomBy(1 / ZOOM)} />
        <IconButton icon="screen-full" label={words.zoomAll} disabled={!feed.zoom.value} onPress={() => feed.setZoom(undefined)} />
      </div>
      <div
        ref={setElement}
        class="timeline-lanes"
        role="listbox"
        aria-multiselectable="true"
        tabIndex={0}
        aria-label={`${words.label}. ${words.help}`}
        aria-busy={active ? undefined : 'true'}
        aria-activedescendant={active ? `${id}-span` : undefined}
        title={tip}
        onKeyDown={onKeyDown}
        onFocus={() => setFocus(true)}
        onBlur={() => setFocus(false)}
        onPointerDown={() => (isPointed.current = true)}
        onPointerMove={(event) => {
          const at = hit(event);
          setTip(at ? spanWords(at) : '');
        }}
        onClick={(event) => {
          const isMore = event.ctrlKey || event.metaKey;
          goTo(hit(event), !isMore, isMore ? 'toggle' : 'alone');
        }}
        onContextMenu={onContextMenu}
      >
        <canvas ref={canvas} aria-hidden="true" />
        {active && (
          <div id={`${id}-span`} class="sr-only" role="option" aria-selected={model.chosen.isShown(active.span.row.id, active === selected)}>
            {spanWords(active)}
          </div>
        )}
        {maxTop > 0 && <div class="timeline-thumb" aria-hidden="true" style={{ top: `${AXIS_HEIGHT + (shownTop / (height || 1)) * (size.height - AXIS_HEIGHT)}px`, height: `${((size.height - AXIS_HEIGHT) / (height || 1)) * (size.height - AXIS_HEIGHT)}px` }} />}
      </div>
      <NewChip model={model} />
    </div>
  );
}

/** Over the end of a row, time goes on in another. */
function along(layout: TimelineLayout, from: PlacedSpan, step: 'left' | 'right'): PlacedSpan | undefined {
  return layout.placed[from.index + (step === 'left' ? -1 : 1)];
}

/** What stands for no call has no name, and says what it is in its own words. */
function nameOf(row: CallRow): string {
  return row.name ?? (isMissing(row) ? row.detail : undefined) ?? row.method;
}

function spanWords({ span: { row }, depth }: PlacedSpan): string {
  const status = isFailed(row) ? `${strings.status(row)}${row.detail === undefined ? '' : `: ${row.detail}`}` : strings.status(row);
  return visibleLine(words.span(row, nameOf(row), status) + words.nested(depth));
}

function spanAt(scene: TimelineScene, x: number, y: number): PlacedSpan | undefined {
  const at = y - AXIS_HEIGHT + scene.top;
  if (y < AXIS_HEIGHT || x < scene.labelWidth) return undefined;
  const laneIndex = scene.layout.lanes.findLastIndex((lane, index) => laneTop(lane, index) <= at);
  const lane = scene.layout.lanes[laneIndex];
  if (!lane) return undefined;
  const row = lane.firstRow + Math.floor((at - laneTop(lane, laneIndex)) / SPAN_ROW);
  if (row >= lane.firstRow + lane.rows) return undefined;
  // A few pixels around, for what is too thin to be hit.
  let best: { readonly placed: PlacedSpan; readonly distance: number } | undefined;
  for (const placed of scene.layout.byRow[row] ?? []) {
    const extent = extentOf(placed, scene);
    const distance = Math.max(extent.x - x, x - extent.end, 0);
    if (distance <= 4 && (!best || distance < best.distance)) best = { placed, distance };
  }
  return best?.placed;
}

function countLanes(servers: readonly (string | undefined)[]): TimelineLayout {
  const names = [...new Set(servers)].sort((a, b) => Number(a === undefined) - Number(b === undefined) || (a ?? '').localeCompare(b ?? ''));
  const lanes = names.map((server, index) => ({ ...(server === undefined ? {} : { server }), firstRow: index * COUNT_ROWS, rows: COUNT_ROWS, calls: 0 }));
  return { lanes, placed: [], byRow: [], rows: lanes.length * COUNT_ROWS };
}
