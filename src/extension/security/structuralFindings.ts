/**
 * Owns what the local checks found in the form of one server's tools, for the policy that blocks such tools: looked at once per
 * version, bounded, and never a reason to let one through that could not be looked at.
 */
import type { Buffer } from 'node:buffer';
import { messageOf } from '../util/errors';
import { tryParseJson } from '../util/json';
import type { Logger } from '../util/logger';
import type { Scanner } from './scanner';

/** Clean ones that are remembered; the oldest go first, and are looked at again when they are listed again. */
const MAX_CLEAN = 10_000;
/** Tools with findings are remembered for good, up to here; what is not known after that counts as found. */
const MAX_FOUND = 10_000;

export class StructuralFindings {
  /** By tool and hash. */
  readonly #clean = new Set<string>();
  readonly #found = new Map<string, string>();

  constructor(
    private readonly server: string,
    private readonly scanner: Pick<Scanner, 'definition'> | undefined,
    private readonly logger: Logger,
  ) {}

  /**
   * The first one in words, or that the tool has to be listed once more; `undefined`: there is none. `bytes`: the definition,
   * where it is at hand. A tool that no list ever named (`hash` empty) has no definition to find something in.
   */
  of(tool: string, hash: string, bytes: Buffer | undefined): string | undefined {
    if (hash === '') return undefined;
    const key = `${tool}\n${hash}`;
    const known = this.#found.get(key);
    if (known !== undefined || this.#clean.has(key)) return known;
    if (!bytes) return 'its definition has to be listed and checked again';
    const finding = this.#look(tool, bytes);
    if (finding === undefined) {
      this.#clean.add(key);
      if (this.#clean.size > MAX_CLEAN) this.#clean.delete(this.#clean.values().next().value ?? '');
    } else if (this.#found.size < MAX_FOUND) this.#found.set(key, finding);
    return finding;
  }

  #look(tool: string, bytes: Buffer): string | undefined {
    try {
      const value = tryParseJson(bytes.toString('utf8'));
      const hit = this.scanner?.definition(this.server, 'tool', value).find(({ tier }) => tier === 'structural');
      return hit && `${hit.rule} (${hit.message.replace(/\.$/, '')})`;
    } catch (error) {
      this.logger.warn(`Tool "${tool.slice(0, 100)}" of server "${this.server}" could not be checked: ${messageOf(error)}`);
      return 'it could not be checked';
    }
  }
}
