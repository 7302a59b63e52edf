/**
 * Owns what the local checks found in the form of one server's tools, for the policy that blocks such tools: looked at once per
 * version, bounded, and never a reason to let one through that could not be looked at.
 */
import type { Buffer } from 'node:buffer';
import { messageOf } from '../util/errors';
import { tryParseJson } from '../util/json';
import type { Logger } from '../util/logger';
import type { Scanner } from './scanner';

const MAX_KNOWN = 10_000;

export class StructuralFindings {
  /** By tool and hash. */
  readonly #known = new Map<string, string | undefined>();

  constructor(
    private readonly server: string,
    private readonly scanner: Pick<Scanner, 'definition'> | undefined,
    private readonly logger: Logger,
  ) {}

  /** The first one in words; `undefined`: there is none, or it was never looked at and `bytes` (the definition) are not given. */
  of(tool: string, hash: string, bytes: Buffer | undefined): string | undefined {
    const key = `${tool}\n${hash}`;
    if (this.#known.has(key) || !bytes) return this.#known.get(key);
    const finding = this.#look(tool, bytes);
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(key, finding);
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
