/**
 * Owns which server a resource URI belongs to. URIs are passed on as they are; only where two servers list the same one
 * the first keeps it and the others' get a fragment that tells them apart (a prefix would break the scheme). An exposed
 * URI never changes its owner within a table's life.
 */
import { matchUriTemplate } from './uriTemplate';

export interface ResourceOwner {
  readonly server: string;
  /** The URI as the server knows it. */
  readonly uri: string;
}

/** What is learnt of one server: beyond it URIs pass as they are, and are found by asking. */
const MAX_URIS = 20_000;
/** Templates are tried one by one. */
const MAX_TEMPLATES = 1000;

/** `isTaken`: another server may itself have listed what this one's would be called, so numbers are tried until one is free. */
function marked(uri: string, server: string, isTaken: (exposed: string) => boolean): { exposed: string; mark: string } {
  for (let attempt = 1; ; attempt++) {
    const mark = `${uri.includes('#') ? '&' : '#'}mcp-shark=${encodeURIComponent(server)}${attempt === 1 ? '' : `.${attempt}`}`;
    if (!isTaken(uri + mark)) return { exposed: uri + mark, mark };
  }
}

export class ResourceTable {
  readonly #owners = new Map<string, ResourceOwner>();
  readonly #mapped = new Map<string, Map<string, string>>();
  /** Exposed template to owner; a `mark` stands at the end of every URI made from it. */
  readonly #templates = new Map<string, ResourceOwner & { readonly mark: string }>();

  readonly #counts = new Map<string, { uris: number; templates: number }>();

  /** `onFull`: told once of each server that lists more than is learnt. */
  constructor(private readonly onFull: (server: string, limit: number) => void = () => undefined) {}

  #hasRoom(server: string, what: 'uris' | 'templates'): boolean {
    let counts = this.#counts.get(server);
    if (!counts) this.#counts.set(server, (counts = { uris: 0, templates: 0 }));
    const limit = what === 'uris' ? MAX_URIS : MAX_TEMPLATES;
    if (counts[what] < limit) {
      counts[what]++;
      return true;
    }
    if (counts[what] === limit) this.onFull(server, limit);
    counts[what] = limit + 1;
    return false;
  }

  /** Enters a listed URI; gives the URI that clients are to see. */
  learn(server: string, uri: string): string {
    const owner = this.#owners.get(uri);
    if (owner?.server === server) return uri;
    const known = owner && this.#mapped.get(server)?.get(uri);
    if (known !== undefined) return known;
    if (!this.#hasRoom(server, 'uris')) return uri;
    if (!owner) {
      this.#owners.set(uri, { server, uri });
      return uri;
    }
    const { exposed } = marked(uri, server, (taken) => this.#owners.has(taken));
    this.#owners.set(exposed, { server, uri });
    this.#map(server, uri, exposed);
    return exposed;
  }

  /** Enters a listed template; gives the template that clients are to see. */
  learnTemplate(server: string, template: string): string {
    const owner = this.#templates.get(template);
    if (owner?.server === server) return template;
    const isOthers = (taken: string): boolean => {
      const known = this.#templates.get(taken);
      return known !== undefined && (known.server !== server || known.uri !== template);
    };
    const { exposed, mark } = marked(template, server, isOthers);
    if (owner && this.#templates.has(exposed)) return exposed;
    if (!this.#hasRoom(server, 'templates')) return template;
    if (!owner) {
      this.#templates.set(template, { server, uri: template, mark: '' });
      return template;
    }
    this.#templates.set(exposed, { server, uri: template, mark });
    return exposed;
  }

  /** The owner of a URI or of a template that a client names, or that a template gives. */
  ownerOf(exposed: string): ResourceOwner | undefined {
    const known = this.#owners.get(exposed) ?? this.#templates.get(exposed);
    if (known) return known;
    let best: ResourceOwner | undefined;
    let bestScore = -1;
    for (const { server, uri: template, mark } of this.#templates.values()) {
      if (!exposed.endsWith(mark)) continue;
      const uri = mark === '' ? exposed : exposed.slice(0, -mark.length);
      const score = matchUriTemplate(template, uri);
      if (score === undefined || score + mark.length <= bestScore) continue;
      best = { server, uri };
      bestScore = score + mark.length;
    }
    if (best && best.uri !== exposed) this.#map(best.server, best.uri, exposed);
    return best;
  }

  /** What clients call a server's URI; the URI itself where it is not mapped. */
  exposedUri(server: string, uri: string): string {
    return this.#mapped.get(server)?.get(uri) ?? uri;
  }

  /** Whether any URI of the server is mapped; where none is, its messages need not be looked at. */
  hasMapped(server: string): boolean {
    return this.#mapped.has(server);
  }

  /** Forgets what a removed server listed, but for `kept`: exposed URIs that clients hold on to, with the server's own. */
  forget(server: string, kept: Iterable<readonly [exposed: string, uri: string]> = []): void {
    this.#mapped.delete(server);
    this.#counts.delete(server);
    for (const table of [this.#owners, this.#templates]) {
      for (const [exposed, owner] of table) if (owner.server === server) table.delete(exposed);
    }
    for (const [exposed, uri] of kept) {
      this.#owners.set(exposed, { server, uri });
      if (uri !== exposed) this.#map(server, uri, exposed);
    }
  }

  #map(server: string, uri: string, exposed: string): void {
    const uris = this.#mapped.get(server);
    if (uris) uris.set(uri, exposed);
    else this.#mapped.set(server, new Map([[uri, exposed]]));
  }
}
