// Owns the Markdown of a run: what was measured, ratios against the floors, memory, targets, and what failed.
import { megabytes, milliseconds, ratio, signedMegabytes, table, whole } from '../lib/markdown.mjs';
import { median } from '../lib/stats.mjs';
import { SIZES } from './payload.mjs';
import { ratioOf } from './targets.mjs';

const CLIENT = { sdk: "the SDK's client", light: 'the light client' };
const UPSTREAM = { stdio: 'stdio server', http: 'HTTP server' };
const P50 = (value) => value.p50;
const RATE = (value) => value.callsPerSecond;
const CPU = (value) => value.cpuUsPerCall ?? Number.NaN;
const START = (value) => value.startMs;

export function report({ facts, lanes, memory, verdicts, absent }) {
  const parts = [machine(facts)];
  for (const upstream of Object.keys(UPSTREAM)) {
    for (const client of Object.keys(CLIENT)) {
      const group = lanes.filter((lane) => lane.subject.upstream === upstream && lane.client === client);
      if (group.length === 0) continue;
      parts.push(`### ${UPSTREAM[upstream]}, ${CLIENT[client]}`, measured(group), ratios(group));
    }
  }
  if (memory.length > 0) parts.push('### Memory of the proxy', memoryTable(memory));
  if (verdicts.length > 0) parts.push('### Targets', targets(verdicts));
  const failures = failed(lanes, memory, absent);
  if (failures.length > 0) parts.push('### What failed', failures.map((line) => `- ${line}`).join('\n'));
  return `${parts.join('\n\n')}\n`;
}

function machine({ machine: { cores, cpu, memoryGb, platform, arch, node }, options }) {
  const run = `${options.rounds} rounds, ${options.upstream} echo servers, ${options.payload} payload`;
  return `${cores} cores (${cpu}), ${memoryGb} GB, ${platform} ${arch}, Node ${node}; ${run}.`;
}

const medianOf = (lane, measure, of) =>
  median((lane.values[measure] ?? []).filter(Boolean).map((value) => of(value)));

function measured(group) {
  const sizes = Object.keys(SIZES);
  const head = ['', ...sizes.map((size) => `${size} p50 / p95 / p99 ms`), 'calls/s at 1', 'at 8', 'at 64', 'session start ms', 'CPU µs/call at 64'];
  const rows = group.map((lane) => [
    lane.subject.label,
    ...sizes.map((size) => ['p50', 'p95', 'p99'].map((key) => milliseconds(medianOf(lane, size, (v) => v[key]))).join(' / ')),
    ...[1, 8, 64].map((inFlight) => whole(medianOf(lane, `${inFlight} in flight`, RATE))),
    milliseconds(medianOf(lane, 'start', START)),
    whole(medianOf(lane, '64 in flight', CPU)),
  ]);
  return table(head, rows);
}

function ratios(group) {
  const floor = group.find(({ subject }) => subject.id === subject.floor);
  if (!floor) return '';
  const columns = [
    ...Object.keys(SIZES).map((size) => [`p50 ${size}`, size, P50]),
    ...[1, 8, 64].map((inFlight) => [`calls/s at ${inFlight}`, `${inFlight} in flight`, RATE]),
    ['session start', 'start', START],
    ['CPU/call at 64', '64 in flight', CPU],
  ];
  const rows = group.map((lane) => [
    lane.subject.label,
    ...columns.map(([, measure, of]) => ratio(ratioOf(lane, floor, measure, of).median)),
  ]);
  return table([`against ${floor.subject.label}`, ...columns.map(([name]) => name)], rows);
}

function memoryTable(memory) {
  const calls = whole(memory.find((one) => one.calls)?.calls ?? Number.NaN);
  const head = ['', 'client', 'RSS MB before', `after ${calls} calls`, 'growth', 'growth, garbage collected', 'heap growth', 'nursery growth', `over the next ${calls}`];
  const rows = memory
    .filter((one) => !one.failure)
    .map(({ label, upstream, client, before, after, growth, growthCollected, growthLater, largest }) => [
      `${label}, ${upstream}${largest < SIZES['1 MB'] ? ' (without the 1 MB calls it refuses)' : ''}`,
      client,
      megabytes(before.rss),
      megabytes(after.rss),
      signedMegabytes(growth),
      signedMegabytes(growthCollected),
      signedMegabytes(after.heapUsed - before.heapUsed),
      signedMegabytes(after.nursery - before.nursery),
      signedMegabytes(growthLater),
    ]);
  return table(head, rows);
}

function targets(verdicts) {
  const rows = verdicts.map(({ upstream, label, client, what, ratio: found, bytes, sign, bound, met }) => [
    `${upstream}, ${label}`,
    client,
    what,
    found ? `${ratio(found.median)} (${found.min.toFixed(2)} to ${found.max.toFixed(2)})` : `${signedMegabytes(bytes)} MB`,
    found ? `${sign} ${bound} ×` : `${sign} ${megabytes(bound)} MB`,
    met ? 'met' : '**missed**',
  ]);
  return table(['', 'client', 'measure', 'median (range over rounds)', 'target', ''], rows);
}

function failed(lanes, memory, absent) {
  const lines = Object.entries(absent).map(([name, why]) => `${name}: ${why}`);
  for (const { subject, client, failures } of lanes) {
    // The same cause is named once.
    const causes = Map.groupBy(Object.entries(failures), ([, why]) => oneLine(why));
    for (const [why, measures] of causes) {
      const names = measures.map(([measure]) => measure).join(', ');
      lines.push(`${subject.label} (${subject.upstream}, ${client} client), ${names}: ${why}`);
    }
  }
  for (const { label, upstream, client, failure } of memory) {
    if (failure) lines.push(`${label} (${upstream}, ${client} client), memory: ${oneLine(failure)}`);
  }
  return lines;
}

/** Without the markup and the stack traces of error pages: those name folders. */
function oneLine(text) {
  const plain = text.replaceAll(/<[^<>]*>?/g, ' ').replaceAll(/&\w+;/g, ' ').replaceAll(/\s+/g, ' ');
  return plain.replace(/ at \S+ \(.*/, '').trim().slice(0, 120);
}
