/** Owns the states the Playground is looked at in, by name; `?scene=` of its development page. */
import type { PlaygroundState } from '../../../../src/extension/contract/playground';
import type { CatalogItem } from '../../../../src/extension/contract/playgroundCatalog';
import type { ServerRequest } from '../../../../src/extension/contract/playgroundRequests';
import everythingTools from '../../../fixtures/tool-schemas/server-everything.json';
import filesystemTools from '../../../fixtures/tool-schemas/server-filesystem.json';
import playwrightTools from '../../../fixtures/tool-schemas/playwright-mcp.json';
import { runOf, type Scene, type StubItem, type StubServer } from './stubPlayground';

interface Tool {
  readonly name: string;
  readonly inputSchema: object;
  readonly outputSchema?: object;
}

const said = (...names: NonNullable<CatalogItem['hints']>['said']): NonNullable<CatalogItem['hints']> => ({
  isReadOnly: names.includes('readOnly'),
  isDestructive: !names.includes('readOnly'),
  isIdempotent: names.includes('idempotent'),
  isOpenWorld: true,
  said: names,
});

function tool({ name, inputSchema }: Tool, index: number): StubItem {
  const hints = /read|get|list|search|snapshot|echo|screenshot/.test(name) ? said('readOnly') : /write|delete|close|run_code|toggle/.test(name) ? said('destructive', 'openWorld') : said();
  return {
    item: { kind: 'tool', name, description: `What ${name} does, as its server describes it.`, hints, tokens: 80 + Math.round(JSON.stringify(inputSchema).length / 4), ...(index % 5 === 0 ? { lastUsedMs: Date.now() - index * 600_000 } : {}), change: index === 3 ? 'changed' : index === 4 ? 'new' : 'unchanged' },
    definition: { inputSchema: JSON.stringify(inputSchema), text: JSON.stringify({ name, inputSchema }), description: `What ${name} does, as its server describes it. A second sentence says what it returns, and a third what to keep in mind about it.` },
  };
}

const showcase: StubItem = {
  item: { kind: 'tool', name: 'create_report', title: 'Create a report', description: 'Makes a report out of many kinds of values.', hints: said('destructive', 'openWorld'), tokens: 412, change: 'unchanged', task: 'optional' },
  definition: {
    description: 'Makes a report out of many kinds of values. It replaces a report of the same name.',
    inputSchema: JSON.stringify({
      type: 'object',
      required: ['title', 'format', 'range'],
      properties: {
        title: { type: 'string', description: 'What stands at the top.', minLength: 1, maxLength: 120 },
        body: { type: 'string', description: 'Markdown.' },
        format: { type: 'string', oneOf: [{ const: 'pdf', title: 'PDF document' }, { const: 'html', title: 'Web page' }, { const: 'md', title: 'Markdown' }] },
        isDraft: { type: 'boolean', default: true },
        copies: { type: 'integer', minimum: 1, maximum: 100, default: 1 },
        account: { type: 'integer', description: 'Number of the account, all its digits.' },
        due: { type: 'string', format: 'date-time' },
        tags: { type: 'array', items: { enum: ['finance', 'weekly', 'internal', 'urgent'] }, uniqueItems: true },
        range: { type: 'object', description: 'Which rows.', required: ['from'], properties: { from: { type: 'integer', minimum: 0 }, to: { type: ['integer', 'null'] } } },
        rows: { type: 'array', description: 'Rows of the table.', items: { type: 'object', properties: { name: { type: 'string' }, amount: { type: 'number' } }, required: ['name'] } },
        recipient: {
          description: 'Who gets it.',
          oneOf: [
            { title: 'A person', type: 'object', properties: { kind: { const: 'person' }, email: { type: 'string', format: 'email' } }, required: ['kind', 'email'] },
            { title: 'A channel', type: 'object', properties: { kind: { const: 'channel' }, channel: { type: 'string', pattern: '^#' } }, required: ['kind', 'channel'] },
          ],
        },
        labels: { type: 'object', description: 'Any names with their values.', additionalProperties: { type: 'string' } },
        extra: { description: 'Anything.' },
        legacy: { type: 'string', deprecated: true },
      },
    }),
  },
};

const everything: StubServer = {
  server: {
    name: 'everything',
    info: { name: 'mcp-servers/everything', title: 'Everything Reference Server', version: '2.0.0' },
    protocolVersion: '2025-11-25',
    instructions: 'Testing and demonstration server for MCP protocol features.\nUse it to try what a client can do.',
    logged: 4,
  },
  items: [
    showcase,
    ...(everythingTools as Tool[]).map(tool),
    { item: { kind: 'prompt', name: 'simple-prompt', description: 'A prompt with no arguments.' }, definition: { inputSchema: '{"type":"object","properties":{}}', promptArguments: [] } },
    { item: { kind: 'prompt', name: 'completable-prompt', description: 'A prompt with completions.' }, definition: { inputSchema: '{"type":"object","properties":{"department":{"type":"string","description":"Choose the department."},"name":{"type":"string","description":"Choose a team member."}},"required":["department"]}' } },
    ...Array.from({ length: 7 }, (_, i): StubItem => ({ item: { kind: 'resource', name: `demo://resource/static/document/${['architecture', 'extension', 'features', 'how-it-works', 'instructions', 'startup', 'structure'][i]}.md`, title: `${['architecture', 'extension', 'features', 'how-it-works', 'instructions', 'startup', 'structure'][i]}.md`, mimeType: 'text/markdown', description: 'Static document file.' } })),
    { item: { kind: 'template', name: 'demo://resource/dynamic/text/{resourceId}', title: 'Dynamic text resource', mimeType: 'text/plain', description: 'Plain text made on the fly.' }, definition: { inputSchema: '{"type":"object","properties":{"resourceId":{"anyOf":[{"type":"string"},{"type":"array","items":{"type":"string"}},{"type":"object","additionalProperties":{"type":"string"}}]}}}', variables: [{ name: 'resourceId', hasPrefix: false }] } },
  ],
};
const filesystem: StubServer = { server: { name: 'filesystem', info: { name: 'secure-filesystem-server', version: '0.2.0' }, protocolVersion: '2025-11-25' }, items: (filesystemTools as Tool[]).map(tool) };
const browser: StubServer = { server: { name: 'browser', info: { name: 'Playwright', version: '0.0.83' }, protocolVersion: '2025-11-25' }, items: (playwrightTools as Tool[]).map(tool) };
const broken: StubServer = {
  server: { name: 'slack', connection: { kind: 'failed', message: 'slack did not start: npx was not found on PATH. Looked in nvm, fnm, volta.', stderr: ['/bin/sh: 1: npx: not found', 'npm error code ENOENT'], steps: ['retry', 'openConfig'] } },
  items: [],
};
const waiting: StubServer = { server: { name: 'jira', connection: { kind: 'unavailable', message: 'Waiting for your approval', steps: ['review'] } }, items: [] };
const connecting: StubServer = { server: { name: 'sentry', connection: { kind: 'connecting' } }, items: [] };
const empty: StubServer = { server: { name: 'empty' }, items: [] };

const servers = [everything, filesystem, browser, broken, waiting, connecting, empty];
const select = (name: string, kind = 'tool', server = 'everything'): object => ({ selection: { kind: 'target', target: { server, kind, name } }, page: 'arguments' });

const written = `{
  "title": "Quarter",
  "format": "html",
  "account": 12345678901234567890123,
  "range": { "from": 0, "to": null },
  "tags": ["finance", "urgent"],
  "rows": [
    { "name": "Ada", "amount": 12.50 },
    { "name": "Grace" }
  ],
  "recipient": { "kind": "channel", "channel": "#reports" },
  "labels": { "team": "tools" },
  "unknown": [1, 2.0]
}`;

const content = JSON.stringify({
  content: [
    { type: 'text', text: '## Report\n\nThree rows, **two** of them new. See [the guide](https://example.com/guide).\n\n| name | amount |\n| --- | --- |\n| Ada | 12.50 |\n| Grace | 7.00 |' },
    { type: 'image', mimeType: 'image/png', data: 'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC' },
    { type: 'resource_link', uri: 'demo://resource/static/document/features.md', name: 'features.md', mimeType: 'text/markdown' },
  ],
  structuredContent: { rows: 3, total: 19.5, id: 1234567890123 },
});

const logs = [
  { number: 1, timeMs: 1_795_000_000_000, level: 'info', logger: 'everything', text: 'Client connected' },
  { number: 2, timeMs: 1_795_000_001_200, level: 'debug', text: 'Listing tools' },
  { number: 3, timeMs: 1_795_000_004_400, level: 'warning', logger: 'cache', text: 'Cache is 92 % full' },
  { number: 4, timeMs: 1_795_000_009_000, level: 'error', text: '{"code":"E_ROW","row":14}' },
] as const;

const result = { run: 'r1', kind: 'result', text: content, truncated: false, output: { kind: 'problems', problems: [{ path: '/total', message: 'must be integer' }] }, logs: logs.slice(0, 3) } as const;

const request = (part: object): ServerRequest => ({ id: 'q1', server: 'everything', run: 'r1', receivedMs: 1_795_000_000_000, paramsText: '{}', ...part }) as ServerRequest;
const samplingParams = JSON.stringify({
  messages: [{ role: 'user', content: { type: 'text', text: 'Resource trigger-sampling-request context: What is the capital of France?' } }],
  systemPrompt: 'You are a helpful test server.',
  maxTokens: 100,
  temperature: 0.7,
  modelPreferences: { hints: [{ name: 'claude' }], intelligencePriority: 0.8 },
});
const running = runOf('r1', 'trigger-long-running-operation', { status: 'running', elapsedMs: undefined, hasResult: false, call: undefined, resultBytes: undefined, timing: undefined, startedMs: Date.now() - 4_200, progress: { progress: 3, total: 5, message: 'Copying part 3 of 5' } } as Partial<ReturnType<typeof runOf>>);
const done = runOf('r1', 'create_report');

const base: Scene = {
  servers,
  logs,
  models: [
    { id: 'gpt', name: 'GPT-5', vendor: 'copilot', maxInputTokens: 128_000 },
    { id: 'sonnet', name: 'Claude Sonnet', vendor: 'copilot', maxInputTokens: 200_000 },
  ],
};
const obstacle = (kind: NonNullable<PlaygroundState['obstacle']>['kind'], message: string, steps: NonNullable<PlaygroundState['obstacle']>['steps']): Scene => ({ servers: [], state: { obstacle: { kind, message, steps } } });

export const scenes: Readonly<Record<string, Scene>> = {
  ready: base,
  wideSide: { ...base, view: { ...select('echo'), sideWidth: 380, closed: [JSON.stringify(['filesystem'])] } },
  form: { ...base, view: { ...select('create_report'), drafts: [[JSON.stringify(['everything', 'tool', 'create_report']), written]] } },
  formEmpty: { ...base, view: select('create_report') },
  json: { ...base, view: { ...select('create_report'), form: 'json', drafts: [[JSON.stringify(['everything', 'tool', 'create_report']), '{\n  "title": "Quarter",\n  "format": "html"\n}']] } },
  jsonBroken: { ...base, view: { ...select('create_report'), form: 'json', drafts: [[JSON.stringify(['everything', 'tool', 'create_report']), '{\n  "title": "Quarter"\n  "format": "html",\n}']] } },
  result: { ...base, state: { runs: [done, runOf('r2', 'echo', { status: 'toolError', message: 'The file is not there.' }), runOf('r3', 'get-sum', { target: { server: 'filesystem', kind: 'tool', name: 'list_directory' }, elapsedMs: 12 })] }, results: { r1: result, r2: { ...result, run: 'r2', output: undefined }, r3: { ...result, run: 'r3' } }, view: { ...select('create_report'), run: 'r1', page: 'result' } },
  beside: { ...base, state: { runs: [done, runOf('r2', 'create_report', { elapsedMs: 1_240 })] }, results: { r1: result, r2: { run: 'r2', kind: 'result', text: content.replace('Three rows', 'Four rows'), truncated: false, logs: [] } }, view: { ...select('create_report'), run: 'r1', beside: 'r2', page: 'result' } },
  error: { ...base, state: { runs: [runOf('r1', 'create_report', { status: 'error', message: 'Invalid params' })] }, results: { r1: { run: 'r1', kind: 'error', text: '{"code":-32602,"message":"Invalid params: range.from is missing","data":{"field":"range.from"}}', truncated: false, logs: [] } }, view: { ...select('create_report'), run: 'r1', page: 'result' } },
  running: { ...base, state: { runs: [running] }, view: { ...select('trigger-long-running-operation'), run: 'r1', page: 'result' } },
  waits: { ...base, state: { runs: [{ ...running, waitsFor: 'server', progress: undefined } as Partial<ReturnType<typeof runOf>> as ReturnType<typeof runOf>] }, view: { ...select('trigger-long-running-operation'), run: 'r1', page: 'result' } },
  unlisted: { ...base, view: select('note://one', 'resource') },
  connecting: { ...base, view: { selection: { kind: 'server', server: 'sentry' }, page: 'arguments' } },
  savedLoaded: { ...base, view: { ...select('create_report'), drafts: [[JSON.stringify(['everything', 'tool', 'create_report']), '{\n  "title": "Report of {{quarter}}",\n  "format": "pdf",\n  "range": { "from": 0 }\n}', { file: '/home/ada/project/.vscode/mcp-shark/calls.json', folder: '', name: 'Quarterly report' }]] } },
  cancelled: { ...base, state: { runs: [runOf('r1', 'trigger-long-running-operation', { status: 'cancelled', elapsedMs: 2_400, hasResult: false, message: 'You cancelled it.' })] }, view: { ...select('trigger-long-running-operation'), run: 'r1', page: 'result' } },
  died: { ...base, state: { runs: [runOf('r1', 'create_report', { status: 'transportError', hasResult: false, message: 'everything ended in mid-call (exit code 1).', stderr: ['Error: ENOSPC: no space left on device', '    at writeFileSync (node:fs:2368:20)', 'Node.js v24.21.0'] })] }, view: { ...select('create_report'), run: 'r1', page: 'result' } },
  sampling: { ...base, state: { runs: [running], requests: [request({ kind: 'sampling', size: 112, paramsText: samplingParams })] }, view: { ...select('trigger-sampling-request'), run: 'r1', page: 'result' } },
  elicitation: {
    ...base,
    state: {
      runs: [running],
      requests: [
        request({
          kind: 'form',
          message: 'Please provide inputs for the following fields:',
          schema: JSON.stringify({ type: 'object', properties: { name: { title: 'String', type: 'string', description: 'Your full, legal name' }, check: { title: 'Boolean', type: 'boolean', description: 'Agree to the terms and conditions' }, email: { title: 'String with email format', type: 'string', format: 'email' }, integer: { title: 'Integer', type: 'integer', minimum: 1, maximum: 100, default: 42 }, hero: { title: 'Titled Single Select Enum', type: 'string', oneOf: [{ const: 'hero-1', title: 'Superman' }, { const: 'hero-2', title: 'Green Lantern' }] }, fish: { title: 'Untitled Multiple Select Enum', type: 'array', minItems: 1, maxItems: 3, items: { type: 'string', enum: ['Nemo', 'Dory', 'Bruce'] } } }, required: ['name'] }),
        }),
        request({ id: 'q2', kind: 'url', message: 'Sign in to go on.', url: 'https://xn--pple-43d.example.com/login?next=https%3A%2F%2Fexample.org&state=8f14e45fceea167a5a36dedd4bea2543', host: 'xn--pple-43d.example.com', isOpened: false }),
      ],
    },
    view: { ...select('trigger-elicitation-request'), run: 'r1', page: 'result' },
  },
  url: { ...base, state: { requests: [request({ kind: 'url', message: 'Sign in to go on.', url: 'https://xn--pple-43d.example.com/login?next=https%3A%2F%2Fexample.org&state=8f14e45fceea167a5a36dedd4bea2543', host: 'xn--pple-43d.example.com', isOpened: false })] }, view: { page: 'result' } },
  prompt: { ...base, view: { ...select('completable-prompt', 'prompt'), drafts: [[JSON.stringify(['everything', 'prompt', 'completable-prompt']), '{}']] } },
  template: { ...base, view: { ...select('demo://resource/dynamic/text/{resourceId}', 'template'), drafts: [[JSON.stringify(['everything', 'template', 'demo://resource/dynamic/text/{resourceId}']), '{"resourceId":"a b/7"}']] } },
  resource: { ...base, state: { subscriptions: [{ server: 'everything', uri: 'demo://resource/static/document/features.md', sinceMs: 0, updates: 3, updatedMs: Date.now() - 61_000, run: 'r9' }] }, view: select('demo://resource/static/document/features.md', 'resource') },
  raw: { ...base, view: { ...select('tools/list', 'request') } },
  server: { ...base, view: { selection: { kind: 'server', server: 'everything' }, page: 'arguments' } },
  serverFailed: { ...base, view: { selection: { kind: 'server', server: 'slack' }, page: 'arguments' } },
  roots: { ...base, view: { selection: { kind: 'roots' }, page: 'arguments' } },
  saved: {
    ...base,
    saved: [
      {
        path: '/home/ada/project/.vscode/mcp-shark/calls.json', label: '.vscode/mcp-shark/calls.json', name: 'calls', variables: { owner: 'ada' }, problems: [{ line: 14, column: 3, message: 'A call needs a name.' }],
        calls: [
          { id: 's1', file: '/home/ada/project/.vscode/mcp-shark/calls.json', name: 'Quarterly report', folder: 'Reports', target: { server: 'everything', kind: 'tool', name: 'create_report' }, argumentsText: '{"title":"{{quarter}}"}', variables: ['quarter'], line: 4 },
          { id: 's2', file: '/home/ada/project/.vscode/mcp-shark/calls.json', name: 'Home folder', folder: '', target: { server: 'filesystem', kind: 'tool', name: 'list_directory' }, argumentsText: '{"path":"/home/{{owner}}"}', variables: ['owner'], line: 22 },
        ],
      },
    ],
    view: { side: 'saved' },
  },
  history: {
    ...base,
    history: Array.from({ length: 40 }, (_, i) => ({ id: `h${i}`, target: { server: i % 3 === 2 ? 'filesystem' : 'everything', kind: 'tool' as const, name: ['echo', 'get-sum', 'list_directory'][i % 3] ?? '' }, argumentsText: '{}', isRedacted: i === 4, status: i % 7 === 3 ? ('toolError' as const) : ('ok' as const), startedMs: 1_795_000_000_000 - i * 60_000, elapsedMs: 12 + i * 31, call: `w1/${i}` })),
    view: { side: 'history' },
  },
  noMatch: { ...base, view: { search: 'nowhere to be found' } },
  hostile: {
    ...base,
    servers: [
      {
        server: { name: 'evil' },
        items: [
          { item: { kind: 'tool', name: '<script>alert(1)</script>\u202egnp.exe', description: '<img src=x onerror=alert(1)>\u001b[31m', hints: said() }, definition: { inputSchema: JSON.stringify({ type: 'object', properties: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`p${i}`, { type: 'string', title: `<b>${i}</b>`, description: i === 0 ? 'Shows invoice\u202efdp.exe\u202c here\u200b.\u{e0041}\u{e0042}' : 'x'.repeat(50) }])) }) } },
          { item: { kind: 'tool', name: 'invalid', description: 'Its schema is no schema.' }, definition: { inputSchema: '[1,2,3]' } },
          ...Array.from({ length: 3_000 }, (_, i): StubItem => ({ item: { kind: 'tool', name: `tool_${i}`, hints: said() }, definition: { inputSchema: '{"type":"object"}' } })),
        ],
      },
    ],
    view: select('<script>alert(1)</script>\u202egnp.exe', 'tool', 'evil'),
  },
  invalidSchema: { ...base, servers: [{ server: { name: 'evil' }, items: [{ item: { kind: 'tool', name: 'invalid', description: 'Its schema is no schema.' }, definition: { inputSchema: '[1,2,3]' } }] }], view: select('invalid', 'tool', 'evil') },
  nothingConfigured: obstacle('nothingConfigured', 'Name MCP servers in .vscode/mcp-shark.json; it has the same form as mcp.json. Their tools, prompts and resources can then be tried here.', ['addServer']),
  routingOff: obstacle('routingOff', 'Calls go through the gateway, which is off. Turn routing on to run tools.', ['turnRoutingOn']),
  untrusted: obstacle('untrusted', 'MCP servers are programs, so MCP Shark starts none in Restricted Mode. Trust the workspace to run their tools.', ['manageTrust']),
  starting: obstacle('starting', 'Starting', []),
  gatewayFailed: obstacle('gatewayFailed', 'Port 41113 is taken by another program.', ['retry', 'showLog']),
  gone: { servers: [], isGone: true },
};
