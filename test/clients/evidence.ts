/**
 * Owns holding the log against the tap: what every test of a client expects, whoever the client is, and short readings
 * of both for what only one client does.
 */
import { expect } from 'vitest';
import type { StoredFrame } from '../golden/storedFrames';
import type { Exchange } from './tap';
import type { Recorded, World } from './world';

/**
 * `POST initialize 200`, `GET /mcp 200`, `DELETE /mcp 200`: what a client did, in order of arrival. Its answers to
 * `roots/list` are left out: server-everything asks 350 ms after the handshake, wherever the client is by then.
 */
export function wireStory(exchanges: readonly Exchange[]): string[] {
  return exchanges.filter(({ rpc, body }) => rpc !== undefined || body === '').map(({ method, path, rpc, status }) => `${method} ${rpc ?? path} ${status}`);
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
  const posts = exchanges.filter(({ method }) => method === 'POST');
  const answered = posts.filter(({ status }) => status !== undefined && status < 400).map(({ body }) => body);
  // A client that is done does not wait for every answer; what it left behind may have come in or not.
  const abandoned = posts.filter(({ status }) => status === undefined).map(({ body }) => body);
  const kept = fromClient(recorded);
  const bodies = kept.map(({ body }) => body);
  expect(without(answered, bodies), 'frames that are not in the log').toEqual([]);
  expect(without(without(bodies, answered), abandoned), 'frames that nobody sent').toEqual([]);
  for (const { body, bytes } of kept) expect(bytes, body).toBe(Buffer.byteLength(body));

  const refused = exchanges.filter(({ status }) => status !== undefined && status >= 400);
  const refusals = recorded.events.filter(({ type }) => type === 'http.rejected').map(({ data }) => `${data['method']} ${data['path']} ${data['status']}`);
  expect(refusals.sort(), 'refusals in the log').toEqual(refused.map(({ method, path, status }) => `${method} ${path} ${status}`).sort());

  const opened = recorded.events.filter(({ type }) => type === 'session.opened').map(({ data }) => data);
  const wanted = openings(recorded).map(({ clientInfo, protocolVersion }) => ({ clientName: clientInfo.name, clientVersion: clientInfo.version, protocolVersion }));
  expect(opened, 'sessions in the log').toEqual(wanted.map((facts) => expect.objectContaining(facts)));
  expect(recorded.events.filter(({ type }) => type === 'session.closed'), 'closed sessions').toHaveLength(opened.length);

  const failed = recorded.calls.filter(({ origin, status, request = '' }) => origin === 'client' && status !== 'ok' && !abandoned.includes(request));
  expect(failed, 'calls that failed').toEqual([]);
  expect(JSON.stringify(recorded), 'the whole log').not.toContain(world.token);
}

/** What is in `list` more often than in `taken`. */
function without(list: readonly string[], taken: readonly string[]): string[] {
  const left = [...taken];
  return list.filter((entry) => {
    const index = left.indexOf(entry);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

/** The text of the answer to the only call of this tool. */
export function answerOf(recorded: Recorded, server: string, tool: string): string {
  const calls = recorded.calls.filter(({ method, origin }) => method === 'tools/call' && origin === 'client');
  expect(calls).toEqual([expect.objectContaining({ server, name: tool, status: 'ok' })]);
  const { result } = JSON.parse(calls[0]!.response!) as { result: { content: { text: string }[] } };
  return result.content.map(({ text }) => text).join('\n');
}
