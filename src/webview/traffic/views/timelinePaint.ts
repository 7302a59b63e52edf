/**
 * Owns painting the time line's lanes on a canvas: axis, lanes, spans with their marks, or counts where there are too many
 * calls. Draws only the rows in view. Pure but for the canvas.
 */
import type { Timeline } from '../../../extension/contract/trafficGroups';
import { serverHue } from '../../components/serverHue';
import type { Period } from '../model/period';
import { LANE_BUCKETS } from '../model/timelineFeed';
import type { Lane, PlacedSpan, TimelineLayout } from '../model/timelineLayout';
import type { TimelineColors } from './timelineTheme';

export const SPAN_ROW = 18;
export const LANE_GAP = 8;
export const AXIS_HEIGHT = 22;
const BAR = 12;
const LABEL_FROM = 44;

export interface TimelineScene {
  readonly timeline: Timeline;
  readonly layout: TimelineLayout;
  readonly period: Period;
  readonly colors: TimelineColors;
  /** Pixels of the page. */
  readonly width: number;
  readonly height: number;
  readonly labelWidth: number;
  readonly top: number;
  readonly selectedId: string | undefined;
  /** Calls chosen together, by id. */
  readonly chosen: ReadonlyMap<string, unknown>;
  readonly hasFocus: boolean;
  readonly labelOf: (span: PlacedSpan) => string;
  readonly gatewayName: string;
}

export function laneTop(lane: Lane, index: number): number {
  return lane.firstRow * SPAN_ROW + (index + 0.5) * LANE_GAP;
}

export function heightOf({ lanes, rows }: TimelineLayout): number {
  return rows * SPAN_ROW + lanes.length * LANE_GAP;
}

export function xOf(atMs: number, { period, width, labelWidth }: Pick<TimelineScene, 'period' | 'width' | 'labelWidth'>): number {
  return labelWidth + ((atMs - period.fromMs) / (period.toMs - period.fromMs)) * (width - labelWidth);
}

export function timeAt(x: number, { period, width, labelWidth }: Pick<TimelineScene, 'period' | 'width' | 'labelWidth'>): number {
  return period.fromMs + ((x - labelWidth) / Math.max(1, width - labelWidth)) * (period.toMs - period.fromMs);
}

export function paintTimeline(context: CanvasRenderingContext2D, scene: TimelineScene): void {
  const { width, height, colors } = scene;
  context.clearRect(0, 0, width, height);
  context.font = colors.font;
  context.textBaseline = 'middle';
  paintAxis(context, scene);
  context.save();
  context.beginPath();
  context.rect(0, AXIS_HEIGHT, width, height - AXIS_HEIGHT);
  context.clip();
  scene.layout.lanes.forEach((lane, index) => paintLane(context, scene, lane, index));
  if (scene.timeline.spans.length === 0) paintCounts(context, scene);
  context.restore();
}

function paintAxis(context: CanvasRenderingContext2D, scene: TimelineScene): void {
  const { period, width, height, labelWidth, colors } = scene;
  const { steps, format } = ticksOf(period, Math.max(2, (width - labelWidth) / 90));
  context.lineWidth = 1;
  context.strokeStyle = colors.border;
  context.fillStyle = colors.dim;
  context.textAlign = 'left';
  for (const at of steps) {
    const x = Math.round(xOf(at, scene)) + 0.5;
    if (x < labelWidth) continue;
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x, height);
    context.stroke();
    const text = format(at);
    if (x + 4 + context.measureText(text).width < width) context.fillText(text, x + 4, AXIS_HEIGHT / 2);
  }
  context.beginPath();
  context.moveTo(0, AXIS_HEIGHT - 0.5);
  context.lineTo(width, AXIS_HEIGHT - 0.5);
  context.stroke();
}

function paintLane(context: CanvasRenderingContext2D, scene: TimelineScene, lane: Lane, index: number): void {
  const { colors, width, height, labelWidth, top, layout, gatewayName } = scene;
  const y = AXIS_HEIGHT + laneTop(lane, index) - top;
  const laneHeight = lane.rows * SPAN_ROW;
  if (y > height || y + laneHeight + LANE_GAP < AXIS_HEIGHT) return;
  context.strokeStyle = colors.border;
  const line = Math.round(y - LANE_GAP / 2) + 0.5;
  context.beginPath();
  context.moveTo(0, line);
  context.lineTo(width, line);
  context.stroke();
  // The name stays in view while its lane does.
  const nameY = Math.min(Math.max(y, AXIS_HEIGHT + 2), y + laneHeight - SPAN_ROW) + SPAN_ROW / 2;
  const hue = lane.server === undefined ? colors.gateway : (colors.hues[serverHue(lane.server)] ?? colors.gateway);
  context.fillStyle = hue;
  context.beginPath();
  context.arc(12, nameY, 4, 0, Math.PI * 2);
  context.fill();
  context.fillStyle = colors.text;
  fillCut(context, lane.server ?? gatewayName, 22, nameY, labelWidth - 26);
  context.save();
  context.beginPath();
  context.rect(labelWidth, AXIS_HEIGHT, width - labelWidth, height);
  context.clip();
  for (let row = lane.firstRow; row < lane.firstRow + lane.rows; row += 1) {
    const rowY = y + (row - lane.firstRow) * SPAN_ROW;
    if (rowY > height || rowY + SPAN_ROW < AXIS_HEIGHT) continue;
    paintRow(context, scene, layout.byRow[row] ?? [], rowY);
  }
  context.restore();
}

function paintRow(context: CanvasRenderingContext2D, scene: TimelineScene, spans: readonly PlacedSpan[], y: number): void {
  spans.forEach((placed, at) => {
    const { x, end } = extentOf(placed, scene);
    if (x > scene.width || end < scene.labelWidth) return;
    const next = spans[at + 1];
    paintSpan(context, scene, placed, y, next ? xOf(next.fromMs, scene) : scene.width);
  });
}

/** At least two pixels: what was quick was all the same. */
export function extentOf(placed: PlacedSpan, scene: Pick<TimelineScene, 'period' | 'width' | 'labelWidth'>): { readonly x: number; readonly end: number } {
  const x = xOf(placed.fromMs, scene);
  return { x, end: Math.max(x + 2, xOf(placed.toMs, scene)) };
}

function paintSpan(context: CanvasRenderingContext2D, scene: TimelineScene, placed: PlacedSpan, y: number, roomUntil: number): void {
  const { colors } = scene;
  const { row, marks } = placed.span;
  const { x, end } = extentOf(placed, scene);
  const from = Math.max(x, scene.labelWidth - 4);
  const barY = y + (SPAN_ROW - BAR) / 2;
  const isFailed = row.status !== 'ok' && row.status !== 'running' && row.status !== 'cancelled' && row.status !== 'unrecorded';
  const hue = row.server === undefined ? colors.gateway : (colors.hues[serverHue(row.server)] ?? colors.gateway);
  const length = Math.min(end, scene.width + 4) - from;
  if (scene.chosen.has(row.id)) paintChosen(context, colors, from, y, length);
  context.globalAlpha = row.status === 'cancelled' || row.status === 'unrecorded' ? 0.4 : placed.depth > 0 ? 0.7 : 1;
  context.fillStyle = hue;
  context.fillRect(from, barY, length, BAR);
  context.globalAlpha = 1;
  if (row.status === 'running') hatch(context, from, barY, length, colors.background);
  // A failure has a shape, not only a colour.
  if (isFailed) {
    context.fillStyle = colors.failed;
    context.fillRect(from, barY + BAR - 3, Math.max(3, length), 3);
    if (roomUntil - x > 6) cross(context, from + Math.min(length, 8) / 2, barY - 1, colors.failed);
  }
  if (colors.isHighContrast) {
    context.strokeStyle = colors.text;
    context.strokeRect(from + 0.5, barY + 0.5, Math.max(1, length - 1), BAR - 1);
  }
  context.fillStyle = colors.mark;
  for (const { timeMs } of marks) context.fillRect(Math.round(xOf(timeMs, scene)), barY - 2, 1, BAR + 4);
  if (row.id === scene.selectedId) {
    context.strokeStyle = scene.hasFocus ? colors.focus : colors.text;
    context.lineWidth = 2;
    context.strokeRect(from - 1, barY - 2, length + 2, BAR + 4);
    context.lineWidth = 1;
  }
  // The name stands behind the bar, where there is room before the next one.
  const room = Math.min(roomUntil, scene.width) - end - 8;
  if (room < LABEL_FROM) return;
  context.fillStyle = isFailed ? colors.failed : colors.text;
  fillCut(context, scene.labelOf(placed), end + 4, y + SPAN_ROW / 2, room);
}

/** A band behind the bar with a line above and below: seen at any length, and told from the frame of the one the keyboard is at. */
function paintChosen(context: CanvasRenderingContext2D, colors: TimelineColors, x: number, y: number, length: number): void {
  const [from, width] = [x - 4, Math.max(8, length + 8)];
  context.fillStyle = colors.selection;
  context.fillRect(from, y, width, SPAN_ROW);
  context.fillStyle = colors.text;
  context.fillRect(from, y, width, 1);
  context.fillRect(from, y + SPAN_ROW - 1, width, 1);
}

function paintCounts(context: CanvasRenderingContext2D, scene: TimelineScene): void {
  const { timeline, layout, colors, top } = scene;
  const most = timeline.buckets.reduce((largest, { calls }) => Math.max(largest, calls), 1);
  const bucketMs = (timeline.toMs - timeline.fromMs) / LANE_BUCKETS;
  for (const { server, index, calls, errors } of timeline.buckets) {
    const at = layout.lanes.findIndex((lane) => lane.server === server);
    const lane = layout.lanes[at];
    if (!lane) continue;
    const from = timeline.fromMs + index * bucketMs;
    const x = Math.max(scene.labelWidth, xOf(from, scene));
    const width = Math.max(1, xOf(from + bucketMs, scene) - x - 0.5);
    const bottom = AXIS_HEIGHT + laneTop(lane, at) - top + lane.rows * SPAN_ROW;
    const full = lane.rows * SPAN_ROW - 2;
    const height = Math.max(2, (calls / most) * full);
    context.fillStyle = server === undefined ? colors.gateway : (colors.hues[serverHue(server)] ?? colors.gateway);
    context.fillRect(x, bottom - height, width, height);
    if (errors === 0) continue;
    context.fillStyle = colors.failed;
    const failed = Math.max(2, (errors / most) * full);
    context.fillRect(x, bottom - failed, width, failed);
  }
}

function hatch(context: CanvasRenderingContext2D, x: number, y: number, width: number, color: string): void {
  context.strokeStyle = color;
  context.lineWidth = 2;
  context.save();
  context.beginPath();
  context.rect(x, y, width, BAR);
  context.clip();
  for (let at = x; at < x + width + BAR; at += 8) {
    context.beginPath();
    context.moveTo(at, y);
    context.lineTo(at - BAR, y + BAR);
    context.stroke();
  }
  context.restore();
  context.lineWidth = 1;
}

function cross(context: CanvasRenderingContext2D, x: number, y: number, color: string): void {
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(x - 2.5, y - 2.5);
  context.lineTo(x + 2.5, y + 2.5);
  context.moveTo(x + 2.5, y - 2.5);
  context.lineTo(x - 2.5, y + 2.5);
  context.stroke();
  context.lineWidth = 1;
}

function fillCut(context: CanvasRenderingContext2D, text: string, x: number, y: number, room: number): void {
  if (room < 8) return;
  let shown = text.length > 120 ? text.slice(0, 120) : text;
  if (context.measureText(shown).width > room) {
    let [low, high] = [0, shown.length];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (context.measureText(`${shown.slice(0, middle)}…`).width <= room) low = middle;
      else high = middle - 1;
    }
    if (low === 0) return;
    shown = `${shown.slice(0, low)}…`;
  }
  context.textAlign = 'left';
  context.fillText(shown, x, y);
}

const STEPS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000];

/** Round times, about as many as asked for, and how they are written. */
export function ticksOf({ fromMs, toMs }: Period, wanted: number): { readonly steps: readonly number[]; readonly format: (ms: number) => string } {
  const length = toMs - fromMs;
  const step = STEPS_MS.find((one) => length / one <= wanted) ?? Math.ceil(length / wanted / 86_400_000) * 86_400_000;
  const offset = new Date(fromMs).getTimezoneOffset() * 60_000;
  const steps: number[] = [];
  for (let at = Math.ceil((fromMs - offset) / step) * step + offset; at <= toMs && steps.length < 200; at += step) steps.push(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return {
    steps,
    format: (ms) => {
      const date = new Date(ms);
      if (step >= 86_400_000) return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
      const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
      if (step >= 60_000) return clock;
      const seconds = `${clock}:${two(date.getSeconds())}`;
      return step >= 1_000 ? seconds : `${seconds}.${String(date.getMilliseconds()).padStart(3, '0')}`;
    },
  };
}
