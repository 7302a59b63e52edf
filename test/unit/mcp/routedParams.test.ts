// What routing reads of params is found while the frame is scanned; it must be what a walk of its own finds.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { movedEnvelope, scanEnvelope } from '../../../src/extension/mcp/envelope';
import { rawText, splice } from '../../../src/extension/mcp/spans';

const names = { name: 'name', uri: 'uri', ref: 'ref', meta: '_meta', task: 'task', taskId: 'taskId' } as const;

const found = (text: string): Record<string, unknown> | undefined => {
  const bytes = Buffer.from(text);
  const { params } = scanEnvelope(bytes);
  return params && Object.fromEntries(Object.entries(params).map(([key, span]) => [key, JSON.parse(rawText(bytes, span))]));
};

describe('members of params that routing asks for', () => {
  it('are what JSON.parse gives, whatever stands beside them', () => {
    const key = fc.oneof(fc.constantFrom(...Object.values(names)), fc.string({ unit: 'binary', maxLength: 8 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.jsonValue()), { maxLength: 8 }), (entries) => {
        const params = `{${entries.map(([name, value]) => `${JSON.stringify(name)} : ${JSON.stringify(value)}`).join(', ')}}`;
        const parsed = JSON.parse(params) as Record<string, unknown>;
        const expected = Object.fromEntries(Object.entries(names).flatMap(([place, name]) => (Object.hasOwn(parsed, name) ? [[place, parsed[name]]] : [])));
        expect(found(`{"jsonrpc":"2.0","id":1,"method":"m","params":${params}}`)).toEqual(expected);
      }),
    );
  });

  it('are found however they are escaped, and the last one counts', () => {
    expect(found('{"jsonrpc":"2.0","id":1,"method":"m","p\\u0061rams":{"n\\u0061me":"a","\\u005fmeta":{"x":1},"name":"b"}}')).toEqual({ name: 'b', meta: { x: 1 } });
    expect(found('{"jsonrpc":"2.0","id":1,"method":"m","params":{"name":"a"},"params":{"uri":"b"}}')).toEqual({ uri: 'b' });
    expect(found('{"jsonrpc":"2.0","id":1,"method":"m","params":{"name":"a"},"params":[1]}')).toBeUndefined();
    expect(found('{"jsonrpc":"2.0","id":1,"method":"m","params":[{"name":"a"}]}')).toBeUndefined();
  });

  it('make no frame valid that is broken', () => {
    for (const params of ['{"name"}', '{"name":}', '{"name":"a",}', '{"name":"a"', '{name:1}', '{"a":[}}']) {
      expect(scanEnvelope(Buffer.from(`{"jsonrpc":"2.0","id":1,"method":"m","params":${params}}`)).malformed).toBe(true);
    }
  });

  it('move with the bytes', () => {
    const bytes = Buffer.from('{"jsonrpc":"2.0","id":1,"method":"m","params":{"name":"a","uri":"b"}}');
    const envelope = scanEnvelope(bytes);
    const edits = [{ span: envelope.params!.name!, text: '"longer"' }];
    expect(movedEnvelope(envelope, edits).params).toEqual(scanEnvelope(splice(bytes, edits)).params);
  });
});
