/**
 * Owns numbers with units and points in time: reading them, printing them back exactly, and what moment a `TimePoint`
 * means. Everything is kept whole: microseconds, bytes, milliseconds.
 */
import type { NumberField, TimePoint, TimeTest } from './ast';

type Units = Readonly<Record<string, number>>;

/** Microseconds. `m` is minutes, as everywhere else a duration is written. */
const DURATION_UNITS: Units = { h: 3_600_000_000, m: 60_000_000, s: 1_000_000, ms: 1000, us: 1 };
const DURATION_ALIASES: Units = { ...DURATION_UNITS, 'µs': 1, 'μs': 1, min: 60_000_000, '': 1000 };
const SIZE_UNITS: Units = { GB: 1_000_000_000, MB: 1_000_000, kB: 1000, B: 1 };
// prettier-ignore
const SIZE_ALIASES: Units = {
  b: 1, k: 1000, kb: 1000, m: 1_000_000, mb: 1_000_000, g: 1_000_000_000, gb: 1_000_000_000,
  kib: 1024, mib: 1_048_576, gib: 1_073_741_824, '': 1,
};
/** Milliseconds. */
const AGO_UNITS: Units = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
const AGO_ALIASES: Units = { ...DURATION_ALIASES, d: 86_400_000_000, w: 604_800_000_000 };

/** Last millisecond that `toISOString` prints with a four-digit year. */
const MAX_INSTANT_MS = 253_402_300_799_999;

/** Reads `500ms`, `10k`, `-32601`; `undefined`: not a number of this field. */
export function parseNumber(field: NumberField, text: string): number | undefined {
  if (field === 'code') {
    const code = /^-?\d+$/.test(text) ? Number(text) : undefined;
    return code !== undefined && Number.isSafeInteger(code) ? code + 0 : undefined;
  }
  return parseUnits(text, field === 'size' ? SIZE_ALIASES : DURATION_ALIASES);
}

/** The shortest spelling that reads back as the same number. */
export function printNumber(field: NumberField, value: number): string {
  if (field === 'code') return String(value);
  return printUnits(value, field === 'size' ? SIZE_UNITS : DURATION_UNITS);
}

function parseUnits(text: string, units: Units): number | undefined {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?|\.\d+)([a-zµμ]*)$/i.exec(text) ?? [];
  const factor = Object.entries(units).find(([name]) => name === unit.toLowerCase())?.[1];
  if (digits === undefined || factor === undefined) return undefined;
  const value = Math.round(Number(digits) * factor);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** In the largest unit that leaves a whole number; `units` runs from the largest to 1. */
function printUnits(value: number, units: Units): string {
  const entries = Object.entries(units);
  const [unit, factor] = entries.find(([, size]) => value !== 0 && value % size === 0) ?? entries.at(-1) ?? ['', 1];
  return `${value / factor}${unit}`;
}

/** Reads `1h`, `today`, `14:30`, `2026-10-05`, `2026-10-05T14:30`, and instants with `Z` or an offset. */
export function parseTime(text: string): TimePoint | undefined {
  const lower = text.toLowerCase();
  if (lower === 'today') return { kind: 'day', daysAgo: 0 };
  if (lower === 'yesterday') return { kind: 'day', daysAgo: 1 };
  if (/^\d{1,2}:\d{2}(:\d{2})?$/.test(text)) {
    const clock = text.padStart(text.length < 6 ? 5 : 8, '0');
    return isClock(clock) ? { kind: 'clock', text: clock } : undefined;
  }
  if (/^\d{4}-\d{2}-\d{2}/.test(text)) return parseDate(text.replace(/^(\S{10})[ t]/, '$1T'));
  // Without a unit, "since:5" could be five of anything.
  if (!/[a-zµμ]$/i.test(text)) return undefined;
  const us = parseUnits(text, AGO_ALIASES);
  return us === undefined ? undefined : { kind: 'ago', ms: Math.round(us / 1000) };
}

function parseDate(text: string): TimePoint | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(z|[+-]\d{2}:\d{2})?)?$/i.exec(text);
  if (!match) return undefined;
  const [, day, clock, zone] = match;
  // Date.parse lets 31 February slide into March.
  const isReal = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(isReal.getTime()) || isReal.toISOString().slice(0, 10) !== day) return undefined;
  if (clock !== undefined && !isClock(clock)) return undefined;
  if (zone === undefined) return { kind: 'local', text };
  const ms = Date.parse(text.toUpperCase());
  return ms >= 0 && ms <= MAX_INSTANT_MS ? { kind: 'instant', ms } : undefined;
}

function isClock(text: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,3})?)?$/.test(text);
}

/** The spelling that `parseTime` reads back as the same point. */
export function printTime(at: TimePoint): string {
  switch (at.kind) {
    case 'ago':
      return printUnits(at.ms, AGO_UNITS);
    case 'instant':
      return new Date(at.ms).toISOString();
    case 'local':
    case 'clock':
      return at.text;
    case 'day':
      return at.daysAgo === 0 ? 'today' : 'yesterday';
  }
}

/**
 * The moment a time test compares with, Unix epoch in milliseconds: `since` is `timeMs >= bound`, `until` is
 * `timeMs < bound`. `until` a whole day includes that day. Local times are those of this machine.
 */
export function timeBoundMs(test: Pick<TimeTest, 'bound' | 'at'>, nowMs: number): number {
  const { at, bound } = test;
  switch (at.kind) {
    case 'ago':
      return nowMs - at.ms;
    case 'instant':
      return at.ms;
    case 'clock': {
      const [hours = 0, minutes = 0, seconds = 0] = at.text.split(':').map(Number);
      return new Date(nowMs).setHours(hours, minutes, seconds, 0);
    }
    case 'day':
      return startOfDay(new Date(nowMs), (bound === 'until' ? 1 : 0) - at.daysAgo);
    case 'local':
      return at.text.length === 10
        ? startOfDay(new Date(`${at.text}T00:00:00`), bound === 'until' ? 1 : 0)
        : new Date(at.text).getTime();
  }
}

/** Local midnight, some days off; by the calendar, since a day may have 23 or 25 hours. */
function startOfDay(date: Date, days: number): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}
