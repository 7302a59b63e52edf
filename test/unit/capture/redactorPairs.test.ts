// The redactor looks at several bytes at a time where it can. It must find what a look at every byte finds, so a text must
// be redacted alike whether it stands alone or in the middle of a long one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/extension/capture/redactor';

const redactor = createRedactor();

/** Redacted at an even or odd address, with so much harmless text around it that several bytes are looked at together. */
function within(input: Buffer, shift: number, filler: string): string {
  const before = Buffer.from(`"${filler.repeat(300)}\n"${' '.repeat(shift)}`);
  const after = Buffer.from(` "${filler.repeat(20)}"`);
  const memory = Buffer.alloc(before.length + input.length + after.length + 1);
  const bytes = memory.subarray(shift % 2, shift % 2 + before.length + input.length + after.length);
  before.copy(bytes);
  input.copy(bytes, before.length);
  after.copy(bytes, before.length + input.length);
  const out = Buffer.from(redactor.body(bytes).bytes);
  return out.toString('latin1', before.length, out.length - after.length);
}

const letters = 'aB3dE9xYz0QwJIbk'.repeat(3);
const seeds = [
  `ghp_${letters}`, `gho_${letters}`, `github_pat_${letters}_${letters}`, `sk-${letters}`, `sk-ant-${letters}`, 'AKIAIOSFODNN7EXAMPLE',
  'ASIAIOSFODNN7EXAMPLE', 'xoxb-123456789012-abcdef', `glpat-${letters}`, `npm_${letters}`, `AIza${letters}`, `hf_${letters}`,
  `sk_live_${letters}`, `eyJ${letters}.eyJ${letters}.${letters}`, 'token=abcdef12', `Bearer ${letters}`, `basic ${letters}`,
  'https://user:secret@host/', '-----BEGIN PRIVATE KEY-----MIIB-----END PRIVATE KEY-----', '\\n', '\\"', '\\\\\\"', '\\u0041', '\\\\',
  '"', ':', '"password":"x', '\\"token\\":\\"y', 'AK', 'IA', 'ey', 'J', '_', '-', '=', '@', 'b', 'B', 'z', ' ', 'ü', 'a', '.', ',', '[', ']',
];

describe('looking at several bytes at a time', () => {
  it('finds what looking at each finds', () => {
    const piece = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...seeds) }, { weight: 1, arbitrary: fc.string({ maxLength: 4 }) });
    const part = fc.tuple(piece, fc.nat(40), fc.nat(3)).map(([text, from, kind]) => (kind === 0 ? text.slice(from % (text.length + 1)) : kind === 1 ? text.slice(0, from) : text));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.nat(3), fc.constantFrom(' ', 'ab', 'x.'), (parts, shift, filler) => {
        const input = Buffer.from(JSON.stringify({ a: parts.join('') }));
        fc.pre(input.length < 256);
        const alone = Buffer.from(redactor.body(input).bytes).toString('latin1');
        expect(within(input, shift, filler)).toBe(alone);
      }),
      { numRuns: 3000 },
    );
  });

  it('finds each secret at every place', () => {
    for (const seed of seeds.slice(0, 16)) {
      for (let shift = 0; shift < 4; shift++) {
        const input = Buffer.from(JSON.stringify({ v: `${'.'.repeat(shift)} ${seed}` }));
        expect(within(input, shift, 'ab')).toBe(Buffer.from(redactor.body(input).bytes).toString('latin1'));
        expect(within(input, shift, 'ab')).toContain('[redacted:');
      }
    }
  });

  it.each(['\\n', '\\t', '\\r', '\\b', '\\f', '\\u00e4', '\\u00AF', '\\u2019', ' ', '"'])('finds what begins behind %s', (before) => {
    for (const secret of [`Bearer ${letters}`, `basic ${letters}`, `ghp_${letters}`, 'AKIAIOSFODNN7EXAMPLE']) {
      for (let shift = 0; shift < 4; shift++) {
        const input = Buffer.from(`{"v":"${'.'.repeat(shift)}${before}${secret}"}`);
        expect(within(input, shift, 'ab')).toContain('[redacted:');
      }
    }
  });
});
