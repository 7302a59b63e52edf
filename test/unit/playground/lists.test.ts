// What a server's lists say and do not say: lists that change, and resources that stand in none.
import { afterEach, describe, expect, it } from 'vitest';
import type { RunTarget } from '../../../src/extension/contract/playgroundRuns';
import { scriptedServer } from '../../support/gateway/gatewayFixture';
import { startPlayground, tool, type PlaygroundFixture } from '../../support/playground/playgroundFixture';

let fixture: PlaygroundFixture;
afterEach(() => fixture?.close());

const reads = (name: string): object => ({ name, annotations: { readOnlyHint: true } });
async function open(script: object): Promise<void> {
  fixture = await startPlayground([scriptedServer('s', { tools: [reads('become'), reads('emit')], ...script })]);
  await fixture.connect('s');
}

describe('a list that its server says has changed is read again, and no other:', () => {
  it.each([
    ['notifications/prompts/list_changed', { prompts: ['a', 'b', 'c'] }, ['prompts/list'], { prompt: 3 }],
    ['notifications/resources/list_changed', { resources: ['x://1', 'x://2'], templates: ['x://{a}', 'x://{b}'] }, ['resources/list', 'resources/templates/list'], { resource: 2, template: 2 }],
  ])('%s', async (method, script, lists, counts) => {
    await open({ prompts: ['a'], resources: ['x://1'], templates: ['x://{a}'] });
    const read = (): string[] => fixture.recorder.frames.filter(({ leg, direction, envelope }) => leg === 'upstream' && direction === 'toServer' && envelope.method?.endsWith('/list')).map(({ envelope }) => envelope.method!);
    const before = read().length;
    await fixture.run(tool('s', 'become'), { script });
    await fixture.run(tool('s', 'emit'), { lines: [JSON.stringify({ jsonrpc: '2.0', method })] });
    await fixture.until('the new counts', ({ servers }) => Object.entries(counts).every(([kind, count]) => servers[0]?.counts[kind as 'prompt'] === count));
    expect(read().slice(before).toSorted()).toEqual(lists);
  });
});

describe('a resource that stands in no list', () => {
  const linked: RunTarget = { server: 's', kind: 'resource', name: 'note://one' };

  it('has a definition of nothing but its URI, can be read, and followed', async () => {
    await open({ resources: ['note://listed'] });
    expect(fixture.playground.definition({ server: 's', kind: 'resource', name: 'note://one' })).toEqual({
      target: linked,
      item: { kind: 'resource', name: 'note://one', tokens: 0, change: 'unknown', isUnlisted: true },
      text: '{"uri":"note://one"}',
    });
    expect(fixture.playground.definition({ server: 's', kind: 'resource', name: 'note://listed' })?.item).not.toHaveProperty('isUnlisted');
    const run = await fixture.run(linked);
    expect(run.status).toBe('ok');
    expect(JSON.stringify(await fixture.result(run.id))).toContain('"uri":"note://one"');
    expect(fixture.playground.definition({ server: 's', kind: 'resource', name: 'note://one' })?.item.lastUsedMs).toBe(run.startedMs);
    await fixture.playground.subscribe('s', 'note://one');
    expect(fixture.playground.state.subscriptions).toMatchObject([{ uri: 'note://one' }]);
  });

  it('is not known to be in none before the lists are read, and where the server is not there', async () => {
    fixture = await startPlayground([scriptedServer('s', { resources: [], tools: ['echo'], listDelayMs: 150 })]);
    const definition = () => fixture.playground.definition({ server: 's', kind: 'resource', name: 'note://one' });
    await fixture.playground.connect('s');
    expect(definition()).toBeUndefined();
    await fixture.until('the lists', ({ servers }) => (servers[0]?.revision ?? 0) > 0);
    expect(definition()).toBeDefined();
    await fixture.playground.disconnect('s');
    expect(definition()).toBeUndefined();
  });

  it('is not made up for tools, prompts and templates', async () => {
    await open({ resources: [] });
    for (const kind of ['tool', 'prompt', 'template'] as const) expect(fixture.playground.definition({ server: 's', kind, name: 'x' })).toBeUndefined();
  });
});

describe('values of a template', () => {
  const template = 'x://h/{list}{?q,page:2}';
  it.each([
    ['{"list":["a","b"]}', 'ok', 'x://h/a,b'],
    ['{"list":{"k":"v"},"q":"text"}', 'ok', 'x://h/k,v?q=text'],
    ['{"page":"123"}', 'ok', 'x://h/?page=12'],
    ['{}', 'ok', 'x://h/'],
    ['{"page":["1"]}', 'problems', undefined],
  ])('%s: %s', async (argumentsText, kind, uri) => {
    await open({ templates: [template] });
    const target = { server: 's', kind: 'template', name: template } as const;
    expect((await fixture.playground.checkArguments(target, argumentsText)).kind).toBe(kind);
    if (uri === undefined) return;
    const run = await fixture.run(target, argumentsText);
    expect(JSON.stringify(await fixture.result(run.id))).toContain(`"uri":"${uri}"`);
  });
});
