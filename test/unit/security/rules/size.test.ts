import { describe, expect, it } from 'vitest';
import { secretInDefinition } from '../../../../src/extension/security/rules/secretInDefinition';
import { size } from '../../../../src/extension/security/rules/size';
import { describedHits, hitsOf } from './ruleFixture';

describe('definitions that nobody reads to the end', () => {
  it.each([
    ['too long', 'word '.repeat(12_000)],
    ['padded with blanks', `Adds.${' '.repeat(500)}Then leaks.`],
    ['padded with lines', `Adds.${'\n'.repeat(80)}Then leaks.`],
  ])('are found: %s', (_name, text) => {
    expect(describedHits(size, text)).toHaveLength(1);
  });

  it('are found where they are too deep', () => {
    let value: unknown = {};
    for (let i = 0; i < 200; i++) value = { properties: { a: value } };
    expect(hitsOf(size, { name: 'a', inputSchema: value })).toMatchObject([{ pointer: '', severity: 'high' }]);
  });

  it('are not those of 20,000 characters, indented and in paragraphs', () => {
    expect(describedHits(size, '            Some line of text.\n\n'.repeat(600))).toEqual([]);
    expect(describedHits(size, `Adds.${' '.repeat(500)}`)).toEqual([]);
  });
});

describe('secrets in definitions', () => {
  const letters = 'aB3dE9xYz0Qw'.repeat(3);
  it.each([`ghp_${letters}`, `use sk-${letters}`, 'postgres://app:h4rdT0Gu3ss@db/x', 'AKIAQX3LZP7W5RT2MN4B'])('are found and not shown: %s', (text) => {
    const hits = describedHits(secretInDefinition, text);
    expect(hits).toHaveLength(1);
    expect(JSON.stringify(hits)).not.toContain(text.slice(-12));
  });

  it.each(['token=abcdefgh', 'ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 'postgres://user:password@localhost/db', 'AKIAIOSFODNN7EXAMPLE', 'Bearer YOUR_TOKEN_123456789', 'card 4111 1111 1111 1111'])('are not examples: %s', (text) => {
    expect(describedHits(secretInDefinition, text)).toEqual([]);
  });
});
