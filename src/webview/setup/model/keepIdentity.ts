/**
 * Owns taking over a new snapshot while what is equal keeps the identity it had, so that rows of a long list whose server
 * has not changed are not drawn again. Pure; for plain values such as messages carry.
 */

/** `after`, with every part that equals the one at the same place of `before` replaced by that. */
export function keepIdentity<T>(before: unknown, after: T): T {
  if (Object.is(before, after)) return after;
  if (typeof before !== 'object' || typeof after !== 'object' || before === null || after === null) return after;
  if (Array.isArray(before) !== Array.isArray(after)) return after;
  return Array.isArray(after) ? (keptList(before as readonly unknown[], after) as T) : (keptObject(before as Plain, after as Plain) as T);
}

type Plain = Readonly<Record<string, unknown>>;

function keptList(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  // Servers and definitions are known by id or name: one that comes first must not make all others new.
  const byKey = new Map(before.flatMap((item) => (keyOf(item) === undefined ? [] : [[keyOf(item), item] as const])));
  const kept = after.map((item, index) => keepIdentity(byKey.get(keyOf(item)) ?? before[index], item));
  return kept.length === before.length && kept.every((item, index) => item === before[index]) ? before : kept;
}

function keptObject(before: Plain, after: Plain): Plain {
  const names = Object.keys(after);
  const kept = Object.fromEntries(names.map((name) => [name, keepIdentity(before[name], after[name])]));
  return names.length === Object.keys(before).length && names.every((name) => Object.hasOwn(before, name) && kept[name] === before[name]) ? before : kept;
}

function keyOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const { id, kind, name } = item as Plain;
  if (typeof id === 'string') return id;
  return typeof name === 'string' ? `${String(kind)} ${name}` : undefined;
}
