/**
 * Owns which server's request the client runs as which task (MCP 2025-11-25, tasks of which the client is the receiver).
 * A task is the business of the server that asked for it: no other one hears of it, or can ask for it, not even when that
 * server is gone.
 */
import { cutElements } from '../mcp/cut';
import { decodeString, elementsOf, findMember, findPath, type Edit } from '../mcp/spans';
import type { Frame } from './frame';
import type { UpstreamConnection } from './upstreamConnection';

const MAX_TASKS = 5000;
const ABOUT_ONE_TASK: ReadonlySet<string> = new Set(['tasks/get', 'tasks/result', 'tasks/cancel']);

export class ClientTasks {
  /** Oldest first. */
  readonly #owners = new Map<string, UpstreamConnection>();

  /** The client has answered a request of a server that asked for a task. Whether it has made one. */
  answered(connection: UpstreamConnection, { bytes, envelope }: Frame): boolean {
    const id = decodeString(bytes, findPath(bytes, envelope.resultSpan, 'task', 'taskId'));
    if (id === undefined) return false;
    this.#owners.set(id, connection);
    if (this.#owners.size > MAX_TASKS) {
      const [oldest] = this.#owners.keys();
      this.#owners.delete(oldest!);
    }
    return true;
  }

  /** The server that has asked for a task of the client. */
  ownerOf(id: string): UpstreamConnection | undefined {
    return this.#owners.get(id);
  }

  /** The task of the client that a message is about, and whose it is. */
  taskOf({ bytes, envelope }: Frame): { readonly id: string; readonly owner: UpstreamConnection | undefined } | undefined {
    const id = decodeString(bytes, findMember(bytes, envelope.paramsSpan, 'taskId'));
    return id === undefined ? undefined : { id, owner: this.#owners.get(id) };
  }

  /** The id of another server's task that a server asks the client for. */
  foreign(connection: UpstreamConnection, frame: Frame): string | undefined {
    if (!ABOUT_ONE_TASK.has(frame.envelope.method!)) return undefined;
    const task = this.taskOf(frame);
    return task?.owner && task.owner !== connection ? task.id : undefined;
  }

  /** The edits that take other servers' tasks out of the client's answer to `tasks/list`. */
  cuts(connection: UpstreamConnection, { bytes, envelope }: Frame): Edit[] {
    const items = elementsOf(bytes, findMember(bytes, envelope.resultSpan, 'tasks'));
    return cutElements(items, (k) => {
      const id = decodeString(bytes, findMember(bytes, items[k], 'taskId'));
      const owner = id === undefined ? undefined : this.#owners.get(id);
      return owner !== undefined && owner !== connection;
    });
  }
}
