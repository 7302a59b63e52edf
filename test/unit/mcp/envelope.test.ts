/** The envelope scanner against JSON.parse: table-driven cases, then random JSON. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanEnvelope, splitBatch, type Envelope } from '../../../src/extension/mcp/envelope';
import { decodeString, rawText } from '../../../src/extension/mcp/spans';

const scan = (text: string): Envelope => scanEnvelope(Buffer.from(text));

describe('scanEnvelope', () => {
  it.each([
    ['a request', '{"jsonrpc":"2.0","id":1,"method":"ping"}', { kind: 'request', id: '1', method: 'ping' }],
    ['a string id', '{"jsonrpc":"2.0","id":"1","method":"ping"}', { kind: 'request', id: '"1"' }],
    ['keys in any order', '{"params":{"a":[1]},"method":"x","jsonrpc":"2.0","id":-7}', { kind: 'request', id: '-7', method: 'x' }],
    ['white space everywhere', ' \r\n{ "jsonrpc" : "2.0" ,\t"method" : "n" } \n', { kind: 'notification', method: 'n' }],
    ['a result', '{"jsonrpc":"2.0","id":3,"result":null}', { kind: 'result', id: '3' }],
    ['an error', '{"jsonrpc":"2.0","id":3,"error":{"code":-1,"message":""}}', { kind: 'error', id: '3' }],
    ['an error without an id', '{"jsonrpc":"2.0","error":{"code":-1,"message":""}}', { kind: 'error', id: undefined }],
    ['an error whose id is null', '{"jsonrpc":"2.0","id":null,"error":{}}', { kind: 'error', id: undefined }],
    ['a result beside a null error', '{"jsonrpc":"2.0","id":1,"result":{},"error":null}', { kind: 'result' }],
    ['an integer beyond 2^53', '{"jsonrpc":"2.0","id":123456789012345678901,"method":"x"}', { id: '123456789012345678901' }],
    ['an escaped id', '{"jsonrpc":"2.0","id":"\\u0061","method":"x"}', { id: '"a"' }],
    ['a number id in another form', '{"jsonrpc":"2.0","id":1.0e1,"method":"x"}', { id: '10' }],
    ['escaped keys', '{"\\u006asonrpc":"2.0","i\\u0064":1,"m\\u0065thod":"a\\nb"}', { kind: 'request', id: '1', method: 'a\nb' }],
    ['a key that stands twice: the last one counts', '{"jsonrpc":"2.0","id":1,"method":"a","id":2,"method":"b"}', { id: '2', method: 'b' }],
    ['keys of nested objects do not count', '{"jsonrpc":"2.0","method":"n","params":{"id":1,"result":2}}', { kind: 'notification' }],
    ['a batch', '[{"jsonrpc":"2.0","method":"n"}]', { kind: 'batch' }],
    ['an id that is an object', '{"jsonrpc":"2.0","id":{},"method":"x"}', { kind: 'invalid', malformed: undefined }],
    ['a request whose id is null', '{"jsonrpc":"2.0","id":null,"method":"x"}', { kind: 'invalid', malformed: undefined }],
    ['no version', '{"id":1,"method":"x"}', { kind: 'invalid', id: '1' }],
    ['another version', '{"jsonrpc":"1.0","id":1,"method":"x"}', { kind: 'invalid', id: '1' }],
    ['a method that is no string', '{"jsonrpc":"2.0","id":1,"method":1}', { kind: 'invalid', id: '1' }],
    ['nothing but a version', '{"jsonrpc":"2.0"}', { kind: 'invalid', malformed: undefined }],
    ['a number', '42', { kind: 'invalid', malformed: undefined }],
    ['nothing', '', { kind: 'invalid', malformed: true }],
    ['text', 'Server listening on 3000', { kind: 'invalid', malformed: true }],
    ['a message cut off', '{"jsonrpc":"2.0","id":1,"method":"x"', { kind: 'invalid', malformed: true }],
    ['two messages', '{"jsonrpc":"2.0","method":"x"}{}', { kind: 'invalid', malformed: true }],
    ['a trailing comma', '{"jsonrpc":"2.0","method":"x",}', { kind: 'invalid', malformed: true }],
    ['a byte order mark', '\ufeff{"jsonrpc":"2.0","method":"x"}', { kind: 'invalid', malformed: true }],
    ['a raw line end in a string', '{"jsonrpc":"2.0","method":"x\ny"}', { kind: 'invalid', malformed: true }],
  ])('reads %s', (_name, text, expected) => {
    expect({ id: undefined, malformed: undefined, ...scan(text) }).toMatchObject(expected);
  });

  it('takes bytes that are no UTF-8 for no message', () => {
    const bytes = Buffer.concat([Buffer.from('{"jsonrpc":"2.0","method":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    expect(scanEnvelope(bytes)).toMatchObject({ kind: 'invalid', malformed: true });
  });

  it('is not overwhelmed by deep nesting', () => {
    const depth = 200_000;
    const nested = '['.repeat(depth) + ']'.repeat(depth);
    expect(scan(`{"jsonrpc":"2.0","method":"n","params":${nested}}`)).toMatchObject({ kind: 'notification' });
    expect(scan(`{"jsonrpc":"2.0","method":"n","params":${nested}]}`)).toMatchObject({ kind: 'invalid' });
  });

  it('agrees with JSON.parse on what is JSON, for random JSON and for JSON with one byte changed', () => {
    const json = fc.json({ maxDepth: 4 });
    fc.assert(
      fc.property(json, fc.nat(), fc.integer({ min: 0x20, max: 0x7e }), fc.boolean(), (text, at, byte, change) => {
        const bytes = Buffer.from(`{"jsonrpc":"2.0","method":"n","params":${text}}`);
        if (change) bytes[at % bytes.length] = byte;
        let parsed: unknown;
        try {
          parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
        } catch {
          parsed = undefined;
        }
        const envelope = scanEnvelope(bytes);
        expect(envelope.malformed === true).toBe(parsed === undefined);
      }),
      { numRuns: 2000 },
    );
  });

  it('agrees with JSON.parse on every envelope value, with unknown keys, unicode, escapes and big numbers around', () => {
    const key = fc.oneof(fc.constantFrom('id', 'method', 'params', 'result', 'error', 'jsonrpc', 'Id', 'ids'), fc.string({ unit: 'binary' }));
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom('2.0', 'tools/call', 1e300, -0, 12345678901234567890),
    );
    // Written by hand, so that keys repeat and characters are escaped in different ways.
    const escape = (text: string, all: boolean): string =>
      all ? `"${[...text].map((c) => c.split('').map((u) => `\\u${u.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')).join('')}"` : JSON.stringify(text);
    const space = fc.constantFrom('', ' ', '\n', '\t', '\r\n');
    const member = fc.tuple(key, value, fc.boolean(), space, space);
    fc.assert(
      fc.property(fc.array(member, { maxLength: 8 }), fc.boolean(), (members, versioned) => {
        const parts = members.map(([k, v, all, a, b]) => `${a}${escape(k, all)}${b}:${a}${JSON.stringify(v)}${b}`);
        if (versioned) parts.push('"jsonrpc":"2.0"');
        const text = `{${parts.join(',')}}`;
        const bytes = Buffer.from(text);
        const parsed = JSON.parse(bytes.toString()) as Record<string, unknown>;
        const envelope = scanEnvelope(bytes);
        expect(envelope.malformed).toBeUndefined();
        if (parsed.jsonrpc !== '2.0') {
          expect(envelope.kind).toBe('invalid');
          return;
        }
        if (envelope.kind === 'request' || envelope.kind === 'notification') expect(envelope.method).toBe(parsed.method);
        if (envelope.id !== undefined && typeof parsed.id === 'string') expect(JSON.parse(envelope.id)).toBe(parsed.id);
        if (envelope.paramsSpan) expect(JSON.parse(rawText(bytes, envelope.paramsSpan))).toEqual(parsed.params);
        if (envelope.resultSpan) expect(JSON.parse(rawText(bytes, envelope.resultSpan))).toEqual(parsed.result);
        if (envelope.errorSpan) expect(JSON.parse(rawText(bytes, envelope.errorSpan))).toEqual(parsed.error);
        const hasId = typeof parsed.id === 'string' || typeof parsed.id === 'number';
        if (typeof parsed.method === 'string' && hasId) expect(envelope.kind).toBe('request');
        if (typeof parsed.method === 'string' && !('id' in parsed)) expect(envelope.kind).toBe('notification');
      }),
      { numRuns: 2000 },
    );
  });

  it('finds the end of long strings, whatever stands in them', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('\\', '"', 'a'.repeat(70), 'é', '\n', '\u2028', '😀'), { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        const bytes = Buffer.from(JSON.stringify({ jsonrpc: '2.0', method: text, id: 5 }));
        expect(scanEnvelope(bytes)).toMatchObject({ kind: 'request', method: text, id: '5' });
      }),
      { numRuns: 1000 },
    );
  });
});

describe('splitBatch', () => {
  it('gives the messages as they stand', () => {
    const parts = splitBatch(Buffer.from(' [ {"a": 1} ,{"b":"],["}\n]'));
    expect(parts.map(String)).toEqual(['{"a": 1}', '{"b":"],["}']);
  });

  it('gives nothing for an empty batch', () => {
    expect(splitBatch(Buffer.from('[]'))).toEqual([]);
  });
});

it('decodes strings as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const bytes = Buffer.from(JSON.stringify(text));
      expect(decodeString(bytes, { start: 0, end: bytes.length })).toBe(text);
    }),
  );
});
