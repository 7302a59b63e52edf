/** Owns finding values in JSON text that look like secrets, by the same rules that keep them out of the audit log. */
import { isJsonObject, tryParseJson } from '../util/json';
import { isVariable } from './variables';

const MAX_LEAVES = 10_000;
const MAX_FOUND = 20;
const MAX_DEPTH = 100;

/** JSON Pointers of values that look like secrets. A variable in place of a value is none. */
export function secretPaths(json: string, redact: (text: string) => string): string[] {
  const found: string[] = [];
  let leaves = 0;
  const visit = (value: unknown, pointer: string, key: string, depth: number): void => {
    if (found.length >= MAX_FOUND || leaves > MAX_LEAVES || depth > MAX_DEPTH) return;
    if (Array.isArray(value)) value.forEach((one, k) => visit(one, `${pointer}/${k}`, key, depth + 1));
    else if (isJsonObject(value as never)) {
      for (const [name, one] of Object.entries(value as Record<string, unknown>)) {
        visit(one, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, name, depth + 1);
      }
    } else if (typeof value === 'string' && value !== '' && !isVariable(value)) {
      leaves++;
      const text = JSON.stringify({ [key]: value });
      if (redact(text) !== text) found.push(pointer);
    }
  };
  visit(tryParseJson(json), '', 'value', 0);
  return found;
}
