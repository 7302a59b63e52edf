/** Which state the view is in, and which notices stand above the list. */
import { describe, expect, it } from 'vitest';
import type { ApplicationStatus } from '../../../src/extension/contract/status';
import { noticesOf, stageOf, type StageInput } from '../../../src/webview/traffic/model/stage';
import { healthy } from '../../support/webview/stubHost';

const status = (more: Partial<ApplicationStatus> = {}): ApplicationStatus => ({ ...healthy, ...more });
const input = (more: Partial<StageInput> = {}): StageInput => ({ status: status(), isLoaded: true, total: 0, filter: '', scope: 'all', isSearching: false, failure: undefined, ...more });
const problem = { file: '/a/mcp-shark.json', line: 3, column: 1, message: 'Expected a comma.' };

describe('the stage', () => {
  it.each<[string, StageInput, string]>([
    ['nothing has answered yet', input({ status: undefined, isLoaded: false }), 'loading'],
    ['the calls are there but the status is not', input({ status: undefined }), 'loading'],
    ['the host failed before the first answer', input({ isLoaded: false, failure: new Error('x') }), 'noAnswer'],
    ['there are calls, whatever else is wrong', input({ total: 1, failure: new Error('x'), status: status({ trusted: false }) }), 'list'],
    ['a filter matches nothing', input({ filter: 'x' }), 'nothingMatches'],
    ['texts are still being searched', input({ filter: 'x', isSearching: true }), 'searching'],
    ['the audit log is being opened', input({ isLoaded: false, status: status({ store: { kind: 'opening' } }) }), 'opening'],
    ['nothing passed this window, though others may have recorded', input({ scope: 'window' }), 'nothingMatches'],
    ['the workspace is not trusted', input({ status: status({ trusted: false, servers: [] }) }), 'untrusted'],
    ['no server is configured', input({ status: status({ servers: [] }) }), 'nothingConfigured'],
    ['the configuration is broken', input({ status: status({ servers: [], configProblems: [problem] }) }), 'idle'],
    ['routing is off', input({ status: status({ routing: false, gateway: { kind: 'off' } }) }), 'routingOff'],
    ['all is well and no call came', input(), 'idle'],
  ])('when %s', (_, given, kind) => expect(stageOf(given).kind).toBe(kind));
});

describe('the notices', () => {
  const list = { kind: 'list' } as const;
  const kinds = (more: Partial<ApplicationStatus>, failure?: unknown): string[] => noticesOf(status(more), list, failure).map((notice) => notice.kind);

  it('are none when all is well', () => expect(kinds({})).toEqual([]));

  it('name every failed server and every problem of the configuration', () => {
    const failed = (name: string): ApplicationStatus['servers'][number] => ({ name, transport: 'stdio', state: { kind: 'failed', message: 'x', stderr: [], atMs: 0 } });
    expect(kinds({ servers: [failed('a'), failed('b')], configProblems: [problem] })).toEqual(['configProblem', 'serverFailed', 'serverFailed']);
  });

  it('say when recording is at risk, routing off, the workspace untrusted, the host silent', () => {
    expect(kinds({ store: { kind: 'degraded', message: 'x', missingFrames: 2 } })).toEqual(['store']);
    expect(kinds({ gateway: { kind: 'failed', message: 'x' } })).toEqual(['gatewayFailed']);
    expect(kinds({ routing: false })).toEqual(['routingOff']);
    expect(kinds({ trusted: false, routing: false })).toEqual(['untrusted']);
    expect(kinds({}, new Error('x'))).toEqual(['noAnswer']);
  });

  it('put what is only worth knowing last', () => {
    expect(kinds({ configNotes: [problem], routing: false })).toEqual(['routingOff', 'configNote']);
  });

  it('do not repeat what fills the view already', () => {
    const off = status({ routing: false, gateway: { kind: 'off' } });
    expect(noticesOf(off, { kind: 'routingOff' }, undefined)).toEqual([]);
    expect(noticesOf(status({ trusted: false }), { kind: 'untrusted' }, undefined)).toEqual([]);
    expect(noticesOf(undefined, { kind: 'noAnswer', error: 1 }, 1)).toEqual([]);
  });
});
