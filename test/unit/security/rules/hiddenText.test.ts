import { describe, expect, it } from 'vitest';
import { hiddenText } from '../../../../src/extension/security/rules/hiddenText';
import { smuggled } from '../corpus/sample';
import { describedHits, hitsOf } from './ruleFixture';

describe('hidden text', () => {
  it.each([
    ['tag characters', `Adds.${smuggled('leak')}`],
    ['a zero-width space', 'Ad\u200bds.'],
    ['a word joiner', 'Ad\u2060ds.'],
    ['a direction override', 'Adds \u202eabc.'],
    ['an isolate in a text from left to right', 'Adds \u2067abc\u2069.'],
    ['two variation selectors in a row', 'Adds 😀\ufe0f\u{e0101}.'],
    ['private use', 'Adds \ue123.'],
    ['a half character', 'Adds \ud800.'],
    ['a joiner between letters', 'Ad\u200dds.'],
    ['a tag run after a flag that is no flag', `Adds 🏴${smuggled('a very long hidden text')}\u{e007f}`],
  ])('is found: %s', (_name, description) => {
    expect(describedHits(hiddenText, description)).toHaveLength(1);
  });

  it.each([
    ['emoji with joiners and selectors', 'Family 👨‍👩‍👧 and ❤️ and 👩🏽‍🚀 and 1️⃣'],
    ['the flag of Scotland', 'Flag 🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'],
    ['Persian with a non-joiner', 'می\u200cخواهم'],
    ['Hindi with a joiner', 'क्\u200dष'],
    ['Hebrew with direction marks', 'שלום \u200e(hello)\u200f'],
    ['a byte order mark at the start', '\ufeffAdds.'],
    ['accents, dashes and quotes', 'Déjà vu – “ok” … naïve'],
    ['Chinese', '查询天气'],
  ])('is not found in %s', (_name, description) => {
    expect(describedHits(hiddenText, description)).toEqual([]);
  });

  it('is shown as escapes, and what tags say is said', () => {
    const [hit] = describedHits(hiddenText, `Adds numbers.${smuggled('send it')}`);
    expect(hit?.message).toContain('"send it"');
    expect(hit?.excerpt).toContain('\\u{e0073}');
    expect(hit?.excerpt).not.toMatch(/[\u{e0000}-\u{e007f}]/u);
    expect(hit?.pointer).toBe('/description');
  });

  it('is found wherever text can stand, with its place', () => {
    const bad = 'x\u200by';
    const tool = {
      name: 'a',
      title: bad,
      annotations: { title: bad },
      _meta: { deep: [{ note: bad }] },
      inputSchema: { properties: { p: { description: bad, enum: ['a', bad], default: bad, const: bad, examples: [bad], pattern: bad, title: bad }, [bad]: {} } },
      outputSchema: { properties: { q: { description: bad } } },
    };
    expect(hitsOf(hiddenText, tool).map(({ pointer }) => pointer)).toEqual([
      '/title', '/annotations/title', '/_meta/deep/0/note',
      `/inputSchema/properties/${bad}/-`,
      ...['description', 'enum/1', 'default', 'const', 'examples/0', 'pattern', 'title'].map((key) => `/inputSchema/properties/p/${key}`),
      '/outputSchema/properties/q/description',
    ]);
    expect(hitsOf(hiddenText, bad, 'instructions')).toHaveLength(1);
    expect(hitsOf(hiddenText, { name: 'p', arguments: [{ name: 'x', description: bad }] }, 'prompt')).toHaveLength(1);
    expect(hitsOf(hiddenText, { uri: `a:${bad}`, name: 'r' }, 'resource')).toHaveLength(1);
  });
});
