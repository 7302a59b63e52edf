/**
 * Owns whether a call of a tool may go to its server: asks the session's definitions, has the server list its tools first
 * where policy needs to know what it calls, and records each refusal. Where the list does not come, the call is refused:
 * a policy that blocks must not be got around by silence.
 */
import type { Rule } from '../security/policy';
import { ListReading } from './catalogPages';
import type { ConnectionContext } from './connectionTypes';
import { UNKNOWN } from './definitionWatch';
import type { Frame } from './frame';
import { settledWithin } from './grace';
import type { UpstreamConnection } from './upstreamConnection';

export interface Refusal {
  readonly message: string;
  /** For the error's `data`. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** A server has this long to list its tools before a call is refused for want of them. */
const LIST_LIMIT_MS = 10_000;

export class Admission {
  /** Lists under way, so that many calls ask once. */
  readonly #listing = new Map<UpstreamConnection, Promise<boolean>>();

  constructor(private readonly context: ConnectionContext) {}

  /** `done` is called with why the call is refused, or with nothing; at once where nothing must be listed. */
  ask(connection: UpstreamConnection, frame: Frame, name: string, done: (refusal: Refusal | undefined) => void): void {
    const params = frame.envelope.paramsSpan;
    const rule = connection.definitions.refusal(frame.bytes, params, name);
    if (rule !== UNKNOWN) {
      done(rule && this.#refuse(connection, frame, name, rule));
      return;
    }
    void this.#list(connection, frame.number).then((isListed) => {
      // One that is not there says so itself.
      if (!isListed && !connection.isReady) {
        done(undefined);
        return;
      }
      const again = connection.definitions.refusal(frame.bytes, params, name);
      const now = again === UNKNOWN ? (isListed ? connection.definitions.unlisted(name) : notListed(connection.name)) : again;
      done(now && this.#refuse(connection, frame, name, now));
    });
  }

  #refuse(connection: UpstreamConnection, frame: Frame, tool: string, { rule, pattern, message }: Rule): Refusal {
    const data = { blockedBy: 'mcp-shark', rule, ...(pattern === undefined ? {} : { pattern }), server: connection.name };
    this.context.recorder.event({
      type: 'policy.blocked',
      session: this.context.session,
      server: connection.name,
      data: { tool: tool.slice(0, 500), rule, pattern, frame: frame.number },
    });
    return { message, data };
  }

  #list(connection: UpstreamConnection, cause: number): Promise<boolean> {
    const known = this.#listing.get(connection);
    if (known) return known;
    // Read for the connection to see them pass.
    const { pages } = new ListReading(connection, { method: 'tools/list', cause });
    const job = settledWithin([pages], { afterFirstMs: 0, totalMs: LIST_LIMIT_MS }, this.context.clock)
      .then(([read]) => read?.isWhole ?? false)
      .finally(() => this.#listing.delete(connection));
    this.#listing.set(connection, job);
    return job;
  }
}

function notListed(server: string): Rule {
  const message = `MCP Shark refused the call: server "${server}" did not list its tools, and policy blocks tools that are new or changed (mcpShark.policy.tools).`;
  return { rule: 'mcpShark.policy.tools', refuses: true, message };
}
