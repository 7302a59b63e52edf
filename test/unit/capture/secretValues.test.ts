/** What was given as a secret is written down nowhere, in whatever form somebody repeats it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/extension/capture/redactor';
import { hidingLogger, SecretValues, withSecretValues } from '../../../src/extension/capture/secretValues';
import { notingSecrets } from '../../../src/extension/servers/inputSecrets';
import type { ConfiguredServer, InputDefinition } from '../../../src/extension/servers/types';

const knowing = (...values: string[]): SecretValues => {
  const known = new SecretValues();
  for (const value of values) known.add(value);
  return known;
};
const redacted = (secrets: SecretValues, text: string): string => Buffer.from(withSecretValues(createRedactor(), secrets).body(Buffer.from(text)).bytes).toString();

describe('a secret that was given for an input', () => {
  const secret = 'plain "zebra"\\77 ü';
  const deep = (text: string): string => JSON.stringify({ text });

  it.each([
    ['in a value', deep(`I use ${secret}.`)],
    ['as a key', JSON.stringify({ [secret]: 1 })],
    ['in JSON within a string', deep(deep(secret))],
    ['in JSON within JSON within a string', deep(deep(deep(secret)))],
    ['in an address', deep(`http://127.0.0.1:9/${encodeURIComponent(secret)}/mcp?x=1`)],
    ['twice', deep(`${secret}${secret}`)],
    ['in what is no JSON', `stderr: ${secret} was refused`],
    ['in broken JSON', `{"text": ${secret}`],
  ])('is hidden %s', (_where, text) => {
    const out = redacted(knowing(secret), text);
    expect(out).not.toContain('zebra');
    expect(out).toContain('[redacted:input]');
  });

  it('leaves JSON that is JSON, whatever it is and wherever it stands', () => {
    const value = fc.oneof(fc.string({ unit: 'binary', minLength: 6, maxLength: 12 }), fc.stringMatching(/^[0-9]{6,12}$/), fc.stringMatching(/^[n\\"u0]{6,9}$/));
    fc.assert(
      fc.property(value, fc.jsonValue({ maxDepth: 3 }), fc.nat(3), (text, other, kind) => {
        const number = Number(text);
        const holder = [{ a: text, b: other }, { [text]: [other, `x${text}y`] }, { n: Number.isSafeInteger(number) ? number : 0, other }, { inner: JSON.stringify({ text, other }) }][kind]!;
        const out = redacted(knowing(text), JSON.stringify(holder));
        expect(() => JSON.parse(out)).not.toThrow();
        if (kind === 0) expect((JSON.parse(out) as { a: string }).a).not.toContain(text);
      }),
      { numRuns: 500 },
    );
  });

  it('is hidden as a number, but not within a longer one', () => {
    const known = knowing('12345678');
    expect(redacted(known, '{"pin":12345678,"id":9123456780}')).toBe('{"pin":"[redacted:input]","id":9123456780}');
  });

  it('goes as a whole where it holds another one', () => {
    expect(redacted(knowing('abcdef', 'abcdef-123456'), '{"a":"abcdef-123456 abcdef"}')).toBe('{"a":"[redacted:input] [redacted:input]"}');
  });

  it('is hidden in headers, and beside what is found by its form', () => {
    const redactor = withSecretValues(createRedactor(), knowing('plainvalue'));
    expect(redactor.headers({ 'X-Note': 'by plainvalue', Authorization: 'Bearer x' })).toEqual({ headers: { 'x-note': 'by [redacted:input]', authorization: '[redacted:header]' }, count: 2 });
    const text = `{"a":"plainvalue ghp_${'a1'.repeat(18)}"}`;
    expect(Buffer.from(redactor.body(Buffer.from(text)).bytes).toString()).toBe('{"a":"[redacted:input] [redacted:github-token]"}');
    expect(redactor.find(Buffer.from(text)).map(({ kind }) => kind)).toEqual(['input', 'github-token']);
    expect(redactor.body(Buffer.from('{"a":1}'))).toMatchObject({ count: 0 });
  });

  it('is hidden in the log', () => {
    const lines: unknown[][] = [];
    const write = (...line: unknown[]): void => void lines.push(line);
    const logger = hidingLogger({ trace: write, debug: write, info: write, warn: write, error: write }, knowing('plainvalue'));
    logger.warn('cannot be reached at http://127.0.0.1:9/plainvalue/mcp', 'plainvalue', 5);
    expect(lines).toEqual([['cannot be reached at http://127.0.0.1:9/[redacted:input]/mcp', '[redacted:input]', 5]]);
  });

  it('is not kept when it is so short that it would stand in words by chance', () => {
    expect(redacted(knowing('test'), '{"a":"tested"}')).toBe('{"a":"tested"}');
  });

  it('says that it reaches far where it is long', () => {
    expect(withSecretValues(createRedactor(), knowing('plainvalue')).isLocal).toBe(true);
    expect(withSecretValues(createRedactor(), knowing('x'.repeat(500))).isLocal).toBe(false);
  });

  it('is told apart from other inputs by being asked for as a password', async () => {
    const noted: string[] = [];
    const port = notingSecrets({ get: ({ id }) => Promise.resolve(id === 'none' ? undefined : `value of ${id}`) }, (value) => noted.push(value));
    const inputs: InputDefinition[] = [
      { type: 'promptString', id: 'token', password: true },
      { type: 'promptString', id: 'host' },
      { type: 'pickString', id: 'region', options: [] },
      { type: 'promptString', id: 'none', password: true },
    ];
    for (const input of inputs) await port.get(input, {} as ConfiguredServer);
    expect(noted).toEqual(['value of token']);
  });
});
