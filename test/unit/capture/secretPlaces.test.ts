// Secrets are looked for where a message may have some. Which places these are is found in several ways; what is found
// there must be what a look at every byte finds.
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createHotPlaces, FIRST, PIECE_BYTES, type HotPlaces } from '../../../src/extension/capture/hotPlaces';
import { secretTriples } from '../../../src/extension/capture/secretFormats';
import { createSecretNames } from '../../../src/extension/capture/secretNames';
import { plainPlaces } from '../../../src/extension/capture/secretPlaces';
import { scanSecrets } from '../../../src/extension/capture/secretScan';
import type { SecretRules } from '../../../src/extension/capture/secretCuts';

const rules: SecretRules = { names: createSecretNames(), off: new Set() };
const simd = createHotPlaces(secretTriples)!;

/** Every byte. */
const everywhere: HotPlaces = {
  list: new Uint16Array(PIECE_BYTES),
  look(b, from) {
    const count = Math.min(PIECE_BYTES, b.length - from);
    for (let k = 0; k < count; k++) everywhere.list[k] = FIRST + k;
    return count;
  },
};

/** The bytes at an even or odd address. */
function bytesOf(text: string, shift = 0): Uint8Array {
  const bytes = Buffer.from(text, 'latin1');
  const memory = new Uint8Array(bytes.length + shift);
  memory.set(bytes, shift);
  return memory.subarray(shift);
}

/** How many secrets there are, after seeing that they are the same in all ways. */
function countOf(b: Uint8Array, by = rules): number {
  const cuts = scanSecrets(b, by, everywhere);
  const found = JSON.stringify(cuts);
  expect(JSON.stringify(scanSecrets(b, by, simd))).toBe(found);
  expect(JSON.stringify(scanSecrets(b, by, plainPlaces))).toBe(found);
  return cuts.length;
}

/** What is listed of a short message. */
function listed(b: Uint8Array): number[] {
  const count = simd.look(b, 0);
  return [...simd.list.subarray(0, count)].map((place) => place - FIRST).filter((place) => place >= 0);
}

const letters = 'aB3dE9xYz0QwJIbk'.repeat(3);
const secrets = [
  `ghp_${letters}`, `gho_${letters}`, `ghu_${letters}`, `ghs_${letters}`, `ghr_${letters}`, `github_pat_${letters}`, `npm_${letters}`, `hf_${letters}`,
  `sk_live_${letters}`, `rk_live_${letters}`, `sk_test_${letters}`, `sk-${letters}`, `sk-ant-${letters}`, `glpat-${letters}`,
  'xoxb-123456789012', 'xoxp-123456789012', 'xoxa-123456789012', 'AKIAIOSFODNN7EXAMPLE', 'ASIAIOSFODNN7EXAMPLE', `AIza${letters}`,
  `eyJ${letters}.eyJ${letters}.${letters}`, 'token=abcdef12', `Bearer ${letters}`, `bearer ${letters}`, `Basic ${letters}`, `basic ${letters}`,
  'https://user:secret@host/', '-----BEGIN PRIVATE KEY-----MIIB-----END PRIVATE KEY-----',
];
const named = ['"password":"x"', '"api_key" : ["a", "b"]', '\\"token\\":\\"y\\"', '\\"pass-word\\": [\\"a\\",\\"b\\"]'];

describe('the places that need a look', () => {
  it('are found for every secret, wherever it stands in a piece of the message', () => {
    const size = PIECE_BYTES;
    for (const secret of [...secrets, ...named]) {
      for (let place = size - secret.length - 3; place < size + 4; place++) {
        const before = `{"a":"${'n'.repeat(place - 7)} `;
        expect(countOf(bytesOf(`${before}${secret.startsWith('"') ? '",' : ''}${secret}`, Math.floor(place / 2) & 1))).toBeGreaterThan(0);
      }
    }
  });

  it('are found for every secret in messages of every length', () => {
    for (const secret of secrets) {
      for (let length = 0; length < 140; length++) {
        for (const shift of [0, 1]) expect(countOf(bytesOf(`${' '.repeat(length)}${secret}`, shift))).toBe(1);
        countOf(bytesOf(`${' '.repeat(length)}${secret.slice(0, length % secret.length)}`));
      }
    }
  });

  it('are found for every secret with any byte in place of each of its own', () => {
    for (const secret of [...secrets, ...named]) {
      for (let at = 0; at < Math.min(secret.length, 24); at++) {
        const variants = Array.from({ length: 256 }, (_, code) => secret.slice(0, at) + String.fromCharCode(code) + secret.slice(at + 1));
        countOf(bytesOf(`"${variants.join('","')}"`, at & 1));
        countOf(bytesOf(`"${variants.join(at % 3 === 0 ? '\\n' : ' ')}"`));
      }
    }
  });

  it('are found for every two bytes behind what a secret may begin with', () => {
    const rest = `a1${letters}`;
    for (const before of ['', 'A', 'e', 'b', 'h', 'sk', 'xox', 'pat', 'gh', 'AK', 'ey', 'B', '-----']) {
      const parts: string[] = [];
      for (let pair = 0; pair < 65_536; pair++) parts.push(`${before}${String.fromCharCode(pair >> 8, pair & 255)}${pair % 3 === 0 ? rest : 'x '}`);
      countOf(bytesOf(parts.join(' '), before.length & 1));
    }
  });

  it('are found in anything', () => {
    const pieces = [...secrets, ...named, '\\n', '\\"', '\\\\\\"', '\\\\', '"', ':', 'ey', 'J', '_', '-', '=', '@', 'b', 'be', 'bas', 'A', 'I', 'z', ' ', 'ü', ',', '[', ']', 'pin1=abcdef', '"x":12', 'lorem ipsum '];
    const part = fc
      .tuple(fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...pieces) }, { weight: 1, arbitrary: fc.string({ maxLength: 4, unit: 'binary' }) }), fc.nat(40), fc.nat(3))
      .map(([text, cut, kind]) => (kind === 0 ? text.slice(cut % (text.length + 1)) : kind === 1 ? text.slice(0, cut) : text));
    const filler = fc.tuple(fc.constantFrom('x ', '"a",', '\\"', 'lorem '), fc.constantFrom(0, 1, 15, 16, 17, 63, 64, PIECE_BYTES - 100, PIECE_BYTES - 1, PIECE_BYTES, 2 * PIECE_BYTES - 60));
    const someNames: SecretRules = { names: createSecretNames(['x', 'pin1', 'id"', 'söme key', '=']), off: new Set(['jwt']) };
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), filler, fc.nat(80), fc.boolean(), fc.boolean(), (parts, [text, length], shift, asJson, ownNames) => {
        const inner = text.repeat(Math.ceil(length / text.length)).slice(0, length) + parts.join('');
        countOf(bytesOf(asJson ? JSON.stringify({ a: inner, [parts[0] ?? '']: parts }) : inner, shift), ownNames ? someNames : rules);
      }),
      { numRuns: 1000 },
    );
  });

  it('are found in random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 100, maxLength: 400 }), fc.array(fc.nat(255), { minLength: 4, maxLength: 12 }), (random, alphabet) => {
        countOf(random);
        countOf(random.map((code) => alphabet[code % alphabet.length]!));
      }),
      { numRuns: 500 },
    );
  });

  it('are found behind what is cut out across pieces', () => {
    for (const length of [PIECE_BYTES - 30, PIECE_BYTES, 3 * PIECE_BYTES - 7]) {
      const value = 'v'.repeat(length);
      expect(countOf(bytesOf(`{"password":"${value}","b":"Bearer ${letters}"}`))).toBe(2);
      expect(countOf(bytesOf(`{"a":"{\\"token\\":\\"${value}\\"}","b":"eyJ${letters}.eyJ${letters}.${letters}"}`))).toBe(2);
      expect(countOf(bytesOf(`{"password":"${value}`))).toBe(1);
    }
  });

  it('are none of an earlier message', () => {
    countOf(bytesOf(`${' '.repeat(PIECE_BYTES - 1)}`.replaceAll('  ', '"a')));
    const short = bytesOf('lorem ipsum dolor sit amet consectetur');
    expect(listed(short)).toEqual([]);
    expect(countOf(short)).toBe(0);
  });

  it('are found at the first byte, whatever an earlier message ended with', () => {
    countOf(bytesOf('\\'.repeat(PIECE_BYTES + 300)));
    expect(countOf(bytesOf(`"password":"x", ${' '.repeat(100)}`))).toBe(1);
  });

  it('are found behind any number of backslashes, in strings and outside, wherever a piece of the message ends', () => {
    for (let place = PIECE_BYTES - 30; place < PIECE_BYTES + 4; place++) {
      for (const opening of ['', '"']) {
        for (let count = 0; count < 7; count++) {
          const slashes = '\\'.repeat(count);
          const before = opening.padEnd(place, 'x');
          countOf(bytesOf(`${before}${slashes}","password":"x"`));
          countOf(bytesOf(`${before}${slashes}"password${slashes}":${slashes}"x${slashes}","a":"token=abcdef${slashes}"password":"y"`));
          countOf(bytesOf(`${before} -----BEGIN PRIVATE KEY-----${slashes}","password":"x"`));
          countOf(bytesOf(`${before}${slashes}bearer ${letters}${slashes}"token":"x"`));
        }
      }
    }
  });

  it('are none at escapes of letters, and one at an escaped quote', () => {
    const text = 'one\\n two\\r\\t three\\u00e4\\/\\f \\\\n four \\"five\\" ';
    expect(listed(bytesOf(text)).map((place) => text.slice(place, place + 2))).toEqual(['\\\\', '\\"', '\\"']);
  });

  it('are few in prose and code', () => {
    const beginnings = (text: string): string[] => listed(bytesOf(text)).map((place) => text.slice(place, place + 3));
    expect(beginnings('Because the best members of a well-known team may be better at business than at base64, they analyze systems. ')).toEqual(['Bec', 'bes', 'bas']);
    expect(beginnings('const snake_case = other_name - 1; // on 2026-01-02 at /usr/share/x-y, see a_b=c')).toEqual(['=c']);
  });
});

describe('without WebAssembly', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  const refuse = (): never => {
    throw new Error('refused');
  };
  it.each([
    ['is not there', undefined],
    ['cannot do it', { ...fake(), validate: () => false }],
    ['is not allowed', { ...fake(), validate: refuse }],
    ['has no memory', { ...fake(), Instance: refuse }],
  ])('the same is found: where it %s', async (_why, wasm) => {
    vi.stubGlobal('WebAssembly', wasm);
    vi.resetModules();
    const fresh = await import('../../../src/extension/capture/redactor');
    const hot = await import('../../../src/extension/capture/hotPlaces');
    expect(hot.createHotPlaces(secretTriples)).toBeUndefined();
    for (const filler of ['', 'lorem ipsum '.repeat(100)]) {
      const text = `{"a":"${filler}Bearer ${letters}"}`;
      expect(Buffer.from(fresh.createRedactor().body(Buffer.from(text)).bytes).toString()).toBe(`{"a":"${filler}Bearer [redacted:credential]"}`);
    }
  });

  function fake(): { validate: () => boolean; Module: object; Instance: object } {
    return { validate: () => true, Module: Object, Instance: Object };
  }
});

describe('names that announce a secret', () => {
  it('are told from others by their last two bytes, and none is missed', () => {
    const names = createSecretNames(['x', 'id"', 'söme key', 'ß']);
    const ends = ['password', 'API_KEY', 'api-ke_y', 'TOKEN', 'to.ken', 'x', 'X', 'a.x', 'id"', 'SÖME KEY', 'söme key', 'söme_ke y', 'ß', 'name', 'id', 'token_', ''];
    fc.assert(
      fc.property(fc.constantFrom(...ends), fc.string({ maxLength: 5 }), fc.nat(4), (name, other, keep) => {
        for (const text of [name, other + name, name.slice(-keep), name + other]) {
          const bytes = Buffer.from(`"${text}`);
          if (names.kindOf(bytes, 1, bytes.length) !== undefined) expect(names.mayEnd(bytes, bytes.length)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
    const common = ['name', 'tags', 'title', 'updated_at', 'url', 'type', 'text', 'content', 'jsonrpc', 'method'];
    expect(common.filter((text) => createSecretNames().mayEnd(Buffer.from(text), text.length))).toEqual([]);
  });
});
