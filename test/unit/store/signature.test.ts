// Signatures may point at a body too many, never at one too few.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { piecesOf, readSignatures, SignatureBuilder, Signatures } from '../../../src/extension/store/worker/signature';
import { cleanFolders, tempFolder } from '../../support/store/storeHarness';

afterEach(cleanFolders);

describe('signatures', () => {
  it('find every body that holds a text, in whatever case', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 5, maxLength: 400, unit: 'grapheme' }), { minLength: 1, maxLength: 10 }), fc.nat(), fc.nat(), (texts, which, where) => {
        const builder = new SignatureBuilder();
        texts.forEach((text, index) => builder.add(index + 1, Buffer.from(text)));
        const from = texts[which % texts.length] ?? '';
        const wanted = [...from].slice(where % 3, (where % 3) + 8).join('');
        const pieces = piecesOf([wanted.replace(/[a-z]/g, (letter) => letter.toUpperCase())]);
        if (!pieces) return;
        const found = new Signatures(builder.finish()).candidates([pieces]);
        texts.forEach((text, index) => {
          if (text.includes(wanted)) expect(found).toContain(index + 1);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('rule out nearly all bodies that do not', () => {
    const builder = new SignatureBuilder();
    for (let i = 0; i < 1000; i++) builder.add(i, Buffer.from(`{"jsonrpc":"2.0","id":${i},"result":{"content":[{"type":"text","text":"${'the quick brown fox '.repeat(20)}${i}"}]}}`));
    builder.add(1000, Buffer.from('{"text":"a zebrafinch"}'));
    const pieces = piecesOf(['zebrafinch']) ?? [];
    expect(new Signatures(builder.finish()).candidates([pieces]).length).toBeLessThan(20);
  });

  it.each([
    ['texts of less than three bytes', ['ab']],
    ['texts that stand for bytes that are no UTF-8', ['abc\ufffd']],
    ['half a character', ['abc\ud83d']],
  ])('say nothing about %s', (_name, texts) => {
    expect(piecesOf(texts)).toBeUndefined();
  });

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['something else', 'SQLite format 3'],
    ['cut off', 'MCPSSIG1\xff\xff\xff\x00\x00\x00\x00\x00'],
  ])('are done without when the file is %s', (_name, content) => {
    const path = join(tempFolder(), 'x.sig');
    if (content !== undefined) writeFileSync(path, content, 'latin1');
    expect(readSignatures(path)).toBeUndefined();
  });
});
