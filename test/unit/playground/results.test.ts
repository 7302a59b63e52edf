// What is given of a run's result, and files taken out of it.
import { describe, expect, it } from 'vitest';
import { MAX_RESULT_TEXT, type PlaygroundRun } from '../../../src/extension/contract/playgroundRuns';
import type { Run } from '../../../src/extension/playground/runList';
import { resultOf } from '../../../src/extension/playground/runResult';
import { runContent } from '../../../src/extension/services/playgroundService';
import { check } from '../../../src/extension/validation/check';

const run = (text: string, outputSchema?: object): Run => ({
  state: { id: 'run-1' } as PlaygroundRun,
  request: {} as never,
  result: { kind: 'result', text } as Run['result'],
  outputSchema: outputSchema && JSON.stringify(outputSchema),
  logs: [],
});
const checkSchema = async (schema: string, value: string) => check(schema, value);

describe('the result of a run', () => {
  it.each([
    ['a picture of 900 kB', 900_000],
    ['a picture as large as is drawn', 30_000_000],
  ])('is whole with %s in it', async (_what, bytes) => {
    const text = JSON.stringify({ content: [{ type: 'image', mimeType: 'image/png', data: Buffer.alloc(bytes, 1).toString('base64') }] });
    const result = await resultOf(run(text), checkSchema);
    expect([result?.truncated, result?.text.length]).toEqual([false, text.length]);
  });

  it('is cut where it is longer than that, and checked as a whole all the same', async () => {
    const text = JSON.stringify({ structuredContent: { n: 'x' }, content: [{ type: 'text', text: 'y'.repeat(MAX_RESULT_TEXT) }] });
    const result = await resultOf(run(text, { properties: { n: { type: 'integer' } } }), checkSchema);
    expect([result?.truncated, result?.text.length]).toEqual([true, MAX_RESULT_TEXT]);
    expect(result?.output).toMatchObject({ kind: 'problems', problems: [{ path: '/n' }] });
  });

  it('that fits its output schema keeps what was not checked', async () => {
    const result = await resultOf(run('{"structuredContent":{"when":"soon"}}', { properties: { when: { type: 'string', format: 'x-own' } } }), checkSchema);
    expect(result?.output).toEqual({ kind: 'fits', notes: [expect.stringContaining('x-own')] });
  });
});

describe('a file in a result', () => {
  const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  const held = {
    run: (id: string) => (id === 'run-1' ? ({ id, startedMs: 7 } as PlaygroundRun) : undefined),
    resultText: (id: string) => (id === 'run-1' ? JSON.stringify({ content: [{ type: 'image', data: png, mimeType: 'text/html' }] }) : undefined),
  };

  it('is what its bytes say', () => expect(runContent(held, 'run-1@7', '/content/0')).toMatchObject({ name: 'content.png', family: 'image' }));

  it.each([
    ['a run of the same number in an earlier window', 'run-1@6', '/content/0'],
    ['a run that is gone', 'run-2@7', '/content/0'],
    ['a run that never was', 'undefined@undefined', '/content/0'],
    ['a place with no file', 'run-1@7', '/content/1'],
  ])('is not found in %s', (_what, id, pointer) => expect(() => runContent(held, id, pointer)).toThrow('There is no media or file'));
});
