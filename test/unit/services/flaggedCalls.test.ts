// Which calls a definition has to do with: the filter that shows them, and what Traffic is told to mark.
import { describe, expect, it } from 'vitest';
import type { Application } from '../../../src/extension/application';
import type { Finding, FindingSeverity } from '../../../src/extension/contract/findings';
import type { DefinitionKind } from '../../../src/extension/contract/governance';
import type { CallRow } from '../../../src/extension/contract/traffic';
import { compileMatcher } from '../../../src/extension/query/match';
import { parseFilter } from '../../../src/extension/query/parser';
import { callsUsing, flaggedDefinitions, kindUsedBy } from '../../../src/extension/services/flaggedCalls';
import { TrafficService, type TrafficEditorPort } from '../../../src/extension/services/trafficService';
import type { CallActions } from '../../../src/extension/services/callActions';
import { Emitter } from '../../../src/extension/util/event';

const row = (more: Partial<CallRow>): CallRow => ({ id: 'w/1', frame: 1, timeMs: 0, origin: 'client', session: 's', server: 'files', method: 'tools/call', name: 'write', status: 'ok', requestBytes: 1, ...more });
const finding = (kind: DefinitionKind, name: string, severity: FindingSeverity, message: string, server = 'files'): Finding => ({
  rule: 'definition.orders', tier: 'phrase', severity, message, place: { in: 'definition', server, kind, name, pointer: '' },
});

describe('the calls that use a definition', () => {
  it.each<[kind: DefinitionKind, name: string, matching: Partial<CallRow>, other: Partial<CallRow>]>([
    ['tool', 'write', {}, { method: 'prompts/get' }],
    ['tool', 'say "a*b", (c)', { name: 'say "a*b", (c)' }, { name: 'say "axb", (c)' }],
    ['prompt', 'write', { method: 'prompts/get' }, { server: 'other', method: 'prompts/get' }],
    ['resource', 'file:///a b', { method: 'resources/read', name: 'file:///a b' }, { method: 'resources/read', name: 'file:///c' }],
    ['instructions', '', { name: 'anything' }, { server: 'other' }],
  ])('of a %s "%s" are found by filter', (kind, name, matching, other) => {
    const matches = compileMatcher(parseFilter(callsUsing({ server: 'files', kind, name })!), 0);
    expect([matching, other].map((one) => matches({ row: row(one), bodies: () => [] }))).toEqual([true, false]);
  });

  it('cannot be told of a template, nor of what has no name', () => {
    expect(callsUsing({ server: 'files', kind: 'template', name: 'file:///{path}' })).toBeUndefined();
    expect(callsUsing({ server: 'files', kind: 'tool', name: '' })).toBeUndefined();
  });

  it('know their definition by their method', () => {
    expect(['tools/call', 'prompts/get', 'resources/read', 'tools/list', 'toString'].map(kindUsedBy)).toEqual(['tool', 'prompt', 'resource', undefined, undefined]);
  });
});

describe('what is flagged', () => {
  it('is each definition once, the worst first, with the version that was checked', () => {
    const found = [
      finding('tool', 'write', 'low', 'Padded.'),
      finding('tool', 'write', 'high', 'Hides text.'),
      finding('tool', 'write', 'high', 'Hides text.'),
      finding('prompt', 'ask', 'medium', 'Gives orders.'),
      finding('tool', 'worse', 'high', 'Is a clone.', 'other'),
      finding('instructions', '', 'high', 'Of the server as a whole.'),
      { ...finding('tool', 'x', 'high', 'In a message.'), place: { in: 'message', start: 0, end: 1 } } as const,
    ];
    const flagged = flaggedDefinitions(found, ({ name }) => (name === 'write' ? '0123456789abcdef0123' : undefined));
    expect(flagged).toEqual([
      { server: 'files', method: 'tools/call', name: 'write', definition: '0123456789abcdef', severity: 'high', messages: ['Hides text.', 'Padded.'], calls: 'server:files tool:write' },
      { server: 'other', method: 'tools/call', name: 'worse', severity: 'high', messages: ['Is a clone.'], calls: 'server:other tool:worse' },
      { server: 'files', method: 'prompts/get', name: 'ask', severity: 'medium', messages: ['Gives orders.'], calls: 'server:files prompt:ask' },
    ]);
  });

  it('is bounded', () => {
    const many = Array.from({ length: 1_500 }, (_, k) => finding('tool', `t${k}`, k === 1_499 ? 'high' : 'low', 'Padded.'));
    const flagged = flaggedDefinitions(many, () => undefined);
    expect([flagged.length, flagged[0]?.name]).toEqual([1_000, 't1499']);
  });

  it('is what the view is given, and told of; nothing where nobody checks', async () => {
    const changed = new Emitter<void>();
    let now = flaggedDefinitions([], () => undefined);
    const service = new TrafficService({} as Application, {} as TrafficEditorPort, {} as CallActions, { flagged: () => now, onDidChange: changed.event });
    let told = 0;
    const listening = service.onDidFlag(() => (told += 1));
    now = flaggedDefinitions([finding('tool', 'write', 'high', 'Hides text.')], () => undefined);
    changed.fire();
    expect([told, (await service.flagged()).map(({ name }) => name)]).toEqual([1, ['write']]);
    listening.dispose();
    changed.fire();
    expect(told).toBe(1);
    const without = new TrafficService({} as Application, {} as TrafficEditorPort, {} as CallActions);
    without.onDidFlag(() => undefined).dispose();
    expect(await without.flagged()).toEqual([]);
  });
});
