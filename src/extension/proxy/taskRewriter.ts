/**
 * Owns putting the ids that clients know tasks by into what a server sends, and the server's own into what clients send.
 * Only the places where MCP 2025-11-25 puts task ids are looked at, and only where an id is mapped at all.
 */
import type { Buffer } from 'node:buffer';
import type { Envelope } from '../mcp/envelope';
import { decodeString, findMember, findPath, type Edit, type Span } from '../mcp/spans';
import type { TaskTable } from './taskTable';

const RELATED = 'io.modelcontextprotocol/related-task';
const NO_EDITS: readonly Edit[] = [];

/** Where a message says to which task it belongs: in the `_meta` of its params or result. */
const relatedSpan = (bytes: Buffer, { paramsSpan, resultSpan }: Envelope): Span | undefined =>
  findPath(bytes, resultSpan ?? paramsSpan, '_meta', RELATED, 'taskId');

/** The task that a message says it belongs to, by the id that it is sent with. */
export function relatedTask(bytes: Buffer, envelope: Envelope): string | undefined {
  return decodeString(bytes, relatedSpan(bytes, envelope));
}

/**
 * For a message of `server`. `request`: of an answer, the client's request; where that asks for a task, the answer holds
 * the id of a new one.
 */
export function exposedTaskEdits(
  bytes: Buffer,
  envelope: Envelope,
  server: string,
  tasks: TaskTable,
  request?: Envelope,
): readonly Edit[] {
  const { resultSpan, paramsSpan, method } = envelope;
  const made = request?.params?.task ? findPath(bytes, resultSpan, 'task', 'taskId') : undefined;
  const told = method === 'notifications/tasks/status' ? findMember(bytes, paramsSpan, 'taskId') : undefined;
  // Its status may be told before the answer is there.
  const own = decodeString(bytes, made ?? told);
  if (own !== undefined) tasks.learn(server, own);
  if (!tasks.hasMapped(server)) return NO_EDITS;
  const edits: Edit[] = [];
  const asked = request?.method?.startsWith('tasks/') ? findMember(bytes, resultSpan, 'taskId') : undefined;
  for (const span of [made, told, asked, relatedSpan(bytes, envelope)]) {
    const id = decodeString(bytes, span);
    if (id === undefined) continue;
    const exposed = tasks.exposed(server, id);
    if (exposed !== id) edits.push({ span: span!, text: JSON.stringify(exposed) });
  }
  return edits;
}

/** For a message of the client to `server` that may say to which task it belongs. */
export function ownTaskEdits(bytes: Buffer, envelope: Envelope, server: string, tasks: TaskTable): readonly Edit[] {
  if (!tasks.hasMapped(server)) return NO_EDITS;
  const span = relatedSpan(bytes, envelope);
  const id = decodeString(bytes, span);
  const owner = id === undefined ? undefined : tasks.ownerOf(id);
  return owner?.server === server && owner.own !== id ? [{ span: span!, text: JSON.stringify(owner.own) }] : NO_EDITS;
}
