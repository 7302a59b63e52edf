// The small parts of the Playground, each by itself: JSON as text, arguments, definitions, sampling, history, roots, logs.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlaygroundRun } from '../../../src/extension/contract/playgroundRuns';
import { checkSyntax, expandTemplate, templateValues } from '../../../src/extension/playground/arguments';
import { definitionOf, readEntry } from '../../../src/extension/playground/catalogEntry';
import { RunHistory } from '../../../src/extension/playground/history';
import { isJson, memberElements, memberString, memberText, membersOf, syntaxProblem } from '../../../src/extension/playground/jsonText';
import { ServerLogs } from '../../../src/extension/playground/logs';
import { Roots } from '../../../src/extension/playground/roots';
import { RunList } from '../../../src/extension/playground/runList';
import { previewOf, samplingPromptOf, samplingResult } from '../../../src/extension/playground/sampling';
import { ServerRequests } from '../../../src/extension/playground/serverRequests';
import { PlaygroundTap, type ServerNews } from '../../../src/extension/playground/tap';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';

describe('JSON as text', () => {
  it('gives members as they stand', () => {
    const json = ' {"a":{"n":12345678901234567890, "s":"\\u0041"},"list":[1, {"x":2}],"s":"t"}';
    expect(memberText(json, 'a', 'n')).toBe('12345678901234567890');
    expect(memberString(json, 'a', 's')).toBe('A');
    expect(memberElements(json, 'list')).toEqual(['1', '{"x":2}']);
    expect(membersOf(json).map(([name]) => name)).toEqual(['a', 'list', 's']);
    expect([memberText(json, 'b'), memberString(json, 'list'), memberElements(json, 's')]).toEqual([undefined, undefined, []]);
  });

  it('agrees with JSON.parse on what JSON is, and every problem has a place', () => {
    const parses = (text: string): boolean => {
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    };
    const broken = fc.tuple(fc.json(), fc.nat(), fc.string({ maxLength: 3 })).map(([json, at, more]) => json.slice(0, at % (json.length + 1)) + more + json.slice(at % (json.length + 1)));
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), broken), (text) => {
        expect(isJson(text)).toBe(parses(text));
        const problem = syntaxProblem(text);
        expect(problem === undefined).toBe(parses(text));
        if (problem) expect(problem.offset).toBeLessThanOrEqual(text.length);
      }),
    );
  });

  it.each([
    ['', 1, 1],
    ['{"a":}', 1, 6],
    ['{"a":1 "b":2}', 1, 8],
    ["{'a':1}", 1, 2],
    ['{"a":1}\n// note', 2, 1],
    ['{\r\n  "a": "\\x"\r\n}', 2, 8],
    ['{"a":NaN}', 1, 6],
    ['\uFEFF{}', 1, 1],
  ])('%j breaks at %d:%d', (text, line, column) => expect(syntaxProblem(text)).toMatchObject({ line, column }));

  it('is not brought down by depth', () => {
    const deep = '['.repeat(200_000);
    expect(syntaxProblem(deep)?.kind).toBe('syntax');
  });
});

describe('arguments', () => {
  it('must be an object; params may be a list', () => {
    expect(checkSyntax('{}').kind).toBe('ok');
    expect(checkSyntax('[1]').kind).toBe('syntax');
    expect(checkSyntax('[1]', true).kind).toBe('ok');
    expect(checkSyntax('"x"', true).kind).toBe('syntax');
  });

  it('of templates keep every digit', () => {
    expect([...templateValues('{"a":12345678901234567890,"b":["x",1],"c":{"k":true},"d":null,"e":false}')]).toEqual([
      ['a', '12345678901234567890'],
      ['b', ['x', '1']],
      ['c', { k: 'true' }],
      ['e', 'false'],
    ]);
    expect(expandTemplate('x://{a}{?q}', '{"a":"1 2","q":"ä"}')).toEqual({ kind: 'ok', uri: 'x://1%202?q=%C3%A4' });
    expect(expandTemplate('x://{', '{}').kind).toBe('problem');
    expect(expandTemplate('x://{a}', '{').kind).toBe('problem');
  });
});

describe('a definition', () => {
  it('stays verbatim, with what people look for taken out', () => {
    const text = '{ "name":"t", "inputSchema": {"type":"object","maximum":12345678901234567890}, "annotations":{"readOnlyHint":true}, "x":1 }';
    const entry = readEntry('tool', text)!;
    expect(entry.item.hints).toEqual({ isReadOnly: true, isDestructive: false, isIdempotent: false, isOpenWorld: true, said: ['readOnly'] });
    const definition = definitionOf('s', entry, { ...entry.item, change: 'unknown' });
    expect(definition.text).toBe(text);
    expect(definition.inputSchema).toBe('{"type":"object","maximum":12345678901234567890}');
    expect(entry.item.tokens).toBe(Math.ceil(text.length / 4));
  });

  it.each(['null', '7', '[]', '{}', '{"name":""}', '{"name":{}}', '{"name":'])('%j is none', (text) => expect(readEntry('tool', text)).toBeUndefined());

  it('with fields of the wrong kind has none of them', () => {
    const entry = readEntry('tool', '{"name":"t","title":7,"description":[],"annotations":"x","execution":{"taskSupport":"sometimes"}}')!;
    expect(entry.item).toEqual({ kind: 'tool', name: 't', hints: { isReadOnly: false, isDestructive: true, isIdempotent: false, isOpenWorld: true, said: [] }, tokens: 25 });
  });

  it('of prompts and templates has a schema made for it', () => {
    const prompt = readEntry('prompt', '{"name":"p","arguments":[{"name":"a","required":true,"description":"first"},{"name":"b"},{"x":1},7]}')!;
    expect(JSON.parse(definitionOf('s', prompt, { ...prompt.item, change: 'unknown' }).inputSchema!)).toEqual({
      type: 'object',
      properties: { a: { type: 'string', description: 'first' }, b: { type: 'string' } },
      required: ['a'],
    });
    const template = readEntry('template', '{"uriTemplate":"x://{a}{?q:3}","name":"n"}')!;
    const definition = definitionOf('s', template, { ...template.item, change: 'unknown' });
    const text = { type: 'string' };
    const many = { anyOf: [text, { type: 'array', items: text }, { type: 'object', additionalProperties: text }] };
    expect(JSON.parse(definition.inputSchema!)).toEqual({ type: 'object', properties: { a: many, q: text } });
    expect(template.item.title).toBe('n');
  });
});

describe('sampling', () => {
  it('translates messages and says what it leaves out', () => {
    const prompt = samplingPromptOf(
      JSON.stringify({
        systemPrompt: 'be brief',
        messages: [
          { role: 'user', content: { type: 'text', text: 'hi' } },
          { role: 'assistant', content: [{ type: 'text', text: 'ho' }, { type: 'image', data: 'AAAA', mimeType: 'image/png' }] },
          { role: 'user', content: { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' } },
          7,
        ],
        maxTokens: 10,
        temperature: 0.5,
        stopSequences: ['END', 7],
        tools: [{ name: 't' }],
        modelPreferences: {},
        includeContext: 'thisServer',
      }),
    );
    expect(prompt).toMatchObject({ maxTokens: 10, temperature: 0.5, stopSequences: ['END'] });
    expect(prompt.messages.map(({ role, text, images }) => [role, text.split('\n\n').at(-1), images.length])).toEqual([
      ['user', 'be brief', 0],
      ['user', 'hi', 0],
      ['assistant', 'ho', 1],
      ['user', '', 0],
    ]);
    expect(prompt.notes.join(' ')).toMatch(/system prompt.*audio.*tools.*context.*choose the model/is);
    expect(previewOf(prompt).messages[2]).toEqual({ role: 'assistant', text: 'ho', images: 1 });
    expect(JSON.parse(samplingResult({ text: 'x', model: 'm', stopReason: 'endTurn' }))).toEqual({ role: 'assistant', content: { type: 'text', text: 'x' }, model: 'm', stopReason: 'endTurn' });
  });

  it('never throws, whatever was asked', () => {
    fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => void samplingPromptOf(text)));
  });
});

describe('the history', () => {
  const run = (more: Partial<PlaygroundRun> = {}): PlaygroundRun => ({
    id: 'run-1',
    target: { server: 's', kind: 'tool', name: 't' },
    argumentsText: '{"a":1}',
    origin: 'user',
    status: 'ok',
    startedMs: 1_000,
    elapsedMs: 5,
    hasResult: true,
    call: 'w/1',
    ...more,
  });
  const made = (stored?: unknown) => {
    const memory = new Map<string, unknown>([['history', stored]]);
    const history = new RunHistory({
      memory: { get: (key) => memory.get(key), set: async (key, value) => void memory.set(key, value) },
      redact: (text) => text.replace(/secret/g, '[redacted]'),
      logger: nullLogger,
    });
    return { history, memory };
  };

  it('keeps target, redacted arguments and the id of the call, and comes back after a restart', () => {
    const { history, memory } = made();
    history.add(run({ argumentsText: '{"p":"secret"}' }));
    expect(history.entries).toMatchObject([{ argumentsText: '{"p":"[redacted]"}', isRedacted: true, call: 'w/1' }]);
    expect(made(JSON.parse(JSON.stringify(memory.get('history')))).history.entries).toEqual(history.entries);
  });

  it('holds two hundred, leaves out what still runs and what subscriptions read', () => {
    const { history } = made();
    for (let k = 0; k < 250; k++) history.add(run({ id: `run-${k}` }));
    history.add(run({ id: 'x', status: 'running' }));
    history.add(run({ id: 'y', origin: 'subscription' }));
    expect([history.entries.length, history.entries[0]?.id]).toEqual([200, '1000-run-249']);
    history.clear();
    expect(history.entries).toEqual([]);
  });

  it.each([7, 'x', {}, [7, null, { id: 1 }], [{ id: 'a', target: { server: 's', kind: 'weapon', name: 'n' }, argumentsText: '', status: 'ok', startedMs: 1, elapsedMs: 1 }]])(
    'reads nothing out of %j',
    (stored) => expect(made(stored).history.entries).toEqual([]),
  );
});

describe('roots', () => {
  const made = (stored?: unknown) => {
    const memory = new Map<string, unknown>([['roots', stored]]);
    return new Roots({ memory: { get: (key) => memory.get(key), set: async (key, value) => void memory.set(key, value) }, folders: () => [{ uri: 'file:///w', name: 'w' }] });
  };
  it('are the folders until they are changed, per workspace', async () => {
    const roots = made();
    expect(roots.state).toEqual({ roots: [{ uri: 'file:///w', name: 'w' }], isDefault: true });
    await roots.set([{ uri: 'file:///x' }]);
    expect(roots.state).toEqual({ roots: [{ uri: 'file:///x' }], isDefault: false });
    await roots.set([]);
    expect(roots.state).toEqual({ roots: [], isDefault: false });
    await roots.set(undefined);
    expect(roots.state.isDefault).toBe(true);
  });
  it.each(['https://example.org', 'x', '/home', 'file:', 'javascript:alert(1)'])('%j is none', async (uri) => {
    await expect(made().set([{ uri }])).rejects.toThrow(/file:\/\//);
    expect(made([{ uri }]).state.isDefault).toBe(true);
  });
});

it('logs keep the latest thousand, numbered, cut, with levels that exist', () => {
  const logs = new ServerLogs();
  for (let k = 1; k <= 2_500; k++) logs.add(`{"level":"debug","logger":"l","data":"message ${k}"}`, k, undefined);
  expect(logs.after(0)).toHaveLength(1_000);
  expect(logs.after(2_498).map(({ number, text }) => [number, text])).toEqual([[2_499, 'message 2499'], [2_500, 'message 2500']]);
  expect(logs.add('{"level":"shout","data":{"big":12345678901234567890}}', 1, 'run-1')).toMatchObject({ level: 'info', text: '{"big":12345678901234567890}', run: 'run-1' });
  expect(logs.add(JSON.stringify({ level: 'error', data: 'x'.repeat(50_000) }), 1, undefined).text).toHaveLength(10_000);
});

it('news of a server are those of its latest session: an earlier one may end as badly as it likes', () => {
  const tap = new PlaygroundTap();
  const news: string[] = [];
  tap.listener = { onSent: () => undefined, onOwnAnswer: () => undefined, onServer: (server, one: ServerNews) => void news.push(`${server} ${one.kind}`) };
  const recorder = tap.wrap({ frame: () => 1, event: () => 1, flush: () => undefined });
  const tell = (type: 'session.opened' | 'session.closed' | 'server.failed' | 'server.running', session: string, data: Record<string, unknown> = {}): void =>
    void recorder.event({ type, session, server: 's', data });
  tell('session.opened', 'one', { playground: true });
  tell('server.running', 'one');
  tell('session.opened', 'two', { playground: true });
  tell('server.failed', 'one', { message: 'exited with code 1', stderr: [] });
  tell('session.closed', 'one');
  tell('server.running', 'two');
  tell('server.failed', 'another client');
  expect(news).toEqual(['s running', 's running']);
});

it('an address that is opened by two presses is answered once', async () => {
  const agree: (() => void)[] = [];
  const sent: string[] = [];
  const requests = new ServerRequests({
    clock: systemClock,
    checkSchema: async () => ({ kind: 'fits' }),
    person: { openUrl: () => new Promise((resolve) => agree.push(() => resolve(true))) },
    roots: () => [],
    onChange: () => undefined,
  });
  const session = { respond: (id: string, result: string) => void sent.push(`${id} ${result}`) } as never;
  const params = '{"mode":"url","url":"https://example.org/","message":"m","elicitationId":"e"}';
  requests.receive({ server: 's', session: () => session, runOf: () => undefined }, { id: '1', method: 'elicitation/create', params, stream: undefined });
  const { id } = requests.cards[0]!;
  const answers = [requests.answerUrl(id, 'open'), requests.answerUrl(id, 'open')];
  for (const one of agree) one();
  await Promise.all(answers);
  expect(sent).toEqual(['1 {"action":"accept"}']);
});

describe('the list of runs', () => {
  const request = { target: { server: 's', kind: 'tool', name: 't' }, argumentsText: '', sendAnyway: false, asTask: false } as const;
  it('drops the oldest settled ones, never one that goes on', () => {
    const runs = new RunList(systemClock, () => undefined);
    const first = runs.add(request, 'user');
    for (let k = 0; k < 150; k++) runs.settle(runs.add(request, 'user'), { status: 'ok' }, { kind: 'result', text: '{}' });
    expect(runs.states).toHaveLength(100);
    expect(runs.get(first.state.id)).toBe(first);
    runs.remove(first.state.id);
    expect(runs.get(first.state.id)).toBe(first);
    expect(runs.settle(first, { status: 'cancelled' })).toBe(true);
    expect(runs.settle(first, { status: 'ok' })).toBe(false);
    expect(first.state.status).toBe('cancelled');
  });

  it('lets go of old results when they become too large, keeps the newest', () => {
    const runs = new RunList(systemClock, () => undefined);
    const big = 'x'.repeat(40 * 1024 * 1024);
    const [a, b] = [runs.add(request, 'user'), runs.add(request, 'user')];
    runs.settle(a, { status: 'ok' }, { kind: 'result', text: big });
    runs.settle(b, { status: 'ok' }, { kind: 'result', text: big });
    expect([a.state.hasResult, b.state.hasResult]).toEqual([false, true]);
  });
});
