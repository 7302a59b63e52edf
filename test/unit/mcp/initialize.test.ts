/** The aggregate's answer to initialize. */
import { describe, expect, it } from 'vitest';
import { mergeInitializeAnswers } from '../../../src/extension/mcp/initialize';

const answer = (server: string, capabilities: object, more: object = {}) => ({
  server,
  result: { capabilities, ...more } as never,
});

describe('mergeInitializeAnswers', () => {
  it('can be written whatever a server says it can', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    const merged = mergeInitializeAnswers([answer('bad', { tools: {}, x: deep }), answer('good', { logging: {} })], '2025-11-25', '1');
    expect(JSON.parse(JSON.stringify(merged))).toMatchObject({ capabilities: { logging: {} } });
  });

  it('offers lists that change even where no server has answered yet', () => {
    expect(mergeInitializeAnswers([], '2025-06-18', '1.0.0')).toEqual({
      protocolVersion: '2025-06-18',
      capabilities: { tools: { listChanged: true }, prompts: { listChanged: true }, resources: { listChanged: true } },
      serverInfo: { name: 'mcp-shark', title: 'MCP Shark', version: '1.0.0' },
    });
  });

  it('joins capabilities, known and unknown', () => {
    const { capabilities } = mergeInitializeAnswers(
      [
        answer('a', { tools: { listChanged: false }, logging: {}, extensions: { 'io.a/x': { v: 1 } } }),
        answer('b', { resources: { subscribe: true }, tasks: { list: {} }, extensions: { 'io.b/y': {} }, later: { z: true } }),
      ],
      '2025-11-25',
      '1',
    );
    expect(capabilities).toEqual({
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { subscribe: true, listChanged: true },
      logging: {},
      tasks: { list: {} },
      extensions: { 'io.a/x': { v: 1 }, 'io.b/y': {} },
      later: { z: true },
    });
  });

  it('puts a heading over the instructions of each server that has some', () => {
    const { instructions } = mergeInitializeAnswers(
      [answer('a', {}, { instructions: 'Do this.\n' }), answer('b', {}), answer('c', {}, { instructions: 'Do that.' })],
      undefined,
      '1',
    );
    expect(instructions).toBe('# a\n\nDo this.\n\n# c\n\nDo that.');
  });

  it.each([
    ['2024-11-05', '2024-11-05'],
    ['2025-11-25', '2025-11-25'],
    ['2026-07-28', '2025-11-25'],
    [undefined, '2025-11-25'],
  ])('answers version %s with %s', (asked, given) => {
    expect(mergeInitializeAnswers([], asked, '1').protocolVersion).toBe(given);
  });
});
