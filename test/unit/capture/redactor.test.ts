// What must not reach the disk, and what must not be touched.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/extension/capture/redactor';
import { isSecretText } from '../../../src/extension/capture/secretNames';

const redactor = createRedactor();
const text = (input: string): string => Buffer.from(redactor.body(Buffer.from(input)).bytes).toString();
const json = (value: unknown): unknown => JSON.parse(text(JSON.stringify(value)));

const base64url = (length: number): string => 'aB3_dE-9xYz0Qw'.repeat(Math.ceil(length / 14)).slice(0, length);
const letters = (length: number): string => 'aB3dE9xYz0Qw'.repeat(Math.ceil(length / 12)).slice(0, length);
const jwt = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.${base64url(43)}`;
const pem = `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEowIBAAKCAQEA\n'.repeat(5)}-----END RSA PRIVATE KEY-----`;

/** Secret formats, and the text that may be left of each. */
const formats: [string, string][] = [
  ['github-token', `ghp_${letters(36)}`],
  ['github-token', `gho_${letters(36)}`],
  ['github-token', `ghs_${letters(36)}`],
  ['github-token', `github_pat_${letters(22)}_${letters(59)}`],
  ['openai-key', `sk-${letters(48)}`],
  ['openai-key', `sk-proj-${base64url(64)}`],
  ['anthropic-key', `sk-ant-api03-${base64url(80)}`],
  ['aws-key-id', 'AKIAIOSFODNN7EXAMPLE'],
  ['aws-key-id', 'ASIAIOSFODNN7EXAMPLE'],
  ['slack-token', 'xoxb-123456789012-1234567890123-abcdefghijklmnop'],
  ['slack-token', 'xoxp-123456789012-abcdefghijklmnop'],
  ['gitlab-token', `glpat-${base64url(20)}`],
  ['npm-token', `npm_${letters(36)}`],
  ['google-key', `AIza${base64url(35)}`],
  ['huggingface-token', `hf_${letters(34)}`],
  ['stripe-key', `sk_live_${letters(24)}`],
  ['jwt', jwt],
  ['private-key', pem],
];

describe('redaction of well-known secrets', () => {
  const places: [string, (secret: string) => unknown][] = [
    ['as a whole value', (secret) => ({ value: secret })],
    ['within a sentence', (secret) => ({ text: `use ${secret} for it` })],
    ['at the start of a line', (secret) => ({ text: `first line\n${secret}\nlast` })],
    ['after a tab', (secret) => ({ text: `a\t${secret}` })],
    ['in JSON within a string', (secret) => ({ text: JSON.stringify({ a: `\n${secret}`, b: [secret] }) })],
    ['in JSON within JSON within a string', (secret) => ({ text: JSON.stringify({ a: JSON.stringify({ b: `x\n${secret}` }) }) })],
    ['as a key', (secret) => ({ [secret]: 1 })],
    ['in an array', (secret) => [secret, { deep: [[secret]] }]],
    ['after an equals sign', (secret) => ({ text: `X=${secret}` })],
    ['in a URL', (secret) => ({ url: `https://example.com/?q=${secret}&r=1` })],
  ];
  for (const [kind, secret] of formats) {
    it.each(places)(`replaces ${kind} ${secret.slice(0, 8)}… %s`, (_name, build) => {
      const input = JSON.stringify(build(secret));
      const output = text(input);
      const middle = JSON.stringify(secret).slice(9, 17);
      expect(output).not.toContain(middle);
      expect(output).toContain('[redacted:');
      expect(() => JSON.parse(output)).not.toThrow();
    });
    it(`says what ${secret.slice(0, 8)}… was`, () => {
      expect(text(JSON.stringify({ value: secret }))).toBe(`{"value":"[redacted:${kind}]"}`);
    });
  }

  it.each([
    ['a word with sk- in it', 'the task-scheduler-runs-every-night-at-eleven-thirty'],
    ['a risk- word', 'risk-assessment-of-the-whole-production-line-2026'],
    ['a short sk- text', 'sk-short'],
    ['a snake_case word', 'highp_precision_of_everything_and_more_of_it'],
    ['a UUID', '123e4567-e89b-12d3-a456-426614174000'],
    ['a git hash', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
    ['a public key', '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----'],
    ['a Markdown rule', '---------- BEGIN of the story ----------'],
    ['base64 that begins like a JWT', `eyJ${letters(200)}`],
    ['an AKIA word', 'AKIAIOSFODNN7EXAMPLETOOLONG'],
    ['an e-mail address', 'mailto:someone@example.com'],
    ['a URL with a user only', 'https://user@example.com/path'],
    ['a URL with a port', 'http://localhost:8080/@scope/pkg'],
    ['talk of bearers', 'the Bearer authentication-scheme-of-the-web'],
    ['a comparison', 'if (token == null) return; maxTokens=4096; tokens=12345'],
  ])('leaves %s alone', (_name, harmless) => {
    expect(json({ text: harmless })).toEqual({ text: harmless });
  });
});

describe('redaction by name', () => {
  it.each(['password', 'Passwd', 'secret', 'api_key', 'apiKey', 'API-KEY', 'x-api-key', 'token', 'access_token', 'refreshToken', 'client_secret', 'privateKey', 'Authorization', 'GITHUB_PERSONAL_ACCESS_TOKEN', 'db_password', 'aws_secret_access_key', 'SLACK_BOT_TOKEN', 'passphrase', 'cookie', 'Set-Cookie'])('hides the value of "%s"', (name) => {
    expect(isSecretText(name)).toBe(true);
    expect(json({ a: { [name]: 'hunter2' }, b: 1 })).toEqual({ a: { [name]: '[redacted:value]' }, b: 1 });
    expect(json({ content: [{ type: 'text', text: JSON.stringify({ [name]: 'hunter2', b: 'stays' }, null, 2) }] })).toEqual({
      content: [{ type: 'text', text: JSON.stringify({ [name]: '[redacted:value]', b: 'stays' }, null, 2) }],
    });
    expect(json({ [name]: ['hunter2', 'hunter3'] })).toEqual({ [name]: ['[redacted:value]', '[redacted:value]'] });
  });

  it.each(['progressToken', 'nextToken', 'nextPageToken', 'next_page_token', 'continuationToken', 'maxTokens', 'max_tokens', 'tokens', 'tokenizer', 'tokenCount', 'author', 'secretary', 'passwordPolicy', 'keyboard', 'monkey', 'publicKey', 'primaryKey', 'key', 'cursor'])('shows the value of "%s"', (name) => {
    expect(json({ [name]: 'value' })).toEqual({ [name]: 'value' });
  });

  it('leaves the definitions of a tool with secret parameters alone', () => {
    const tool = {
      name: 'login',
      inputSchema: {
        type: 'object',
        properties: { password: { type: 'string', description: 'The password' }, token: { type: 'string' }, apiKey: true },
        required: ['password', 'token'],
      },
    };
    expect(json({ result: { tools: [tool] } })).toEqual({ result: { tools: [tool] } });
  });

  it('keeps the shape of values that are no strings', () => {
    const value = { token: null, password: { a: 'b' }, secret: 5, apiKey: [1, 'x', { y: 'z' }] };
    expect(json(value)).toEqual({ token: null, password: { a: 'b' }, secret: 5, apiKey: [1, 'x', { y: 'z' }] });
  });

  it('hides values with escapes whole', () => {
    expect(json({ password: 'a"b\\c\u0007\nü', next: 'stays' })).toEqual({ password: '[redacted:value]', next: 'stays' });
    const nested = { text: JSON.stringify({ password: 'a"b\\c\nü', next: 'stays' }) };
    expect(json(nested)).toEqual({ text: JSON.stringify({ password: '[redacted:value]', next: 'stays' }) });
  });

  it('hides passwords and tokens in URLs', () => {
    expect(json({ u: 'postgres://app:s3cr3t!@db.example.com:5432/x' })).toEqual({ u: 'postgres://app:[redacted:url-password]@db.example.com:5432/x' });
    expect(json({ u: 'https://x.example/cb?access_token=abcdef123&state=1' })).toEqual({ u: 'https://x.example/cb?access_token=[redacted:value]&state=1' });
    expect(json({ u: 'curl -H "Authorization: Bearer abcdef0123456789abcdef"' })).toEqual({ u: 'curl -H "Authorization: Bearer [redacted:credential]"' });
  });

  it('hides secret headers and shows the others', () => {
    const { headers, count } = redactor.headers({ Authorization: 'Bearer x', Cookie: 'a=b', 'Mcp-Session-Id': 'abc', 'X-Api-Key': 'k', 'X-Auth-Token': 't', Accept: 'application/json', 'Mcp-Protocol-Version': '2025-11-25', 'X-Note': `ghp_${letters(36)}` });
    expect(headers).toEqual({
      authorization: '[redacted:header]',
      cookie: '[redacted:header]',
      'mcp-session-id': '[redacted:header]',
      'x-api-key': '[redacted:header]',
      'x-auth-token': '[redacted:header]',
      accept: 'application/json',
      'mcp-protocol-version': '2025-11-25',
      'x-note': '[redacted:github-token]',
    });
    expect(count).toBe(6);
  });

  it('gives the very same bytes where there is nothing to hide', () => {
    const bytes = Buffer.from('{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"progressToken":"abc"}}}');
    expect(redactor.body(bytes).bytes).toBe(bytes);
  });
});

describe('redaction of anything', () => {
  const secretValue = fc.string({ minLength: 6, maxLength: 40, unit: 'grapheme' }).map((value) => `S3CR37${value}`);
  const planted = fc.oneof(
    fc.constantFrom(...formats.map(([, secret]) => secret)).map((secret) => ({ secret: JSON.stringify(secret).slice(9, 19), build: (rest: fc.JsonValue): unknown => ({ rest, value: secret }) })),
    secretValue.map((secret) => ({ secret: 'S3CR37', build: (rest: fc.JsonValue): unknown => ({ rest, deep: [{ password: secret, rest }] }) })),
    secretValue.map((secret) => ({ secret: 'S3CR37', build: (rest: fc.JsonValue): unknown => ({ rest, text: JSON.stringify({ x: rest, client_secret: secret, y: rest }) }) })),
  );
  const harmless = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('S3CR37'));

  it('keeps JSON parseable and its shape, and never leaves a planted secret', () => {
    fc.assert(
      fc.property(harmless, planted, fc.boolean(), (rest, { secret, build }, pretty) => {
        const input = JSON.stringify(build(rest), null, pretty ? 2 : undefined);
        const output = text(input);
        expect(output).not.toContain(secret);
        expect(Object.keys(JSON.parse(output) as object)).toEqual(Object.keys(JSON.parse(input) as object));
      }),
      { numRuns: 500 },
    );
  });

  it('never throws and never changes JSON into something else, whatever the bytes are', () => {
    const pieces = fc.constantFrom('"', '\\', '\\"', ':', '{', '}', '[', ']', ',', 'password', 'token', '-----BEGIN RSA PRIVATE KEY-----', '-----BEGIN ', 'PRIVATE KEY-----', '-----END ', '-----', 'sk-', 'eyJ', '.', '@', '://', '=', ' ', '\n', '\\n', '\\\\', 'abcdefghijklmnopqrstuvwxyz0123456789', 'Bearer ', '\u00e9');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        const input = parts.join('');
        text(input);
        const whole = JSON.stringify({ a: input, [input]: input, b: { token: input, c: 'end' } });
        expect(JSON.parse(text(whole))).toMatchObject({ b: { c: 'end' } });
        const twice = JSON.stringify({ a: whole });
        expect(() => JSON.parse(text(twice)) as unknown).not.toThrow();
      }),
      { numRuns: 2000 },
    );
  });

  const million = 1_000_000;
  it.each([
    ['a', 'a'],
    ['hex', '0123456789abcdef'],
    ['base64url', 'aB3_dE-9xYz0Qw'],
    ['quotes', '"'],
    ['backslashes', '\\'],
    ['escaped quotes', '\\"'],
    ['eyJ', 'eyJ'],
    ['eyJ and dots', 'eyJhbGciOi.'],
    ['hyphens', '-'],
    ['unfinished keys', '-----BEGIN RSA PRIVATE KEY-----'],
    ['at signs', 'a:@'],
    ['colons and slashes', '://'],
    ['assignments', 'token=a '],
    ['keys', '"password":"x",'],
    ['escaped keys', '\\"password\\":\\"x\\",'],
    ['open keys', '"token":'],
    ['escaped open keys', '\\"token\\":'],
    ['bearers', 'Bearer '],
    ['sk-', 'sk-'],
    ['blanks', ' '],
    ['key, then blanks', '"token"                                '],
    ['underscores', '_'],
    ['AKIA', 'AKIA'],
  ])('takes linear time for a megabyte of %s', (_name, unit) => {
    const bytes = Buffer.from(`{"text":"${unit.repeat(million / unit.length)}"}`);
    const raw = Buffer.from(unit.repeat(million / unit.length));
    let best = Infinity;
    for (let i = 0; i < 3 && best >= 50; i++) {
      const start = process.threadCpuUsage();
      redactor.body(bytes);
      redactor.body(raw);
      const { user } = process.threadCpuUsage(start);
      best = Math.min(best, user / 1000 / 2);
    }
    expect(best).toBeLessThan(50);
  });
});
