/**
 * Owns the proof that the gateway changes nothing and forgets nothing, frame by frame: one fixed script of client actions
 * against server-everything, through `/mcp/everything` and through `/mcp`, recorded on both legs. The transcripts are
 * committed (`*.golden.txt`); `UPDATE_GOLDEN=1` rewrites them, and the difference is then read by a person.
 */
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { record, serverVersion, type Recording } from './recording';
import type { StoredFrame } from './storedFrames';
import { expectGolden, writeTranscript } from './transcript';

const ENDPOINTS = [
  { endpoint: '/mcp/everything', prefix: '', file: 'server.golden.txt' },
  { endpoint: '/mcp', prefix: 'everything__', file: 'aggregate.golden.txt' },
];

const heading = (endpoint: string): string => `# ${endpoint} with server-everything ${serverVersion} over stdio. Written by golden.test.ts.`;

/** What the aggregate may change in a message: the name it maps, and the id of a server's request to the client. */
const unmapName = (body: string, prefix: string): string => body.replace(new RegExp(`("name"\\s*:\\s*")${prefix}`), '$1');
/** The array of a list's answer, as text. */
const entries = (body: string): string => body.slice(body.indexOf('['), body.lastIndexOf(']') + 1);
const withoutId = (body: string): string => body.replace(/"id"\s*:\s*\d+/, '"id":(mapped)');

describe.each(ENDPOINTS)('the script through $endpoint', ({ endpoint, prefix, file }) => {
  let run: Recording;
  beforeAll(async () => {
    run = await record(endpoint, prefix);
  }, 30_000);

  const on = (leg: StoredFrame['leg'], direction: StoredFrame['direction']): StoredFrame[] => run.frames.filter((frame) => frame.leg === leg && frame.direction === direction);
  const bodies = (frames: readonly StoredFrame[]): string[] => frames.map(({ body }) => body);

  it('is recorded as the golden transcript says', () => {
    expectGolden(path.join(import.meta.dirname, file), writeTranscript(heading(endpoint), run, run.chapters));
  });

  it('is recorded as client and server saw it, byte for byte, with no frame missing and none added', () => {
    const { byClient, byServer } = run.seen;
    expect(bodies(on('downstream', 'toServer'))).toEqual(byClient.sent);
    expect(bodies(on('downstream', 'toClient')).sort()).toEqual([...byClient.received].sort());
    expect(bodies(on('upstream', 'toServer'))).toEqual(byServer.received);
    expect(bodies(on('upstream', 'toClient'))).toEqual(byServer.sent);
    for (const { body, bytes, redacted } of run.frames) expect({ bytes, redacted }, body).toEqual({ bytes: Buffer.byteLength(body), redacted: 0 });
  });

  it('leaves both legs with the same bytes, except for the names and ids that the aggregate maps', () => {
    const byNumber = new Map(run.frames.map((frame) => [frame.frame, frame]));
    let passedOn = 0;
    const changed = { names: 0, ids: 0 };
    for (const frame of run.frames) {
      if (frame.forwards === null) continue;
      const other = byNumber.get(frame.forwards)!;
      passedOn++;
      expect({ leg: frame.leg, direction: frame.direction, kind: frame.kind }).toEqual({ leg: other.leg === 'upstream' ? 'downstream' : 'upstream', direction: other.direction, kind: other.kind });
      const isReverse = (frame.kind === 'request' && frame.direction === 'toClient') || (frame.kind !== 'notification' && frame.kind !== 'request' && frame.direction === 'toServer');
      if (frame.body !== other.body) changed[isReverse ? 'ids' : 'names']++;
      if (prefix === '') expect(frame.body).toBe(other.body);
      else if (isReverse) expect(withoutId(frame.body)).toBe(withoutId(other.body));
      else if (frame.direction === 'toServer') expect(frame.body).toBe(unmapName(other.body, prefix));
      else expect(frame.body).toBe(other.body);
    }
    if (prefix !== '') {
      // Eight tool calls, a prompt and a completion; roots, sampling and elicitation with their answers.
      expect(changed).toEqual({ names: 10, ids: 6 });
      return;
    }
    expect(changed).toEqual({ names: 0, ids: 0 });
    expect(passedOn).toBe(run.frames.length / 2);
    expect(run.frames.filter(({ own }) => own)).toEqual([]);
  });

  it('lists what the server lists in the bytes of the server, except for the names that the aggregate maps', () => {
    const lists = on('downstream', 'toClient').filter(({ body }) => /"result":\{"(?:tools|prompts|resources|resourceTemplates)":/.test(body));
    const upstream = on('upstream', 'toClient').map(({ body }) => entries(body));
    expect(lists).toHaveLength(4);
    for (const { body } of lists) expect(upstream).toContain(entries(body).replaceAll(`"name":"${prefix}`, '"name":"'));
  });

  it('accounts for every frame: it passes another on, is passed on, is the gateway\'s own, or answers what is', () => {
    const passedOn = new Set(run.frames.map(({ forwards }) => forwards));
    const byNumber = new Map(run.frames.map((frame) => [frame.frame, frame]));
    const unexplained = run.frames.filter(({ frame, forwards, own, cause }) => {
      const isAnswered = run.frames.some((other) => other.own && other.cause === frame);
      return forwards === null && !passedOn.has(frame) && !own && !isAnswered && (cause === null || !byNumber.has(cause));
    });
    expect(unexplained).toEqual([]);
  });

  it('ends the session when the client says goodbye', () => {
    expect(run.goodbye).toBe(200);
    expect(run.events.filter(({ type }) => type === 'session.closed')).toHaveLength(1);
  });
});
