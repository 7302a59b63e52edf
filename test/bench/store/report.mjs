// Owns the Markdown of a run: writing, crash recovery, questions, disk and memory, and the targets.
import { megabytes, milliseconds, number, ratio, table, whole } from '../lib/markdown.mjs';
import { median } from '../lib/stats.mjs';
import { NATIVE_VERSION } from './subjects.mjs';
import { QUESTIONS } from './questions.mjs';
import { ratios } from './targets.mjs';
import { WRITERS } from './writing.mjs';

export function report({ facts, writes, recovery, corpus, asked, verdicts, absent }) {
  const parts = [machine(facts, corpus)];
  if (absent) parts.push(`**Not compared:** ${absent}`);
  parts.push('#### Writing', writing(writes), '#### Questions', questions(asked), '#### After a crash, on disk, in memory', rest({ recovery, corpus, asked }));
  parts.push('#### Targets', targets(verdicts));
  if (asked.wrong.length > 0) parts.push('#### Answers that differ', asked.wrong.map((line) => `- ${line}`).join('\n'));
  return `${parts.join('\n\n')}\n`;
}

function machine({ machine: { cores, cpu, memoryGb, platform, arch, node, loadAtStart }, options }, { messages, rawBytes }) {
  return (
    `${cores} cores (${cpu}), ${memoryGb} GB, ${platform} ${arch}, Node ${node}, load at the start ${loadAtStart[0]}; ${options.rounds} rounds of ` +
    `${options.writeMb} MB, questions about ${whole(messages)} messages (${number(rawBytes / 1e9, 1)} GB); better-sqlite3 ${NATIVE_VERSION}.`
  );
}

function writing(writes) {
  const cell = (lane, of, write) => write(median(lane.map(of)));
  const rows = Object.entries(writes).map(([id, lane]) => [
    WRITERS[id],
    cell(lane, (value) => value.acceptedMbS, whole),
    ratio(ratios(lane, writes.normal, (value) => value.acceptedMbS).median),
    cell(lane, (value) => value.durableMbS, whole),
    ratio(ratios(lane, writes.floor, (value) => value.durableMbS).median),
    id === 'floor' ? '–' : `${cell(lane, (value) => value.meanUs, number1)} / ${cell(lane, (value) => value.p50Us, number1)} / ${cell(lane, (value) => value.p99Us, whole)}`,
    id === 'floor' ? '–' : cell(lane, (value) => value.maxUs / 1000, milliseconds),
  ]);
  return table(['', 'accepted MB/s', 'against better-sqlite3', 'durable MB/s', 'against raw disk', 'µs per message mean / p50 / p99', 'longest ms'], rows);
}

const number1 = (value) => number(value, 1);

function questions({ warm, cold, isCacheDropped }) {
  const rows = Object.entries(QUESTIONS).map(([name, label]) => [
    label,
    milliseconds(median(warm.store[name])),
    warm.native ? milliseconds(median(warm.native[name])) : '–',
    warm.native ? ratio(ratios(warm.store[name], warm.native[name]).median) : '–',
  ]);
  const whole = (starts) => (starts ? milliseconds(median(starts.map((value) => value.openMs + value.newestMs))) : '–');
  rows.push([
    `newest page, cold: opened in a fresh process${isCacheDropped ? ', page cache dropped' : ''}`,
    whole(cold.store),
    whole(cold.native),
    cold.native ? ratio(ratios(cold.store, cold.native, (value) => value.openMs + value.newestMs).median) : '–',
  ]);
  return table(['', 'MCP Shark ms', 'better-sqlite3 ms', 'ratio'], rows);
}

function rest({ recovery, corpus, asked }) {
  const of = (pick) => milliseconds(median(recovery.map(pick)));
  const percent = (bytes) => `${number((bytes / corpus.rawBytes) * 100, 1)} %`;
  return table(
    ['', 'value'],
    [
      [`journal of ${megabytes(recovery[0].bytes)} MB, ${whole(recovery[0].calls)} calls: newest page shown, ms`, of((value) => value.shownMs)],
      ['… CPU time of that, ms', of((value) => value.shownCpuMs)],
      ['… first page with a filter after that, ms', of((value) => value.filteredMs)],
      ['… starting sql.js before that, ms', of((value) => value.startMs)],
      ['… sealed, ms', of((value) => value.sealMs)],
      ['sealing the history, MB of bodies per second', whole(corpus.sealMbS)],
      ['raw bodies, MB', megabytes(corpus.rawBytes)],
      [`store on disk, MB (${corpus.segments} segments)`, `${megabytes(corpus.diskBytes)} (${percent(corpus.diskBytes)})`],
      ['… of which signatures, MB', `${megabytes(corpus.signatureBytes)} (${percent(corpus.signatureBytes)})`],
      ['better-sqlite3 on disk, bodies plain, MB', corpus.nativeBytes ? `${megabytes(corpus.nativeBytes)} (${percent(corpus.nativeBytes)})` : '–'],
      ["memory of the store's process, first and last round, MB", `${megabytes(asked.memory[0])}, ${megabytes(asked.memory.at(-1))}`],
    ],
  );
}

function targets(verdicts) {
  const value = (number, unit) => (unit === '×' ? ratio(number) : `${milliseconds(number)} ${unit}`);
  return table(
    ['', 'median (range over rounds)', 'target', ''],
    verdicts.map(({ what, value: { median: middle, min, max, count }, sign, bound, unit, met }) => [
      what,
      count === 0 ? '–' : count === 1 ? value(middle, unit) : `${value(middle, unit)} (${value(min, unit)} to ${value(max, unit)})`,
      `${sign} ${bound} ${unit}`,
      met === undefined ? 'not measured' : met ? 'met' : '**missed**',
    ]),
  );
}
