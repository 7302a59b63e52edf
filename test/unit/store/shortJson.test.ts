// What is parsed of a message for its row is shortened, and says the same of all that a row shows.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerFacts, answerFactsOf, requestFacts, requestFactsOf } from '../../../src/extension/store/worker/messageFacts';
import { shortText } from '../../../src/extension/store/worker/shortJson';

/** The same value with every string cut. */
function cut(value: unknown, characters: number): unknown {
  if (typeof value === 'string') return value.slice(0, characters);
  if (Array.isArray(value)) return value.map((each) => cut(each, characters));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, cut(each, characters)]));
}

const pieces = ['a', '"', '\\', '\n', '\u0001', 'ü', '漢', '😀', '\u2028', '{"k":"v"}', '\\u0041', ' ', 'x'.repeat(50), 'plain words and more of them '.repeat(20)];
const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 400 }).map((parts) => parts.join(''));
const values = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, texts, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null), fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(fc.constantFrom('a', 'b', 'key "c"', 'd\\', ''), tie('value'), { maxKeys: 4 })),
})).value;

const pad = { padding: 'p'.repeat(2500) };
/** As JSON says it, and with everything beyond ASCII escaped. */
const writings = [(value: unknown): string => JSON.stringify(value), (value: unknown): string => JSON.stringify(value).replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)];

describe('shortened JSON', () => {
  it.each(writings.map((write, index) => [index === 0 ? 'as it is' : 'escaped', write] as const))('is of the same shape and begins all its strings in the same way, written %s', (_, write) => {
    fc.assert(
      fc.property(values, fc.constantFrom(10, 100, 800), (value, characters) => {
        const whole = { value, ...pad };
        const short = JSON.parse(shortText(Buffer.from(write(whole)), characters)) as unknown;
        // The second half of a character may stand behind the cut.
        expect(JSON.parse(JSON.stringify(cut(short, characters)))).toEqual(JSON.parse(JSON.stringify(cut(whole, characters))));
      }),
      { numRuns: 300 },
    );
  });

  it('has long strings cut, so that little is left to parse', () => {
    const body = Buffer.from(JSON.stringify({ a: 'x'.repeat(1_000_000), b: `"\\"${'y'.repeat(500_000)}`, c: { d: '\n'.repeat(100_000) } }));
    expect(shortText(body, 800).length).toBeLessThan(5000);
  });

  it.each(['{"a":"', `{"a":"${'x'.repeat(5000)}`, `{"a":"${'x'.repeat(5000)}\\`, `${'"'.repeat(3001)}`, `${'\\'.repeat(5000)}"`, `{"a":"${'x'.repeat(5000)}\\u00`, `${'{'.repeat(5000)}`])('ends whatever the text is (%#)', (text) => {
    expect(shortText(Buffer.from(text), 100).length).toBeLessThanOrEqual(text.length);
  });

  it('gives the same facts of a request and an answer as the whole', () => {
    fc.assert(
      fc.property(values, texts, texts, (value, name, said) => {
        const request = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: { value, said, ...pad }, _meta: { 'vscode.conversationId': said, traceparent: name } } };
        expect(requestFacts(Buffer.from(JSON.stringify(request)))).toEqual(requestFactsOf(request as never));
        for (const answer of [
          { id: 1, result: { content: [{ type: 'text', text: said }, value], isError: true, ...pad } },
          { id: 1, result: { content: [{ type: 'text', text: said }], ...pad } },
          { id: 1, error: { code: 5, message: said, data: value, ...pad } },
          { id: 1, error: said },
        ]) {
          expect(answerFacts('error' in answer ? 'error' : 'result', Buffer.from(JSON.stringify(answer)), false)).toEqual(answerFactsOf(answer as never));
        }
      }),
      { numRuns: 200 },
    );
  });
});
