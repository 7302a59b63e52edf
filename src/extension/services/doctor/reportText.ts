/** Owns a doctor's report as Markdown, to be read in the editor or put into a bug report. */
import type { CheckOutcome, DoctorCheck, DoctorReport } from '../../contract/doctor';

const WORDS: Readonly<Record<CheckOutcome, string>> = { ok: 'ok', warning: 'look', failed: 'failed', skipped: 'skipped' };

export function reportText({ timeMs, general, servers }: DoctorReport): string {
  const sections = [
    `# MCP Shark: connection check, ${new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`,
    summary([...general, ...servers.flatMap(({ checks }) => checks)]),
    '## In general',
    table(general),
    ...servers.flatMap(({ server, checks }) => [`## ${plain(server)}`, table(checks)]),
  ];
  return `${sections.join('\n\n')}\n`;
}

function summary(checks: readonly DoctorCheck[]): string {
  const count = (outcome: CheckOutcome): number => checks.filter((check) => check.outcome === outcome).length;
  const bad = count('failed');
  const doubtful = count('warning');
  if (bad + doubtful === 0) return 'Nothing wrong was found.';
  return [
    ...(bad > 0 ? [bad === 1 ? '1 check failed' : `${bad} checks failed`] : []),
    ...(doubtful > 0 ? [doubtful === 1 ? '1 deserves a look' : `${doubtful} deserve a look`] : []),
  ].join(', ') + '.';
}

function table(checks: readonly DoctorCheck[]): string {
  const rows = checks.map(
    ({ title, outcome, message, durationMs }) =>
      `| ${WORDS[outcome]} | ${plain(title)} | ${plain(message)} | ${durationMs === undefined ? '' : `${Math.round(durationMs)} ms`} |`,
  );
  return ['| | Check | What was seen | |', '| --- | --- | --- | ---: |', ...rows].join('\n');
}

/** Names and messages come from files and servers: text, never Markdown, and one line. */
function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]<>#|!~]/g, '\\$&');
}
