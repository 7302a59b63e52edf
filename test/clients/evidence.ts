/**
 * Owns holding the log against the tap: what every test of a client expects, whoever the client is, and short readings
 * of both for what only one client does.
 */
import { expect } from 'vitest';
import type { StoredFrame } from '../golden/storedFrames';
import type { Exchange } from './tap';
import type { Recorded, World } from './world';

/** `POST initialize 200`, `GET /mcp 200`, `DELETE /mcp 200`: what a client did, in order of arrival. */
export function wireStory(exchanges: readonly Exchange[]): string[] {
  return exchanges.map(({ method, path, rpc, status, body }) => {
    const what = rpc ?? (body.includes('"result"') ? 'an answer' : path);
    return `${method} ${what} ${status}`;
  });
}

/** Frames that came from the client, in the order in which they were recorded. */
export function fromClient({ frames }: Recorded): StoredFrame[] {
  return frames.filter(({ leg, direction }) => leg === 'downstream' && direction === 'toServer');
}

export interface Opening {
  readonly protocolVersion: string;
  readonly clientInfo: { readonly name: string; readonly version: string };
  readonly capabilities: Readonly<Record<string, unknown>>;
}

/** The params of every `initialize` in the log. */
export function openings(recorded: Recorded): Opening[] {
  return fromClient(recorded)
    .filter(({ method }) => method === 'initialize')
    .map(({ body }) => (JSON.parse(body) as { params: Opening }).params);
}

/**
 * Nothing a client sent is missing from the log, nothing was added or changed, every refusal is there, and no secret is.
 * Concurrent requests may be recorded in another order than the tap saw them in.
 */
export function expectLogToMatchWire(world: World, recorded: Recorded): void {
  const { exchanges } = world.tap;
  const accepted = exchanges.filter(({ method, status }) => method === 'POST' && status !== undefined && status < 400);
  const kept = fromClient(recorded);
  expect(kept.map(({ body }) => body).sort(), 'frames in the log').toEqual(accepted.map(({ body }) => body).sort());
  expect(kept.map(({ bytes }) => bytes).sort(), 'their sizes').toEqual(accepted.map(({ body }) => Buffer.byteLength(body)).sort());

  const refused = exchanges.filter(({ status }) => status !== undefined && status >= 400);
  const refusals = recorded.events.filter(({ type }) => type === 'http.rejected').map(({ data }) => `${data['method']} ${data['path']} ${data['status']}`);
  expect(refusals.sort(), 'refusals in the log').toEqual(refused.map(({ method, path, status }) => `${method} ${path} ${status}`).sort());

  const opened = recorded.events.filter(({ type }) => type === 'session.opened').map(({ data }) => data);
  const wanted = openings(recorded).map(({ clientInfo, protocolVersion }) => ({ clientName: clientInfo.name, clientVersion: clientInfo.version, protocolVersion }));
  expect(opened, 'sessions in the log').toEqual(wanted.map((facts) => expect.objectContaining(facts)));
  expect(recorded.events.filter(({ type }) => type === 'session.closed'), 'closed sessions').toHaveLength(opened.length);

  expect(recorded.calls.filter(({ origin, status }) => origin === 'client' && status !== 'ok'), 'calls that failed').toEqual([]);
  expect(JSON.stringify(recorded), 'the whole log').not.toContain(world.token);
}

/** The text of the answer to the only call of this tool. */
export function answerOf(recorded: Recorded, server: string, tool: string): string {
  const calls = recorded.calls.filter(({ method, origin }) => method === 'tools/call' && origin === 'client');
  expect(calls).toEqual([expect.objectContaining({ server, name: tool, status: 'ok' })]);
  const { result } = JSON.parse(calls[0]!.response!) as { result: { content: { text: string }[] } };
  return result.content.map(({ text }) => text).join('\n');
}
