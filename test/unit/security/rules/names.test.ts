import { describe, expect, it } from 'vitest';
import { lookAlikeName } from '../../../../src/extension/security/rules/lookAlikeName';
import { hitsOf } from './ruleFixture';

describe('names that look like others', () => {
  it.each(['re\u0430d_file', 's\u03bfrt', '\uff52ead', '\u{1d42b}ead'])('are found: %s', (name) => {
    const [hit] = hitsOf(lookAlikeName, { name });
    expect(hit?.pointer).toBe('/name');
    expect(hit?.excerpt).toMatch(/\\u\{/);
  });

  it.each(['read_file', 'прочитать_файл', '読む', 'café', 'read_файл'])('are not found where each word has one script: %s', (name) => {
    expect(hitsOf(lookAlikeName, { name })).toEqual([]);
  });

  it('are found among parameters, and not in prose', () => {
    expect(hitsOf(lookAlikeName, { name: 'a', description: 'μs and re\u0430d', inputSchema: { properties: { 'p\u0430th': {} } } })).toHaveLength(1);
  });
});
