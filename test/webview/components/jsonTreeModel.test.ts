/** The rows of a JSON tree, including the values that would break a recursive or eager one. */
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../src/extension/util/json';
import { jsonRows, ROOT_PATH, step } from '../../../src/webview/components/jsonTreeModel';

const all = (): boolean => true;
const none = (): boolean => false;

describe('jsonRows', () => {
  it('lists open nodes in order with their depth', () => {
    const rows = jsonRows({ a: [1, null], b: 'x' }, all);
    expect(rows.map((row) => `${row.depth} ${row.key ?? ''} ${row.kind} ${row.text}`)).toEqual([
      '0  object ',
      '1 a array ',
      '2 0 number 1',
      '2 1 null null',
      '1 b string x',
    ]);
  });

  it('shows only the root of a closed tree', () => expect(jsonRows({ a: { b: 1 } }, none)).toHaveLength(1));

  it('does not offer to open what is empty', () => {
    expect(jsonRows([{}, []], all).slice(1).map((row) => row.isExpandable)).toEqual([false, false]);
  });

  it('gives keys that look alike different paths', () => {
    const rows = jsonRows({ 'a\0b': 1, a: { b: 2 } }, all);
    expect(new Set(rows.map((row) => row.path)).size).toBe(rows.length);
    expect(step(ROOT_PATH, 'a\0b')).not.toBe(step(step(ROOT_PATH, 'a'), 'b'));
  });

  it('opens a long string into its lines', () => {
    const rows = jsonRows('first\nsecond', all);
    expect(rows.slice(1).map((row) => row.text)).toEqual(['first', 'second']);
    expect(jsonRows('first\nsecond', (_, depth) => depth < 4)).toHaveLength(1);
  });

  it('survives nesting ten thousand deep', () => {
    const deep = JSON.parse(`${'['.repeat(10_000)}${']'.repeat(10_000)}`) as JsonValue;
    expect(jsonRows(deep, (_, depth) => depth < 4)).toHaveLength(5);
    expect(jsonRows(deep, all)).toHaveLength(10_000);
  });

  it('cuts a list of a million items and says how many are left', () => {
    const rows = jsonRows(Array.from({ length: 1_000_000 }, () => 0), all);
    expect(rows).toHaveLength(10_002);
    expect(rows.at(-1)).toMatchObject({ kind: 'more', size: 990_000 });
  });

  it('keeps own keys that are called like prototype members', () => {
    const rows = jsonRows(JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}') as JsonValue, all);
    expect(rows.map((row) => row.key)).toEqual([undefined, '__proto__', 'x', 'constructor']);
  });
});
