// What is read of a message for its row: whatever a client or server has sent, it must not stop the filing.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerFacts, answerFactsOf, batchMembers, preview, requestFacts } from '../../../src/extension/store/worker/messageFacts';

describe('a message nested deeper than JSON can be written', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

  it('is filed with what can be said of it', () => {
    expect(requestFacts(Buffer.from(`{"params":{"name":"t","arguments":{"a":1,"b":${deep}}}}`))).toMatchObject({ name: 't', detail: 'a: 1, b: …' });
    expect(requestFacts(Buffer.from(`{"params":{"q":${deep}}}`))).toMatchObject({ detail: 'q: …' });
    expect(answerFacts('error', Buffer.from(`{"error":{"code":7,"data":${deep}}}`), false)).toMatchObject({ errorCode: 7, errorMessage: '…' });
    expect(batchMembers(Buffer.from(`[{"id":${deep},"method":"m"}]`))).toMatchObject([{ kind: 'request', method: 'm' }]);
  });
});

describe('an answer', () => {
  const failed = { content: [{ type: 'text', text: 'it failed' }], isError: true };
  const noMark = '"isError":false, "TypeError": true, "isError" :\tfalse, "iisError":true, "isErro":true, "Error":true';

  it.each([
    ['as it is mostly written', '{"result":{"content":[{"text":"it failed"}],"isError":true}}', true],
    ['with white space', '{"result":{"content":[{"text":"it failed"}],"isError" \r\n:\t true}}', true],
    ['behind others like it', `{"result":{"a":{${noMark}},"content":[{"text":"it failed"}],"isError":true}}`, true],
    ['false', '{"result":{"content":[{"text":"it failed"}],"isError":false}}', false],
    ['somewhere else', '{"result":{"content":[{"text":"it failed"}],"other":{"isError":true}}}', false],
    ['in a text', `{"result":{"content":[{"text":${JSON.stringify(JSON.stringify({ result: failed }))}}]}}`, false],
    ['nowhere but in names like it', `{"result":{${noMark}}}`, false],
    ['a word', '{"result":{"isError":"true"}}', false],
    ['cut off', '{"result":{"isError":', false],
  ])('is an error by its mark alone: %s', (_, text, isError) => {
    for (const padded of [text, text.replace('{', `{"padding":"${'Error" '.replace('"', '\\"').repeat(500)}",`)]) {
      expect(answerFacts('result', Buffer.from(padded), false)).toMatchObject(isError ? { toolError: true, errorMessage: 'it failed' } : { toolError: false });
    }
  });

  it('is told by its bytes as by its parsed value', () => {
    const values = fc.constantFrom<unknown>(true, false, 'true', null, { isError: true }, ['isError', true], 'said "isError":true', 1);
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('isError', 'Error', 'is', 'content', 'a"isError'), values), fc.constantFrom(undefined, 1, '\t'), (result, indent) => {
        const answer = { id: 1, result };
        expect(answerFacts('result', Buffer.from(JSON.stringify(answer, undefined, indent)), false).toolError).toBe(answerFactsOf(answer as never).toolError);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a preview', () => {
  it('is the beginning on one line, however much white space is in it', () => {
    const pieces = fc.array(fc.constantFrom('word', ' ', '  ', '\n', ' \t', '\u00a0', '\u2028', '😀', 'x'.repeat(120), ' '.repeat(300)), { maxLength: 60 });
    fc.assert(
      fc.property(pieces, (parts) => {
        const value = parts.join('');
        const line = value.slice(0, 800).replaceAll(/\s+/g, ' ').trim();
        const cut = `${line.slice(0, 199).replace(/[\uD800-\uDBFF]$/, '')}…`;
        expect(preview(value)).toBe(line.length > 200 ? cut : line || undefined);
      }),
      { numRuns: 1000 },
    );
  });
});
