// Owns the targets and the words of a run.
import { machineFacts } from '../lib/machine.mjs';
import { milliseconds, table, whole } from '../lib/markdown.mjs';
import { median, percentile } from '../lib/stats.mjs';

export const FRAME_MS = 50;

/** Every target with what was measured. */
export function verdicts({ open, filters, wheel, thumb, live, heapMb }) {
  const most = (what, value, bound, unit) => ({ what, value, bound, unit, met: value <= bound });
  return [
    most('open: navigation to first calls', median(open), 300, 'ms'),
    ...Object.entries(filters).map(([filter, times]) => most(`filter, first page: \`${filter}\``, median(times.map(({ ms }) => ms)), 200, 'ms')),
    most(`wheel: frames over ${FRAME_MS} ms`, over(wheel), 0, ''),
    most(`thumb: frames over ${FRAME_MS} ms`, over(thumb), 0, ''),
    most('live, 1,000 frames/s: newest call on screen, p95', percentile(live.lateMs, 0.95), 250, 'ms'),
    most("the webview's heap after all of it", heapMb, 100, 'MB'),
  ];
}

const over = ({ lengths }) => lengths.filter((length) => length > FRAME_MS).length;

export function report(measured) {
  const { corpus, open, filters, cold, wheel, thumb, live, heapMb, domNodes, storeOpenMs } = measured;
  const facts = machineFacts();
  const found = verdicts(measured);
  const range = (values) => `${milliseconds(Math.min(...values))} to ${milliseconds(Math.max(...values))}`;
  const frames = ({ lengths, pendingFrames }) => [whole(lengths.length), milliseconds(median(lengths)), milliseconds(percentile(lengths, 0.95)), milliseconds(Math.max(...lengths)), String(over({ lengths })), whole(pendingFrames)];
  return [
    `${whole(corpus.calls)} calls; ${facts.cores} cores (${facts.cpu}), ${facts.memoryGb} GB, Node ${facts.node}. The store opened in ${milliseconds(storeOpenMs)} ms.`,
    table(['', 'the very first, ms', 'median, ms', 'from to, ms', 'rows'], [
      ['open', '', milliseconds(median(open)), range(open), ''],
      ...Object.entries(filters).map(([filter, times]) => [`filter \`${filter}\``, milliseconds(cold[filter].ms), milliseconds(median(times.map(({ ms }) => ms))), range(times.map(({ ms }) => ms)), whole(times.at(-1).rows)]),
    ]),
    table(['scrolling', 'frames', 'p50, ms', 'p95, ms', 'longest, ms', `over ${FRAME_MS} ms`, 'frames with rows still loading'], [
      ['wheel', ...frames(wheel)],
      ['thumb', ...frames(thumb)],
      ['live', ...frames(live)],
    ]),
    `Live: newest call on screen after ${milliseconds(median(live.lateMs))} ms (p95 ${milliseconds(percentile(live.lateMs, 0.95))}, longest ${milliseconds(Math.max(...live.lateMs))}). Heap ${milliseconds(heapMb)} MB, ${whole(domNodes)} elements.`,
    table(['target', 'measured', 'at most', ''], found.map(({ what, value, bound, unit, met }) => [what, `${milliseconds(value)} ${unit}`.trim(), `${bound} ${unit}`.trim(), met ? 'met' : 'MISSED'])),
  ].join('\n\n');
}
