/**
 * Owns the names clients see on the aggregate: `server__tool`. A name is a pure function of server and own name, so it is
 * the same in every session, window and order of start; the way back is a table, never a split. Two pairs never share a
 * name: whatever is changed (illegal characters, length) or could be read in two ways gets a suffix made of its hash.
 */
import { createHash } from 'node:crypto';

const SEPARATOR = '__';

/**
 * Longest qualified name, characters. Model APIs take 64. VS Code puts `mcp_<label>_` before it, 18 characters at most
 * (`McpToolName.MaxPrefixLen`), and cuts what is longer without looking; Claude Code puts `mcp__<server>__`, 16 for
 * `mcp-shark`. 64 - 18.
 */
export const MAX_NAME_LENGTH = 46;

const SUFFIX_LENGTH = 7;

function hashSuffix(server: string, own: string, attempt: number): string {
  const digest = createHash('sha256').update(JSON.stringify([server, own, attempt])).digest();
  let text = '';
  // Base 36 digits of single bytes: slightly uneven, which a 7-digit tie breaker can bear.
  for (let k = 0; k < SUFFIX_LENGTH - 1; k++) text += (digest[k]! % 36).toString(36);
  return `_${text}`;
}

/**
 * The aggregate's name for a server's tool or prompt: at most `MAX_NAME_LENGTH` characters of `[A-Za-z0-9_-]` (what
 * model APIs and VS Code take; MCP 2025-11-25 tool names also allow dots, which VS Code replaces).
 * `attempt` above 0 gives further, different names.
 */
export function qualifiedName(server: string, own: string, attempt = 0): string {
  const plain = server + SEPARATOR + own;
  const clean = plain.replaceAll(/[^A-Za-z0-9_-]/gu, '_');
  // Where the first separator is not the one put in, another pair could give the same text: `a`+`b__c`, `a__b`+`c`.
  const unique = clean === plain && clean.length <= MAX_NAME_LENGTH && plain.indexOf(SEPARATOR) === server.length;
  if (unique && attempt === 0) return plain;
  // The tool's name tells more than the server's: an overlong server name is cut first, to a third at least.
  let prefix = clean.slice(0, server.length);
  const room = MAX_NAME_LENGTH - SUFFIX_LENGTH;
  const rest = clean.slice(server.length);
  if (prefix.length + rest.length > room) prefix = prefix.slice(0, Math.max(Math.floor(room / 3), room - rest.length));
  return (prefix + rest).slice(0, room) + hashSuffix(server, own, attempt);
}

export interface OwnName {
  readonly server: string;
  readonly own: string;
}

/** Both ways between qualified and own names; grows with what servers list. */
export class NameTable {
  readonly #owners = new Map<string, OwnName>();
  readonly #names = new Map<string, Map<string, string>>();

  /** The qualified name, entered into the table on first sight. */
  nameFor(server: string, own: string): string {
    let names = this.#names.get(server);
    if (!names) {
      names = new Map();
      this.#names.set(server, names);
    }
    const known = names.get(own);
    if (known !== undefined) return known;
    for (let attempt = 0; ; attempt++) {
      const name = qualifiedName(server, own, attempt);
      if (this.#owners.has(name)) continue;
      this.#owners.set(name, { server, own });
      names.set(own, name);
      return name;
    }
  }

  /** How many names the server has in the table. */
  countOf(server: string): number {
    return this.#names.get(server)?.size ?? 0;
  }

  /** Whether a server's own name is in the table. */
  has(server: string, own: string): boolean {
    return this.#names.get(server)?.has(own) ?? false;
  }

  /** Whose name it is; `undefined` where no server has listed it. */
  ownerOf(qualified: string): OwnName | undefined {
    return this.#owners.get(qualified);
  }

  /** What the server calls `qualified`: as it was listed, else where the name is one that needed no suffix. */
  ownName(server: string, qualified: string): string | undefined {
    const owner = this.#owners.get(qualified);
    if (owner) return owner.server === server ? owner.own : undefined;
    const own = qualified.slice(server.length + SEPARATOR.length);
    return own !== '' && qualifiedName(server, own) === qualified ? own : undefined;
  }

  /** Forgets what a removed server listed. */
  forget(server: string): void {
    const names = this.#names.get(server);
    if (!names) return;
    this.#names.delete(server);
    for (const name of names.values()) this.#owners.delete(name);
  }
}
