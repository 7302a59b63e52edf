/** Owns which server a task belongs to (MCP 2025-11-25, tasks). Bounded per server: of one that makes tasks for ever the oldest are forgotten. */

const MAX_PER_SERVER = 5000;

export class TaskTable {
  readonly #owners = new Map<string, string>();
  /** Tasks by server, oldest first. */
  readonly #tasks = new Map<string, Set<string>>();

  constructor(private readonly maxPerServer = MAX_PER_SERVER) {}

  set(task: string, server: string): void {
    const before = this.#owners.get(task);
    if (before !== undefined && before !== server) this.#tasks.get(before)?.delete(task);
    this.#owners.set(task, server);
    let tasks = this.#tasks.get(server);
    if (!tasks) this.#tasks.set(server, (tasks = new Set()));
    tasks.add(task);
    if (tasks.size <= this.maxPerServer) return;
    const [oldest] = tasks;
    tasks.delete(oldest!);
    this.#owners.delete(oldest!);
  }

  ownerOf(task: string): string | undefined {
    return this.#owners.get(task);
  }
}
