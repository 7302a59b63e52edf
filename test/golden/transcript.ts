/**
 * Owns the golden files: how recorded frames and events are written so that people can read them and two runs agree.
 * Numbers are given anew in order of appearance, sessions too; ports and process ids become words. A body that passes on
 * unchanged is written once; long ones are cut, with size and hash of the whole.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Stored, StoredEvent, StoredFrame } from './storedFrames';

const MAX_BODY = 1500;
const SHOWN = 400;

/** Order of arrival says nothing about these: they come on a pipe of their own. */
const UNORDERED = new Set(['server.stderr']);

export interface Chapter {
  readonly title: string;
  /** Number of the last frame before it. */
  readonly after: number;
}

export function writeTranscript(heading: string, { frames, events }: Stored, chapters: readonly Chapter[]): string {
  const entries: (StoredFrame | StoredEvent)[] = [...frames, ...events.filter(({ type }) => !UNORDERED.has(type))].sort((a, b) => a.frame - b.frame);
  const numbers = new Map(frames.map(({ frame }, index) => [frame, index + 1]));
  const bodies = new Map(frames.map(({ frame, body }) => [frame, body]));
  const sessions = new Map<string, number>();
  const sessionOf = (id: string): number => sessions.get(id) ?? sessions.set(id, sessions.size + 1).size;
  const left = [...chapters];
  const out = [heading];
  for (const entry of entries) {
    while (left[0] && entry.frame > left[0].after) out.push('', `== ${left.shift()!.title}`);
    if (!('body' in entry)) {
      out.push(eventText(entry, sessionOf));
      continue;
    }
    const isSame = entry.forwards !== null && bodies.get(entry.forwards) === entry.body;
    out.push(frameTitle(entry, numbers, sessionOf), isSame ? `    (the bytes of [${numbers.get(entry.forwards!)}])` : `    ${bodyText(entry.body)}`);
  }
  return `${out.join('\n')}\n`;
}

function frameTitle(frame: StoredFrame, numbers: ReadonlyMap<number, number>, sessionOf: (id: string) => number): string {
  const { leg, direction, kind, method, server, session, forwards, cause, call, own, redacted, bytes } = frame;
  const [left, right] = leg === 'downstream' ? ['client', 'gateway'] : ['gateway', server ?? '?'];
  const way = direction === 'toServer' ? `${left} -> ${right}` : `${left} <- ${right}`;
  const number = (of: number | null): string => String(numbers.get(of ?? -1) ?? '?');
  const facts = [
    `session ${sessionOf(session)}`,
    server !== null && leg === 'downstream' ? `server ${server}` : '',
    own ? "the gateway's own" : '',
    forwards === null ? '' : `passes on ${number(forwards)}`,
    cause === null ? '' : `in the course of ${number(cause)}`,
    call === null ? '' : `call ${number(call)}`,
    redacted > 0 ? `${redacted} redacted` : '',
    ...Object.entries(frame.headers).map(([name, value]) => `${name}: ${stable(value)}`),
  ].filter(Boolean);
  return `[${number(frame.frame)}] ${way}  ${kind}${method === null ? '' : ` ${method}`}, ${bytes} bytes (${facts.join('; ')})`;
}

function eventText({ type, session, server, data }: StoredEvent, sessionOf: (id: string) => number): string {
  const who = [session ? `session ${sessionOf(session)}` : '', server ? `server ${server}` : ''].filter(Boolean).join('; ');
  const facts = JSON.stringify(data, (key, value: unknown) => (key === 'pid' || key === 'port' ? `(${key})` : value));
  return `--- ${type}${who ? ` (${who})` : ''} ${stable(facts)}`;
}

function bodyText(body: string): string {
  // One line a frame, whatever white space the message has.
  const line = body.replaceAll('\t', '\\t').replaceAll('\n', '\\n');
  if (line.length <= MAX_BODY) return line;
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 16);
  return `${line.slice(0, SHOWN)} (...) ${line.slice(-SHOWN / 4)}\n    (${Buffer.byteLength(body)} bytes, sha256 ${hash})`;
}

const stable = (text: string): string => text.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:(port)');

/** Compares with the committed file, or rewrites it with `UPDATE_GOLDEN=1`. */
export function expectGolden(file: string, text: string): void {
  if (process.env['UPDATE_GOLDEN'] === '1') {
    writeFileSync(file, text);
    return;
  }
  const golden = existsSync(file) ? readFileSync(file, 'utf8').replaceAll('\r\n', '\n') : '';
  expect(text, `${file} (UPDATE_GOLDEN=1 rewrites it)`).toBe(golden);
}
