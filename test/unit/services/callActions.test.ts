/** What can be done with a recorded call, with a store that holds what a test says: nothing reaches out unasked. */
import { describe, expect, it } from 'vitest';
import { createRedactor, type Redactor } from '../../../src/extension/capture/redactor';
import type { Finding } from '../../../src/extension/contract/findings';
import type { DefinitionVersion } from '../../../src/extension/contract/governance';
import type { BodyPart, CallDetail, CallPage, CallRow, FrameText } from '../../../src/extension/contract/traffic';
import type { PayloadRef, SchemaCheck } from '../../../src/extension/contract/trafficApi';
import { CallActions, checkedLink, MAX_WHOLE, type CheckedLink, type ContentFile, type ResendQuestion } from '../../../src/extension/services/callActions';
import type { PlaygroundOpening } from '../../../src/extension/services/playgroundPort';
import { openingOf } from '../../../src/extension/services/recordedRequest';
import { compileMatcher } from '../../../src/extension/query/match';
import { parseFilter } from '../../../src/extension/query/parser';

const PNG = Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1');

function frame(text: string, more: Partial<FrameText> = {}): FrameText {
  return { frame: 1, leg: 'downstream', direction: 'toServer', kind: 'request', timeMs: 0, sinceRequestUs: 0, bytes: text.length, text, truncated: false, ...more };
}
function rowOf(more: Partial<CallRow> = {}): CallRow {
  return { id: 'w/1', frame: 1, timeMs: 1_000, origin: 'client', session: 's1', server: 'files', method: 'tools/call', name: 'write', status: 'ok', requestBytes: 1, ...more };
}
function detailOf(params: string, result: unknown, more: Partial<CallDetail> = {}, row: Partial<CallRow> = {}): CallDetail {
  return { row: rowOf(row), request: frame(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`), response: frame(JSON.stringify({ result })), related: [], ...more };
}
const listing = (annotations: object | undefined, timeMs = 500): CallDetail =>
  detailOf('{}', { tools: [{ name: 'other' }, { name: 'write', ...(annotations ? { annotations } : {}) }] }, {}, { id: `w/list${timeMs}`, method: 'tools/list', name: undefined, timeMs });

interface World {
  readonly actions: CallActions;
  readonly asked: ResendQuestion[];
  readonly resent: PlaygroundOpening[];
  /** Of those, whether the user has agreed. */
  readonly agreed: boolean[];
  readonly opened: PlaygroundOpening[];
  readonly links: CheckedLink[];
  readonly files: [pointer: string, file: ContentFile, how: string][];
  readonly checked: [schema: string, value: string][];
  /** Versions of definitions that were shown, and those that were compared. */
  readonly shown: [definition: string, ...hashes: string[]][];
}

function world(calls: readonly CallDetail[], options: { readonly agrees?: boolean; readonly hasPlayground?: boolean; readonly bodies?: Readonly<Record<string, string>>; readonly findings?: readonly Finding[]; readonly redactor?: Redactor; readonly versions?: readonly DefinitionVersion[] } = {}): World {
  const made = { asked: [], resent: [], agreed: [], opened: [], links: [], files: [], checked: [], shown: [] } as Omit<World, 'actions'>;
  const playground = { resend: async (opening: PlaygroundOpening, isAgreed: boolean) => void (made.resent.push(opening), made.agreed.push(isAgreed)), open: async (opening: PlaygroundOpening) => void made.opened.push(opening) };
  const actions = new CallActions({
    store: async () => ({
      call: async (id) => calls.find(({ row }) => row.id === id),
      page: async ({ filter }): Promise<CallPage> => {
        const matches = compileMatcher(parseFilter(filter ?? ''), 0);
        const rows = calls.map(({ row }) => row).filter((row) => matches({ row, bodies: () => [] })).toSorted((a, b) => b.timeMs - a.timeMs);
        return { rows, total: rows.length, offset: 0, through: 1 };
      },
      body: async ({ id, part }: PayloadRef, fromByte: number, limit: number): Promise<BodyPart> => {
        const bytes = Buffer.from(options.bodies?.[`${id} ${part}`] ?? '');
        return { text: bytes.toString('utf8', fromByte, fromByte + limit), fromByte, toByte: Math.min(bytes.length, fromByte + limit), totalBytes: bytes.length };
      },
    }),
    findings: () => options.findings ?? [],
    versions: ({ server, kind, name }) => (`${server} ${kind} ${name}` === 'files tool write' ? (options.versions ?? []) : []),
    redactor: options.redactor ?? createRedactor(),
    checkSchema: async (schema, value): Promise<SchemaCheck> => {
      made.checked.push([schema, value]);
      return { kind: 'fits' };
    },
    editor: {
      openContent: async (_ref, pointer, file, how) => void made.files.push([pointer, file, how]),
      openLink: async (link) => void made.links.push(link),
      showDefinition: async ({ server, kind, name }, hash) => void made.shown.push([`${server} ${kind} ${name}`, hash]),
      compareDefinitions: async ({ server, kind, name }, left, right) => void made.shown.push([`${server} ${kind} ${name}`, left, right]),
      confirmResend: async (question) => {
        made.asked.push(question);
        return options.agrees ?? true;
      },
    },
    playground: () => (options.hasPlayground === false ? undefined : playground),
  });
  return { ...made, actions };
}

describe('sending again', () => {
  const call = detailOf('{"name":"files__write","arguments":{"id":12345678901234567890,"x":1.0}}', {}, { upstreamRequest: frame('{"params":{"name":"write","arguments":{"id":12345678901234567890,"x":1.0}}}', { leg: 'upstream' }) });

  it.each<[what: string, list: CallDetail[], isReadOnly: boolean | undefined]>([
    ['is not marked', [listing(undefined)], false],
    ['is marked as destructive', [listing({ destructiveHint: true })], false],
    ['was never listed', [], undefined],
    ['was read-only once, and is not in the list before the call', [listing({ readOnlyHint: true }, 100), listing({}, 900)], false],
  ])('asks first where the tool %s', async (_what, list, isReadOnly) => {
    const { actions, asked, resent } = world([call, ...list], { agrees: false });
    await actions.resend('w/1');
    expect(asked).toMatchObject([{ server: 'files', what: 'write', isTool: true, isReadOnly, isRedacted: false }]);
    expect(resent).toEqual([]);
  });

  it('agreed to is not asked about again', async () => {
    const { actions, agreed } = world([call, listing({})]);
    await actions.resend('w/1');
    expect(agreed).toEqual([true]);
  });

  it('does not ask for a tool that was marked read-only, but leaves it to what it is now, and keeps every digit', async () => {
    const { actions, asked, resent, agreed } = world([call, listing({ readOnlyHint: true })]);
    await actions.resend('w/1');
    expect([asked, agreed]).toEqual([[], [false]]);
    expect(resent).toEqual([{ target: { server: 'files', kind: 'tool', name: 'write' }, argumentsText: '{"id":12345678901234567890,"x":1.0}', isRedacted: false }]);
  });

  it('asks where secrets were hidden, whatever the tool', async () => {
    const hidden = detailOf('{"arguments":{"token":"[redacted:token]"}}', {});
    const { actions, asked } = world([hidden, listing({ readOnlyHint: true })], { agrees: false });
    await actions.resend('w/1');
    expect(asked).toMatchObject([{ isRedacted: true, isReadOnly: true }]);
  });

  it('refuses what no client asked, what no server was asked, and where there is no Playground', async () => {
    await expect(world([detailOf('{}', {}, {}, { origin: 'server' })]).actions.resend('w/1')).rejects.toMatchObject({ code: 'query.invalid' });
    await expect(world([detailOf('{}', {}, {}, { server: undefined })]).actions.resend('w/1')).rejects.toMatchObject({ code: 'query.invalid' });
    await expect(world([call], { hasPlayground: false }).actions.resend('w/1')).rejects.toMatchObject({ code: 'query.invalid' });
    await expect(world([]).actions.resend('w/1')).rejects.toMatchObject({ code: 'notFound' });
  });

  it.each<[method: string, name: string | undefined, params: string, opening: object]>([
    ['prompts/get', 'review', '{"name":"review","arguments":{"a":"b"}}', { target: { server: 'files', kind: 'prompt', name: 'review' }, argumentsText: '{"a":"b"}' }],
    ['resources/read', 'file:///a', '{"uri":"file:///a"}', { target: { server: 'files', kind: 'resource', name: 'file:///a' } }],
    ['resources/list', undefined, '{"cursor":"x","_meta":{"progressToken":1}}', { target: { server: 'files', kind: 'request', name: 'resources/list' }, argumentsText: '{"cursor":"x"}' }],
    ['notifications/roots/list_changed', undefined, '{}', { target: { server: 'files', kind: 'notification', name: 'notifications/roots/list_changed' }, argumentsText: '{}' }],
  ])('of %s opens as that', (method, name, params, opening) => {
    const detail = detailOf(params, {}, {}, { method, name });
    expect(openingOf(detail, detail.request.text)).toEqual({ isRedacted: false, ...opening });
  });
});

describe('the check of the output', () => {
  it('is made of the text of the structured content, digit by digit', async () => {
    const call = detailOf('{}', {}, { outputSchema: '{"type":"object"}', response: frame('{"result": {"structuredContent": {"id": 12345678901234567890}}}') });
    const { actions, checked } = world([call]);
    expect(await actions.checkOutput('w/1')).toEqual({ kind: 'fits' });
    expect(checked).toEqual([['{"type":"object"}', '{"id": 12345678901234567890}']]);
  });

  it('says what is missing', async () => {
    expect(await world([detailOf('{}', { content: [] }, { outputSchema: '{}' })]).actions.checkOutput('w/1')).toMatchObject({ kind: 'problems' });
    expect(await world([detailOf('{}', {})]).actions.checkOutput('w/1')).toMatchObject({ kind: 'unusable' });
  });
});

describe('content', () => {
  const content = [
    { type: 'image', mimeType: 'image/gif', data: PNG.toString('base64') },
    { type: 'resource', resource: { uri: 'file:///a/../Päper Nº1.final.exe', mimeType: 'text/plain', text: 'x' } },
    { type: 'resource', resource: { uri: 'a:b', mimeType: 'image/svg+xml', blob: Buffer.from('<svg xmlns="x"></svg>').toString('base64') } },
    { type: 'resource', resource: { uri: 'a:b/archive', blob: Buffer.from('PK\x03\x04..').toString('base64') } },
    { type: 'text', text: 'plain' },
  ];
  it.each<[place: number, name: string, family: string]>([
    [0, 'content.png', 'image'],
    [1, 'Päper-Nº1-final.txt', 'text'],
    [2, 'a-b.svg', 'text'],
    [3, 'archive.zip', 'other'],
    [4, 'content.txt', 'text'],
  ])('%i is the file %s, shown as %s', async (place, name, family) => {
    const { actions, files } = world([detailOf('{}', { content })]);
    await actions.openContent({ id: 'w/1', part: 'response' }, `/result/content/${place}`, 'open');
    expect(files).toMatchObject([[`/result/content/${place}`, { name, family }, 'open']]);
  });

  it('is found in a body that comes in parts', async () => {
    const text = JSON.stringify({ result: { content: [{ type: 'image', data: PNG.toString('base64') }], pad: 'ä'.repeat(5_000_000) } });
    const { actions, files } = world([detailOf('{}', {}, { response: frame(text.slice(0, 1_000), { truncated: true }) })], { bodies: { 'w/1 response': text } });
    await actions.openContent({ id: 'w/1', part: 'response' }, '/result/content/0', 'save');
    expect(Buffer.from(files[0]![1].bytes)).toEqual(PNG);
  });

  it.each(['/result/content/9', '/result/content/__proto__', '', '/result/content/0/data', `/${'x'.repeat(3_000)}`])('at %j is refused', async (pointer) => {
    await expect(world([detailOf('{}', { content })]).actions.content({ id: 'w/1', part: 'response' }, pointer)).rejects.toThrow();
  });

  it('that is too much is refused before it is read whole', async () => {
    const huge = { call: async () => detailOf('{}', {}, { response: frame('', { truncated: true }) }), page: undefined as never, body: async (): Promise<BodyPart> => ({ text: '', fromByte: 0, toByte: 0, totalBytes: MAX_WHOLE + 1 }) };
    const actions = new CallActions({ findings: () => [], versions: () => [], redactor: createRedactor(), store: async () => huge, checkSchema: undefined as never, editor: undefined as never, playground: () => undefined });
    await expect(actions.whole({ id: 'w/1', part: 'response' })).rejects.toMatchObject({ code: 'query.invalid' });
  });
});

describe('links', () => {
  it.each<[url: string, link: CheckedLink]>([
    ['https://example.com/a?b=c%20d#e', { url: 'https://example.com/a?b=c%20d#e', host: 'example.com', hasUser: false }],
    ['HTTP://EXAMPLE.com:8080', { url: 'http://example.com:8080/', host: 'example.com:8080', hasUser: false }],
    ['https://bank.example@evil.example/', { url: 'https://bank.example@evil.example/', host: 'evil.example', hasUser: true }],
    ['https://\u0430pple.com/', { url: 'https://xn--pple-43d.com/', host: 'xn--pple-43d.com', readableHost: '\u0430pple.com', hasUser: false }],
  ])('%s goes to what it says', (url, link) => {
    expect(checkedLink(url)).toEqual(link);
  });

  it.each(['javascript:alert(1)', 'command:x', 'file:///etc/passwd', 'vscode://x/y', '//example.com', 'https://', 'https://a b', 'https://a\u202eb.com', 'https://example.com/\n', ' https://example.com', `https://example.com/${'x'.repeat(2_000)}`, 3, undefined])('%j is not opened', (url) => {
    expect(() => checkedLink(url)).toThrow(/opened/);
  });

  it('are shown to the user before anything is opened', async () => {
    const { actions, links } = world([]);
    await actions.openLink('https://example.com');
    expect(links).toHaveLength(1);
    await expect(actions.openLink('command:quit')).rejects.toMatchObject({ code: 'query.invalid' });
    expect(links).toHaveLength(1);
  });
});

describe('what the local checks say of a call', () => {
  const about = (kind: 'tool' | 'prompt' | 'instructions', name: string, message: string): Finding => ({
    rule: 'definition.hiddenText',
    tier: 'structural',
    severity: 'high',
    message,
    place: { in: 'definition', server: 'files', kind, name, pointer: '' },
  });
  const findings = [about('tool', 'write', 'of the tool'), about('tool', 'other', 'of another'), about('prompt', 'write', 'of a prompt'), about('instructions', '', 'of the server')];

  it('is what they say of its definition and of the server, not of others', async () => {
    const { actions } = world([detailOf('{"name":"write"}', {})], { findings });
    expect((await actions.findings('w/1')).map(({ message }) => message)).toEqual(['of the tool', 'of the server']);
  });

  it('is nothing for a call that uses no definition, and for one that is gone', async () => {
    const { actions } = world([detailOf('{}', {}, {}, { method: 'tools/list', name: undefined })], { findings });
    expect(await actions.findings('w/1')).toEqual([]);
    expect(await actions.findings('w/2')).toEqual([]);
  });

  it('tells of secrets that were redacted in its messages', async () => {
    const { actions } = world([detailOf('{"token":"[redacted:value]"}', {})]);
    expect((await actions.findings('w/1')).map(({ rule }) => rule)).toEqual(['message.secret']);
  });

  it('leads to the calls it is about, where a filter tells them', async () => {
    const { actions } = world([detailOf(`{"token":"[redacted:value]","now":"ghp_${'aB3dE9xYz0Qw'.repeat(3)}"}`, {})], { findings });
    // The last one was recorded before it was known to be a secret: no mark to look for.
    expect((await actions.findings('w/1')).map(({ calls }) => calls)).toEqual(['server:files tool:write', 'server:files', '"[redacted:value]"', undefined]);
  });

  it('takes for a secret what the user does, and nothing else', async () => {
    const call = detailOf('{"patientId":"4711-88","card":"4111 1111 1111 1111"}', {});
    const kinds = async (redactor: Redactor): Promise<string[]> => (await world([call], { redactor }).actions.findings('w/1')).map(({ excerpt = '' }) => excerpt);
    expect(await kinds(createRedactor())).toEqual(['[redacted:card]']);
    expect(await kinds(createRedactor({ keys: ['patientId'], off: ['card'] }))).toEqual(['[redacted:key]']);
  });
});

describe('the definition a call ran under', () => {
  const hashOf = (start: string): string => start.padEnd(64, '0');
  const now: DefinitionVersion = { hash: hashOf('cccccccccccccccc'), firstSeenMs: 300, place: 'listed' };
  const before: DefinitionVersion = { hash: hashOf('bbbbbbbbbbbbbbbb'), firstSeenMs: 100, place: 'earlier', approvedMs: 100 };
  const versions = [now, before];
  const under = (definition: string | undefined, more: Partial<CallRow> = {}): CallDetail => detailOf('{}', {}, {}, { ...(definition === undefined ? {} : { definition }), ...more });

  it.each<[what: string, call: CallDetail, version: DefinitionVersion | undefined]>([
    ['is the one listed now', under('c'.repeat(16)), now],
    ['is an earlier one', under('b'.repeat(16)), before],
    ['is not kept', under('a'.repeat(16)), undefined],
    ['is not known', under(undefined), undefined],
    ['is of another server', under('c'.repeat(16), { server: 'other' }), undefined],
    ['is of a prompt of that name', under('c'.repeat(16), { method: 'prompts/get' }), undefined],
    ['is none, for a list', under('c'.repeat(16), { method: 'tools/list', name: undefined }), undefined],
  ])('%s', async (_what, call, version) => {
    const { actions, shown } = world([call], { versions });
    expect(await actions.definition('w/1')).toEqual(version);
    if (version) return;
    await expect(actions.openDefinition('w/1')).rejects.toMatchObject({ code: 'notFound' });
    await expect(actions.compareDefinition('w/1')).rejects.toMatchObject({ code: 'notFound' });
    expect(shown).toEqual([]);
  });

  it('is none of two that begin with the same digits: a server could make them so', async () => {
    const twin = { ...before, hash: `${'c'.repeat(16)}${'1'.repeat(48)}` };
    expect(await world([under('c'.repeat(16))], { versions: [now, twin] }).actions.definition('w/1')).toBeUndefined();
  });

  it('is opened as it was, and compared with the one listed last on the right', async () => {
    const { actions, shown } = world([under('b'.repeat(16))], { versions });
    await actions.openDefinition('w/1');
    await actions.compareDefinition('w/1');
    expect(shown).toEqual([['files tool write', before.hash], ['files tool write', before.hash, now.hash]]);
  });
});
