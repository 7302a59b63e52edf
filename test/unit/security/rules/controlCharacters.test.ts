import { describe, expect, it } from 'vitest';
import { controlCharacters } from '../../../../src/extension/security/rules/controlCharacters';
import { describedHits } from './ruleFixture';

describe('control characters', () => {
  it.each([['an escape sequence', 'a\u001b[2Jb', 'high'], ['its one-byte form', 'a\u009b2Jb', 'high'], ['a backspace', 'a\bb', 'medium'], ['a null', 'a\0b', 'medium']])('are found: %s', (_name, text, severity) => {
    expect(describedHits(controlCharacters, text)).toMatchObject([{ severity, pointer: '/description', excerpt: expect.not.stringMatching(/\p{Cc}/u) as unknown }]);
  });

  it('are not tabs and line ends', () => {
    expect(describedHits(controlCharacters, 'a\tb\r\nc\u0085d')).toEqual([]);
  });
});
