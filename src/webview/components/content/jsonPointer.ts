/** Owns the way from a JSON Pointer (RFC 6901) to a place of a JSON tree and to the value there. Pure. */
import type { JsonValue } from '../../../extension/util/json';
import type { JsonMatch } from '../jsonFind';
import { ROOT_PATH, step } from '../jsonTreeModel';

export function pointerSteps(pointer: string): string[] {
  return pointer === '' ? [] : pointer.split('/').slice(1).map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The place in a tree of the value itself. */
export function treePlace(pointer: string): JsonMatch {
  const parents: string[] = [];
  let path = ROOT_PATH;
  for (const key of pointerSteps(pointer)) {
    parents.push(path);
    path = step(path, key);
  }
  return { path, parents };
}

export function valueAt(value: JsonValue | undefined, pointer: string): JsonValue | undefined {
  let at = value;
  for (const key of pointerSteps(pointer)) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, JsonValue | undefined>)[key];
  }
  return at;
}
