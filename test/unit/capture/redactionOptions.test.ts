// What users can say about redaction: names and patterns to add, kinds to leave; and card numbers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import manifest from '../../../package.json';
import { createLiveRedactor } from '../../../src/extension/capture/liveRedactor';
import { readRedactionOptions, REDACTION_KINDS, type RedactionOptions, type RedactionSettings } from '../../../src/extension/capture/redactionOptions';
import { createRedactor } from '../../../src/extension/capture/redactor';

const text = (input: string, options: RedactionOptions = {}): string => Buffer.from(createRedactor(options).body(Buffer.from(input)).bytes).toString();
const json = (value: unknown, options: RedactionOptions = {}): unknown => JSON.parse(text(JSON.stringify(value), options));

describe('names that are added', () => {
  const keys = ['ssn', 'Employee ID', 'größe'];
  it('hide texts and numbers, whatever case and separators, also in JSON within a string', () => {
    const value = { SSN: '1-2', s_s_n: 12, employeeId: [1.5e3, 'x', -2], größe: 'L', name: 'stays', ssnNote: 'stays' };
    const hidden = { SSN: '[redacted:key]', s_s_n: '[redacted:key]', employeeId: ['[redacted:key]', '[redacted:key]', '[redacted:key]'], größe: '[redacted:key]', name: 'stays', ssnNote: 'stays' };
    expect(json(value, { keys })).toEqual(hidden);
    expect(json({ t: JSON.stringify(value) }, { keys })).toEqual({ t: JSON.stringify(hidden) });
    expect(json({ url: 'https://x.example/?ssn=1234567&a=1' }, { keys })).toEqual({ url: 'https://x.example/?ssn=[redacted:key]&a=1' });
  });

  it('leave what is neither text nor number, and add to the built-in ones', () => {
    expect(json({ ssn: { a: 1 }, b: [{ ssn: null }], password: 'x' }, { keys })).toEqual({ ssn: { a: 1 }, b: [{ ssn: null }], password: '[redacted:value]' });
  });

  it('hide headers of that name', () => {
    expect(createRedactor({ keys: ['x-tenant'] }).headers({ 'X-Tenant': 'acme', Accept: '*/*' })).toEqual({ headers: { 'x-tenant': '[redacted:key]', accept: '*/*' }, count: 1 });
  });
});

describe('patterns that are added', () => {
  const patterns = [{ kind: 'customer', pattern: 'C-\\d{4,}' }, { kind: 'project', pattern: '\\borca\\b', ignoreCase: true }, { kind: 'account', pattern: '^9\\d{5}$' }];
  it('hide what they match, in texts, names of keys and whole numbers', () => {
    const value = { note: 'C-12345 and C-99; Orca, orcas', 'C-4444': true, deep: [{ n: 912345, m: 9123456 }] };
    expect(json(value, { patterns })).toEqual({ note: '[redacted:customer] and C-99; [redacted:project], orcas', '[redacted:customer]': true, deep: [{ n: '[redacted:account]', m: 9123456 }] });
  });

  it('see texts as they are meant, and never break JSON', () => {
    expect(text('{"a":"C\\u002d12345\\n","b":"\\"C-12345\\""}', { patterns })).toBe('{"a":"[redacted:customer]\\n","b":"\\"[redacted:customer]\\""}');
    expect(json({ a: 'x"y', b: 1 }, { patterns: [{ kind: 'all', pattern: '.+' }] })).toEqual({ '[redacted:all]': '[redacted:all]' });
  });

  it('come before what is built in, and work on what is no JSON', () => {
    expect(text('stderr: C-12345 Bearer abcdef0123456789abc', { patterns })).toBe('stderr: [redacted:customer] Bearer [redacted:credential]');
    expect(createRedactor({ patterns }).headers({ 'X-Customer': 'C-12345' }).headers).toEqual({ 'x-customer': '[redacted:customer]' });
  });

  it('change nothing where they match nothing', () => {
    const bytes = Buffer.from('{"a" : "b"}');
    expect(createRedactor({ patterns }).body(bytes).bytes).toBe(bytes);
  });
});

describe('kinds that are switched off', () => {
  const token = `ghp_${'aB3dE9xYz0Qw'.repeat(3)}`;
  it.each([
    ['value', { password: 'hunter22', text: token }, { password: 'hunter22', text: '[redacted:github-token]' }],
    ['github-token', { password: 'hunter22', text: token }, { password: '[redacted:value]', text: token }],
    ['card', { text: '4111 1111 1111 1111' }, { text: '4111 1111 1111 1111' }],
  ])('pass: %s', (kind, value, expected) => {
    expect(json(value, { off: [kind] })).toEqual(expected);
  });

  it('do not take away what was added', () => {
    expect(json({ ssn: '1', password: 'x' }, { keys: ['ssn'], off: ['value'] })).toEqual({ ssn: '[redacted:key]', password: 'x' });
  });

  it('leave the credential of a header hidden where headers are off', () => {
    const { headers } = createRedactor({ off: ['header'] }).headers({ Authorization: 'Bearer abcdef0123456789abc' });
    expect(headers).toEqual({ authorization: 'Bearer [redacted:credential]' });
  });
});

describe('card numbers', () => {
  it.each([
    ['Visa', '4111111111111111'],
    ['Visa in groups', '4111 1111 1111 1111'],
    ['Mastercard with hyphens', '5555-5555-5555-4444'],
    ['Mastercard of the new range', '2223003122003222'],
    ['American Express', '378282246310005'],
    ['American Express in groups', '3782 822463 10005'],
    ['Diners', '30569309025904'],
    ['Discover', '6011111111111117'],
    ['JCB', '3530111333300000'],
  ])('are hidden: %s', (_name, card) => {
    for (let shift = 0; shift < 9; shift++) {
      const before = '.'.repeat(shift);
      expect(json({ text: `${before} card ${card}, exp 12/27` })).toEqual({ text: `${before} card [redacted:card], exp 12/27` });
    }
    expect(json([card])).toEqual(['[redacted:card]']);
    expect(json({ card, text: `pay:${card} 12/27`, lines: `a\n${card}\nb` })).toEqual({ card: '[redacted:card]', text: 'pay:[redacted:card] 12/27', lines: 'a\n[redacted:card]\nb' });
  });

  it('are hidden as numbers too, and JSON stays JSON at every depth', () => {
    const value = { a: 4111111111111111, b: [378282246310005, 1] };
    expect(json(value)).toEqual({ a: '[redacted:card]', b: ['[redacted:card]', 1] });
    const inner = JSON.stringify({ a: 4111111111111111 });
    expect(json({ t: inner })).toEqual({ t: JSON.stringify({ a: '[redacted:card]' }) });
    expect(json({ t: JSON.stringify({ t: inner }) })).toEqual({ t: JSON.stringify({ t: JSON.stringify({ a: '[redacted:card]' }) }) });
  });

  it.each([
    ['a wrong check digit', '4111111111111112'],
    ['another issuer', '9111111111111117'],
    ['a time in microseconds', '1700000000000000'],
    ['longer', '41111111111111111'],
    ['part of a longer number', '4111 1111 1111 1111 1'.replaceAll(' ', '')],
    ['a decimal fraction', '0.4111111111111111'],
    ['part of a hash', 'a4111111111111111f'],
    ['other groups', '41 1111 1111 1111 11'],
    ['a UUID', '41111111-1111-4111-8111-111111111111'],
    ['a name', 'id_4111111111111111'],
  ])('are not seen in %s', (_name, harmless) => {
    expect(json({ text: harmless })).toEqual({ text: harmless });
  });

  it('are found wherever they stand in any message', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('4111111111111111', '5555 5555 5555 4444', '3782-822463-10005'), fc.nat(20), fc.boolean(), (rest, card, shift, nested) => {
        const value = { rest, pad: ' '.repeat(shift), deep: [{ text: nested ? JSON.stringify({ x: card, rest }) : `${'x'.repeat(shift)} ${card}` }] };
        const output = text(JSON.stringify(value));
        expect(output).not.toContain(card);
        expect(Object.keys(JSON.parse(output) as object)).toEqual(['rest', 'pad', 'deep']);
      }),
    );
  });
});

describe('what was redacted once', () => {
  it('is the same when it is redacted again', () => {
    const options = { keys: ['ssn'], patterns: [{ kind: 'customer', pattern: 'C-\\d+' }] };
    const once = text(JSON.stringify({ password: 'x', ssn: 5, t: 'token=abcdef C-1 4111111111111111 postgres://a:bcdefgh@h Bearer abcdef0123456789abc' }), options);
    expect(text(once, options)).toBe(once);
  });
});

describe('settings', () => {
  it('are used as far as they are right, and what is wrong is said with its place', () => {
    const { options, problems } = readRedactionOptions({
      keys: ['ssn', '', 5, '--', 'x'.repeat(80)],
      patterns: [{ kind: 'good', pattern: 'a+' }, { kind: 'Bad Kind', pattern: 'a' }, { kind: 'open', pattern: '(a' }, { kind: 'back', pattern: '(a)\\1' }, { kind: 'empty', pattern: 'a*' }, 'x', { kind: 'none' }],
      off: ['card', 'nothing', 7],
    });
    expect(options).toEqual({ keys: ['ssn'], patterns: [{ kind: 'good', pattern: 'a+', ignoreCase: false }], off: ['card'] });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['keys[1]', 'keys[2]', 'keys[3]', 'keys[4]', 'patterns[1]', 'patterns[2]', 'patterns[3]', 'patterns[4]', 'patterns[5]', 'patterns[6]', 'off[1]', 'off[2]']);
    expect(problems[5]).toMatch(/never closed/);
    expect(problems[6]).toMatch(/Back references are not supported/);
    expect(json({ ssn: 'x', t: 'aaa', c: '4111111111111111' }, options)).toEqual({ ssn: '[redacted:key]', t: '[redacted:good]', c: '4111111111111111' });
  });

  it('may be anything', () => {
    fc.assert(
      fc.property(fc.record({ keys: fc.jsonValue(), patterns: fc.jsonValue(), off: fc.jsonValue() }), (settings) => {
        createRedactor(readRedactionOptions(settings).options).body(Buffer.from('{"a":"b"}'));
      }),
    );
    expect(readRedactionOptions({ keys: 'ssn' }).problems).toEqual(['keys: this must be a list; it is ignored.']);
    expect(readRedactionOptions({})).toEqual({ options: { keys: [], patterns: [], off: [] }, problems: [] });
  });

  it('are offered in the manifest with the very kinds there are', () => {
    expect(manifest.contributes.configuration.properties['mcpShark.redaction.off'].items.enum.toSorted()).toEqual([...REDACTION_KINDS].toSorted());
  });

  it('are followed while messages pass', () => {
    let settings: RedactionSettings = {};
    const live = createLiveRedactor(() => settings);
    const pass = (): string => Buffer.from(live.redactor.body(Buffer.from('{"ssn":"1"}')).bytes).toString();
    expect(live.update()).toEqual([]);
    expect(pass()).toBe('{"ssn":"1"}');
    settings = { keys: ['ssn', 5] };
    expect(live.update()).toHaveLength(1);
    expect(pass()).toBe('{"ssn":"[redacted:key]"}');
  });
});
