/**
 * Owns when damaged segments are read as far as that can be done: each once, whoever comes upon the damage meanwhile, and no more of
 * them than there is memory for.
 */
import { join } from 'node:path';
import { missingWords } from '../storeStatus';
import type { NoteBook } from './notes';
import { salvage } from './salvage';
import type { SalvagedSegment } from './salvagedSegment';
import type { SqlEngine } from './sqlEngine';

/** Of all of them together, bytes. */
const mostBytes = 256 << 20;

export interface DamagedSegmentsOptions {
  readonly dir: string;
  readonly engine: SqlEngine;
  readonly notes: NoteBook;
  readonly breathe: () => Promise<void>;
  readonly warn: (message: string) => void;
}

/** `reason`: why there is none. */
export type SalvageResult = { readonly segment: SalvagedSegment; readonly reason?: undefined } | { readonly segment?: undefined; readonly reason: unknown };

export class DamagedSegments {
  readonly #underWay = new Map<string, Promise<SalvageResult>>();

  constructor(private readonly options: DamagedSegmentsOptions) {}

  isUnderWay(name: string): boolean {
    return this.#underWay.has(name);
  }

  /** `fault`: what is wrong with the file; `bytes`: what others take already. All who ask meanwhile get the same. Never rejects. */
  salvage(name: string, fault: string, bytes: number): Promise<SalvageResult> {
    let result = this.#underWay.get(name);
    if (!result) {
      result = this.#salvage(name, fault, bytes).finally(() => this.#underWay.delete(name));
      this.#underWay.set(name, result);
    }
    return result;
  }

  async #salvage(name: string, fault: string, bytes: number): Promise<SalvageResult> {
    const { dir, warn } = this.options;
    try {
      const segment = await salvage({ ...this.options, path: join(dir, name), mostBytes: mostBytes - bytes });
      if (!segment) return { reason: new Error(fault) };
      warn(`${name} is damaged (${fault}). What can be read of it is shown. ${missingWords([segment.missing])}`);
      return { segment };
    } catch (reason) {
      return { reason };
    }
  }
}
