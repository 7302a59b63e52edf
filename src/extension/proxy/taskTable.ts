/**
 * Owns which server a task belongs to (MCP 2025-11-25, tasks), and what clients call it. Ids are passed on as they are;
 * only where two servers give the same one the first keeps it and the others' are marked, as with URIs. Bounded per
 * server: of one that makes tasks for ever the oldest are forgotten.
 */

const MAX_PER_SERVER = 5000;

export interface TaskOwner {
  readonly server: string;
  /** The id as the server knows it. */
  readonly own: string;
}

export class TaskTable {
  readonly #owners = new Map<string, TaskOwner>();
  /** Exposed ids by server and own id, oldest first. */
  readonly #tasks = new Map<string, Map<string, string>>();
  /** How many of a server's tasks clients know by another id. */
  readonly #mapped = new Map<string, number>();

  constructor(private readonly maxPerServer = MAX_PER_SERVER) {}

  /** Enters a task; gives the id that clients are to see. */
  learn(server: string, own: string): string {
    let tasks = this.#tasks.get(server);
    if (!tasks) this.#tasks.set(server, (tasks = new Map()));
    const known = tasks.get(own);
    if (known !== undefined) return known;
    let exposed = own;
    // A server could give an id that looks like another's marked one.
    for (let k = 1; this.#owners.has(exposed); k++) exposed = `${own}#mcp-shark=${encodeURIComponent(server)}${k === 1 ? '' : `~${k}`}`;
    tasks.set(own, exposed);
    this.#owners.set(exposed, { server, own });
    if (exposed !== own) this.#count(server, 1);
    if (tasks.size > this.maxPerServer) this.#forgetOldest(server, tasks);
    return exposed;
  }

  /** Whose task a client names. */
  ownerOf(exposed: string): TaskOwner | undefined {
    return this.#owners.get(exposed);
  }

  /** What clients call a server's task; its own id where that is not mapped. */
  exposed(server: string, own: string): string {
    return this.#tasks.get(server)?.get(own) ?? own;
  }

  /** Whether any task of the server is mapped; where none is, its messages need not be looked at. */
  hasMapped(server: string): boolean {
    return this.#mapped.has(server);
  }

  #forgetOldest(server: string, tasks: Map<string, string>): void {
    const [oldest] = tasks;
    if (!oldest) return;
    const [own, exposed] = oldest;
    tasks.delete(own);
    this.#owners.delete(exposed);
    if (exposed !== own) this.#count(server, -1);
  }

  #count(server: string, by: number): void {
    const count = (this.#mapped.get(server) ?? 0) + by;
    if (count > 0) this.#mapped.set(server, count);
    else this.#mapped.delete(server);
  }
}
