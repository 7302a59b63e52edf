/** Qualified names: legal, short, stable, and never shared by two tools. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_NAME_LENGTH, NameTable, qualifiedName } from '../../../src/extension/mcp/names';

describe('qualifiedName', () => {
  it('joins server and tool where that is legal, short and can be read in one way only', () => {
    expect(qualifiedName('github', 'create_issue')).toBe('github__create_issue');
    expect(qualifiedName('a', 'b__c')).toBe('a__b__c');
    expect(qualifiedName('a', '_b')).toBe('a___b');
  });

  it.each([
    ['a separator in the server', 'a__b', 'c', /^a__b__c_[0-9a-z]{6}$/],
    ['an underscore at the end of the server', 'a_', 'b', /^a___b_[0-9a-z]{6}$/],
    ['a dot', 'a', 'b.c', /^a__b_c_[0-9a-z]{6}$/],
    ['other letters', 'é', '工具', /^___[_]*_[0-9a-z]{6}$/],
  ])('adds a hash for %s', (_name, server, own, expected) => {
    expect(qualifiedName(server, own)).toMatch(expected);
  });

  it('keeps the tool readable where the server has a long name', () => {
    expect(qualifiedName('a-server-with-quite-a-long-name-indeed', 'create_issue')).toContain('__create_issue_');
  });

  it('leaves room for the prefix that VS Code adds within 64 characters', () => {
    expect(MAX_NAME_LENGTH + 'mcp_'.length + 14).toBeLessThanOrEqual(64);
  });
});

const word = fc.oneof(
  fc.constantFrom('a', 'b', 'a__b', 'b__c', '_', '__', 'a_', 'tool.name', 'tool_name', 'x'.repeat(50), 'x'.repeat(51)),
  fc.string({ unit: 'grapheme', minLength: 0, maxLength: 80 }),
);

describe('NameTable', () => {
  it('gives every pair a legal name of its own and finds the way back', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(word, word), { selector: (pair) => JSON.stringify(pair), maxLength: 40 }), (pairs) => {
        const table = new NameTable();
        const names = pairs.map(([server, own]) => table.nameFor(server, own));
        expect(new Set(names).size).toBe(pairs.length);
        names.forEach((name, k) => {
          expect(name).toMatch(/^[A-Za-z0-9_-]+$/);
          expect(name.length).toBeLessThanOrEqual(MAX_NAME_LENGTH);
          expect(table.ownerOf(name)).toEqual({ server: pairs[k]![0], own: pairs[k]![1] });
        });
      }),
      { numRuns: 1000 },
    );
  });

  it('gives the same names whatever the order in which servers come', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(word, word), { selector: (pair) => JSON.stringify(pair), maxLength: 20 }), (pairs) => {
        const one = new NameTable();
        const other = new NameTable();
        const names = new Map(pairs.map((pair) => [pair, one.nameFor(...pair)]));
        for (const pair of [...pairs].reverse()) expect(other.nameFor(...pair)).toBe(names.get(pair));
      }),
    );
  });

  it('keeps a + b__c and a__b + c apart', () => {
    const table = new NameTable();
    const first = table.nameFor('a', 'b__c');
    const second = table.nameFor('a__b', 'c');
    expect(first).not.toBe(second);
    expect(table.ownerOf(first)).toEqual({ server: 'a', own: 'b__c' });
    expect(table.ownerOf(second)).toEqual({ server: 'a__b', own: 'c' });
  });

  it('gives a further name where a listed name happens to equal a made one', () => {
    const table = new NameTable();
    const made = qualifiedName('a', 'b.c');
    expect(table.nameFor('a', made.slice('a__'.length))).toBe(made);
    const other = table.nameFor('a', 'b.c');
    expect(other).not.toBe(made);
    expect(table.ownerOf(other)).toEqual({ server: 'a', own: 'b.c' });
  });

  it('forgets a removed server', () => {
    const table = new NameTable();
    const name = table.nameFor('a', 'b');
    table.forget('a');
    expect(table.ownerOf(name)).toBeUndefined();
  });

  it('tells what a server calls a name, also one that was never listed and needed no suffix', () => {
    const table = new NameTable();
    const long = table.nameFor('github', 'x'.repeat(80));
    table.nameFor('a', 'b__c');
    expect(table.ownName('github', long)).toBe('x'.repeat(80));
    expect(table.ownName('gitlab', long)).toBeUndefined();
    expect(table.ownName('github', 'github__search')).toBe('search');
    expect(table.ownName('github', 'other__search')).toBeUndefined();
    expect(table.ownName('github', 'github__')).toBeUndefined();
    // Told by its table only: the text could be another pair's.
    expect(table.ownName('a__b', 'a__b__c')).toBeUndefined();
  });
});
