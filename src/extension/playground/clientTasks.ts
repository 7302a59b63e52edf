/**
 * Owns the tasks a server makes of its own requests to the client (MCP 2025-11-25, basic/utilities/tasks): sampling and
 * elicitation that the server polls for instead of waiting. One table per session; bounded, and forgotten with it.
 */
import { INVALID_PARAMS } from '../mcp/messages';
import type { Clock } from '../util/clock';
import { memberString } from './jsonText';

const MAX_TASKS = 100;
const POLL_INTERVAL_MS = 500;

type Status = 'input_required' | 'completed' | 'failed' | 'cancelled';

/** What a request is answered with: a result as JSON text, or an error. */
export type Reply = { readonly result: string } | { readonly code: number; readonly message: string };

interface ClientTask {
  readonly id: string;
  readonly createdMs: number;
  readonly ttl: number | null;
  status: Status;
  updatedMs: number;
  reply: Reply | undefined;
  /** Answers `tasks/result` requests that wait for the end. */
  readonly waiting: ((reply: Reply) => void)[];
  /** The person need not answer any more. */
  readonly onCancel: () => void;
}

export class ClientTasks {
  readonly #tasks = new Map<string, ClientTask>();
  #number = 0;

  constructor(private readonly clock: Clock) {}

  /** Makes a task of a request; gives its id and the result that tells the server of it. */
  create(ttl: unknown, onCancel: () => void): { readonly id: string; readonly result: string } | undefined {
    this.#sweep();
    if (this.#tasks.size >= MAX_TASKS) return undefined;
    const now = this.clock.wallMs();
    const task: ClientTask = {
      id: `playground-task-${++this.#number}`,
      createdMs: now,
      ttl: typeof ttl === 'number' && ttl >= 0 ? ttl : null,
      // A person has to do something.
      status: 'input_required',
      updatedMs: now,
      reply: undefined,
      waiting: [],
      onCancel,
    };
    this.#tasks.set(task.id, task);
    return { id: task.id, result: `{"task":${JSON.stringify(describe(task))}}` };
  }

  finish(id: string, reply: Reply): void {
    const task = this.#tasks.get(id);
    if (task && !task.reply) this.#end(task, 'result' in reply ? 'completed' : 'failed', reply);
  }

  /** Answers `tasks/*`; `undefined`: another method. */
  answer(method: string, params: string, respond: (reply: Reply) => void): boolean {
    if (method === 'tasks/list') {
      respond({ result: JSON.stringify({ tasks: [...this.#tasks.values()].map(describe) }) });
      return true;
    }
    if (method !== 'tasks/get' && method !== 'tasks/result' && method !== 'tasks/cancel') return false;
    const task = this.#tasks.get(memberString(params, 'taskId') ?? '');
    if (!task) {
      respond({ code: INVALID_PARAMS, message: 'There is no such task.' });
      return true;
    }
    if (method === 'tasks/result') {
      const reply = (given: Reply): void => respond('result' in given ? { result: withRelatedTask(given.result, task.id) } : given);
      if (task.reply) reply(task.reply);
      else task.waiting.push(reply);
      return true;
    }
    if (method === 'tasks/cancel') {
      if (task.reply) {
        respond({ code: INVALID_PARAMS, message: `The task is ${task.status} already.` });
        return true;
      }
      this.#end(task, 'cancelled', { code: -32800, message: 'The task was cancelled.' });
      task.onCancel();
    }
    respond({ result: JSON.stringify(describe(task)) });
    return true;
  }

  #end(task: ClientTask, status: Status, reply: Reply): void {
    task.status = status;
    task.updatedMs = this.clock.wallMs();
    task.reply = reply;
    for (const respond of task.waiting.splice(0)) respond(reply);
  }

  #sweep(): void {
    const now = this.clock.wallMs();
    for (const [id, { reply, ttl, createdMs }] of this.#tasks) if (reply && ttl !== null && createdMs + ttl < now) this.#tasks.delete(id);
    for (const [id, { reply }] of this.#tasks) if (reply && this.#tasks.size >= MAX_TASKS) this.#tasks.delete(id);
  }
}

function describe({ id, status, createdMs, updatedMs, ttl }: ClientTask): Record<string, unknown> {
  return {
    taskId: id,
    status,
    createdAt: new Date(createdMs).toISOString(),
    lastUpdatedAt: new Date(updatedMs).toISOString(),
    ttl,
    pollInterval: POLL_INTERVAL_MS,
  };
}

/** Results of tasks name their task in `_meta`. */
function withRelatedTask(result: string, taskId: string): string {
  const meta = `"_meta":{"io.modelcontextprotocol/related-task":{"taskId":${JSON.stringify(taskId)}}}`;
  const body = result.trim();
  // A result that has a `_meta` of its own is sent as the person wrote it.
  if (!body.startsWith('{') || /"_meta"\s*:/.test(body)) return result;
  return body === '{}' ? `{${meta}}` : `{${meta},${body.slice(1)}`;
}
