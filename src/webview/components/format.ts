/**
 * Owns how numbers, sizes, durations and times are written, for every view. Pure; locale is English until the
 * product is localised. Durations are microseconds, sizes bytes, points in time Unix milliseconds.
 */
const thousandths = new Intl.NumberFormat('en-US', { minimumFractionDigits: 3, maximumFractionDigits: 3 });
const groups = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `1,204` */
export function formatCount(count: number): string {
  return groups.format(count);
}

/** A number with its noun; `many` where it is not the singular with an s. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** `0.4 ms`, `12 ms`, `1.24 s`, `12.4 s`, `2.1 min`, `1.7 h`: one unit, three digits at most. */
export function formatDuration(us: number): string {
  const ms = Math.max(0, us) / 1000;
  if (ms < 0.05) return '0 ms';
  if (ms < 0.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const minutes = seconds / 60;
  if (minutes < 99.95) return `${minutes.toFixed(1)} min`;
  return `${(minutes / 60).toFixed(1)} h`;
}

/** Time gone by in something that still runs: never finer than a tenth of a second, so that it does not flicker. */
export function formatElapsed(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  return seconds < 59.95 ? `${seconds.toFixed(1)} s` : formatDuration(ms * 1000);
}

const sizeUnits = ['kB', 'MB', 'GB', 'TB'];

/** `210 B`, `3.4 kB`, `340 kB`, `4.1 MB`: decimal units, at most three digits. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes;
  let unit = -1;
  do {
    value /= 1000;
    unit += 1;
  } while (value >= 999.5 && unit < sizeUnits.length - 1);
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${sizeUnits[unit]}`;
}

/** Local time of day with tenths: `12:04:31.2`. Cut, not rounded, so that it never shows a time that has not come. */
export function formatTime(timeMs: number): string {
  const date = new Date(timeMs);
  const tenth = Math.floor(date.getMilliseconds() / 100);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${tenth}`;
}

/** The same in UTC. */
export function formatUtcTime(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(11, 21);
}

/** `0.207 s`, `1,204.500 s`: one unit and three decimals, so that a column of them can be compared. */
export function formatSeconds(ms: number): string {
  return `${thousandths.format(ms / 1000)} s`;
}

/** `2026-11-22 12:04:31.207`, local. */
export function formatDateTime(timeMs: number): string {
  const date = new Date(timeMs);
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** How long ago, in words: `just now`, `12 min ago`, `5 h ago`, `3 days ago`. Milliseconds. */
export function formatAgo(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ago`;
  return `${formatCount(Math.floor(hours / 24))} days ago`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
