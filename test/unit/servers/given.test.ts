/** What was given for an input stands in none of MCP Shark's own sentences. */
import { describe, expect, it } from 'vitest';
import { withoutGiven, withoutGivenIn } from '../../../src/extension/servers/given';

const given = [
  { value: 'abc/def?ä', placeholder: '${input:key}' },
  { value: 'abc', placeholder: '${input:short}' },
];

describe('a sentence about a server', () => {
  it.each([
    ['no program "/opt/abc/def?ä"', 'no program "/opt/${input:key}"'],
    ['cannot be reached at http://h/abc%2Fdef%3F%C3%A4/mcp', 'cannot be reached at http://h/${input:key}/mcp'],
    ['cannot be reached at http://h/abc/def?%C3%A4', 'cannot be reached at http://h/${input:key}'],
    ['abc is a word', 'abc is a word'],
  ])('%s', (text, expected) => {
    expect(withoutGiven(text, given)).toBe(expected);
  });

  it('keeps its data, but for the values in it', () => {
    const data = { status: 500, body: 'you sent abc/def?ä', nested: [{ n: null }] };
    expect(withoutGivenIn(data, given)).toEqual({ ...data, body: 'you sent ${input:key}' });
    expect(withoutGivenIn(data, undefined)).toBe(data);
    expect(withoutGivenIn(undefined, given)).toBeUndefined();
  });

  it('takes a value for text, whatever it holds', () => {
    expect(withoutGiven('a $& b', [{ value: '$& b', placeholder: '${input:$1}' }])).toBe('a ${input:$1}');
    expect(withoutGiven('half \ud800 pair', [{ value: 'half \ud800', placeholder: '${input:x}' }])).toBe('${input:x} pair');
  });
});
