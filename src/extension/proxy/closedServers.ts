/** Owns which configured servers may not run, why, and which names of tools and prompts are theirs. */
import type { Gate } from '../contract/governance';
import { qualifiedName, type NameTable } from '../mcp/names';
import type { ConfiguredServer } from '../servers/types';

/** Where nobody governs, a server may run that its file does not switch off. */
export function ungoverned({ isDisabled, name }: ConfiguredServer): Gate {
  return isDisabled ? { kind: 'disabled', message: `Server "${name}" is switched off in the configuration.` } : { kind: 'open' };
}

export class ClosedServers {
  readonly #gates: ReadonlyMap<string, Gate>;

  constructor(closed: readonly { readonly server: ConfiguredServer; readonly gate: Gate }[]) {
    this.#gates = new Map(closed.map(({ server, gate }) => [server.name, gate]));
  }

  /** `undefined`: it is not among them. */
  gateOf(server: string): Gate | undefined {
    return this.#gates.get(server);
  }

  messageOf(server: string): string {
    const gate = this.#gates.get(server);
    return gate && 'message' in gate ? gate.message : `Server "${server}" may not run`;
  }

  /**
   * The closed server to which a name on the aggregate belongs: by the table of what was listed before, else (`isPrefix`)
   * by how the names of its tools would begin.
   */
  ownerOf(name: string, isPrefix: boolean, names: NameTable): { readonly server: string; readonly message: string } | undefined {
    if (this.#gates.size === 0) return undefined;
    const owner = names.ownerOf(name)?.server;
    const server = owner ?? (isPrefix ? [...this.#gates.keys()].find((one) => name.startsWith(prefixOf(one))) : undefined);
    return server !== undefined && this.#gates.has(server) ? { server, message: this.messageOf(server) } : undefined;
  }
}

function prefixOf(server: string): string {
  const name = qualifiedName(server, 'x');
  const separator = name.indexOf('__', 1);
  return separator < 0 ? name.slice(0, -1) : name.slice(0, separator + 2);
}
