/** Owns when each item of a server's catalogue was used last, by the Playground or by anybody else, as the audit log has it. */
import { CATALOG_KINDS, type CatalogKind } from '../contract/playgroundCatalog';
import { matchUriTemplate } from '../mcp/uriTemplate';
import type { Clock } from '../util/clock';
import type { ServerCatalog } from './catalog';
import { METHODS } from './messages';
import type { RecordedCalls } from './ports';

/** Times closer together are of one use: a run begins a little before its request is recorded. */
const SAME_USE_MS = 1_000;
/** What was recorded shortly before it was asked for last may have been filed since. */
const OVERLAP_MS = 60_000;
const MAX_TEMPLATES = 100;

export interface LastUsedOptions {
  readonly server: string;
  readonly catalog: Pick<ServerCatalog, 'find' | 'templates'>;
  readonly calls: Pick<RecordedCalls, 'lastUses'>;
  readonly clock: Clock;
}

export class LastUsed {
  /** Unix epoch, milliseconds, by kind and name. */
  readonly #times = new Map<string, number>();
  #askedMs: number | undefined;

  constructor(private readonly options: LastUsedOptions) {}

  of(kind: CatalogKind, name: string): number | undefined {
    return this.#times.get(`${kind} ${name}`);
  }

  /** An item was used at this time; a resource may be one of a template's. */
  used(kind: CatalogKind, name: string, timeMs: number): void {
    for (const [of, item] of this.#itemsOf(kind, name)) if (timeMs > (this.of(of, item) ?? -Infinity) - SAME_USE_MS) this.#times.set(`${of} ${item}`, timeMs);
  }

  /** Asks the audit log, the first time for all it has, then for what is new. Gives whether anything was used since. Never rejects. */
  async learn(isAll: boolean): Promise<boolean> {
    const { server, calls, clock } = this.options;
    const sinceMs = isAll || this.#askedMs === undefined ? undefined : this.#askedMs - OVERLAP_MS;
    const nowMs = clock.wallMs();
    const uses = await calls.lastUses(server, sinceMs).catch(() => undefined);
    if (!uses) return false;
    this.#askedMs = nowMs;
    let isNews = false;
    for (const { method, name, timeMs } of uses) {
      const kind = CATALOG_KINDS.find((one) => METHODS[one] === method);
      if (!kind || name === undefined) continue;
      for (const [of, item] of this.#itemsOf(kind, name)) {
        if (timeMs < (this.of(of, item) ?? -Infinity) + SAME_USE_MS) continue;
        this.#times.set(`${of} ${item}`, timeMs);
        isNews = true;
      }
    }
    return isNews;
  }

  *#itemsOf(kind: CatalogKind, name: string): Iterable<readonly [CatalogKind, string]> {
    yield [kind, name];
    const { catalog } = this.options;
    if (kind !== 'resource' || catalog.find('resource', name)) return;
    let checked = 0;
    for (const { name: template } of catalog.templates()) {
      if (++checked > MAX_TEMPLATES) return;
      if (matchUriTemplate(template, name) !== undefined) yield ['template', template];
    }
  }
}
