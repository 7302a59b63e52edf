/**
 * Owns finding tools that take another server's place: the same or a confusable name with nearly the same description,
 * or nearly the same long description under another name. Pairs are found by buckets, so many tools stay cheap.
 */
import type { CatalogEntry, CatalogHit, CatalogRule } from '../findings';
import { foldName, foldText } from '../fold';
import { shownName } from '../visible';

/** Share of common words from which two descriptions say the same. */
const NEAR = 0.75;
const SAME = 0.9;
/** Shorter descriptions say the same by chance. */
const LEAST_WORDS = 6;
/** Looked at in one bucket; what is alike beyond this has been told. */
const MOST = 40;

interface Item {
  readonly entry: CatalogEntry;
  readonly name: string;
  readonly words: ReadonlySet<string>;
}

export const clone: CatalogRule = {
  id: 'catalog.clone',
  tier: 'structural',
  *check(entries, identities) {
    const told = new Set<CatalogEntry>();
    const buckets = new Map<string, Item[]>();
    for (const entry of entries) {
      if (entry.ref.kind !== 'tool') continue;
      const item: Item = { entry, name: foldName(entry.ref.name), words: wordsIn(entry.texts.description) };
      for (const key of keysOf(item)) {
        const bucket = buckets.get(key) ?? [];
        buckets.set(key, bucket);
        for (const other of bucket.slice(0, MOST)) {
          if (told.has(entry) || isSameProgram(entry, other.entry, identities)) continue;
          const hit = compare(item, other);
          if (!hit) continue;
          told.add(entry);
          yield hit;
        }
        bucket.push(item);
      }
    }
  },
};

/** The same server configured twice lists the same definitions twice. */
function isSameProgram(a: CatalogEntry, b: CatalogEntry, identities: ReadonlyMap<string, string | undefined>): boolean {
  if (a.ref.server === b.ref.server) return true;
  const identity = identities.get(a.ref.server);
  return identity !== undefined && identity === identities.get(b.ref.server) && a.hash !== undefined && a.hash === b.hash;
}

function compare(item: Item, other: Item): CatalogHit | undefined {
  const share = shareOf(item.words, other.words);
  const isSameName = item.name === other.name;
  const isNearName = isSameName || isOneEditApart(item.name, other.name);
  const enough = Math.min(item.words.size, other.words.size) >= LEAST_WORDS;
  const { ref } = other.entry;
  const there = `"${shownName(ref.name)}" of server "${shownName(ref.server)}"`;
  const about = { entry: item.entry, related: ref, severity: 'high' as const };
  if (isNearName && (share >= NEAR || (share === 1 && item.words.size > 0))) {
    const how = isSameName ? 'the name and description' : 'nearly the name, and the description,';
    return { ...about, message: `This tool has ${how} of ${there}: a call meant for that one can end up here.`, pointer: '/name' };
  }
  if (enough && share >= SAME) return { ...about, message: `This tool has the description of ${there} under another name: a call meant for that one can end up here.`, pointer: '/description' };
  return undefined;
}

function wordsIn(description: string): ReadonlySet<string> {
  return new Set(foldText(description.slice(0, 20_000)).split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '').slice(0, 2000));
}

function shareOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 || b.size === 0) return 0;
  let common = 0;
  for (const word of a) if (b.has(word)) common++;
  return common / (a.size + b.size - common);
}

/** Two items that are to be compared share at least one key, but for rare luck with the words. */
function* keysOf({ name, words }: Item): Iterable<string> {
  // A name, and it without each of its characters: names one edit apart share one of these.
  const short = name.slice(0, 80);
  yield `n:${short}`;
  if (short.length >= 6) for (const key of new Set([...short].map((_char, i) => `n:${short.slice(0, i)}${short.slice(i + 1)}`))) yield key;
  if (words.size < LEAST_WORDS) return;
  // The smallest hashes of the words under several orders: sets that share most words share most of these.
  for (let order = 0; order < 12; order++) yield `w${order}:${smallest(words, order)}`;
}

function smallest(words: ReadonlySet<string>, order: number): number {
  let least = Infinity;
  for (const word of words) {
    let hash = 0x811c9dc5 ^ Math.imul(order + 1, 0x9e3779b1);
    for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
    least = Math.min(least, (hash ^ (hash >>> 13)) >>> 0);
  }
  return least;
}

function isOneEditApart(a: string, b: string): boolean {
  if (Math.min(a.length, b.length) < 6 || Math.abs(a.length - b.length) > 1) return false;
  let i = 0;
  while (i < a.length && i < b.length && a[i] === b[i]) i++;
  const restA = a.slice(i);
  const restB = b.slice(i);
  return restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1);
}
