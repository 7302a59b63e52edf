/**
 * Owns calls that show each part of the detail: every kind of content, headers, both legs, nested calls, server output, errors with a
 * stack, bodies that come in parts. Each is what a real server, good or bad, could send.
 */
import type { CallDetail, CallRow, FrameText } from '../../../src/extension/contract/traffic';
import type { PayloadPart, SchemaCheck } from '../../../src/extension/contract/trafficApi';
import { HUGE_PNG, PNG, toneWav } from './sampleMedia';

export interface Sample {
  readonly row: Partial<CallRow> & Pick<CallRow, 'name'>;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
  readonly more?: (row: CallRow) => Partial<CallDetail>;
  readonly check?: SchemaCheck;
}

const MARKDOWN = `# Release notes

Version **1.4** with \`audit log\` export, ~~no~~ fewer bugs.

- [x] Journal before forwarding
- [ ] Retention by [size](https://example.com/docs/retention?by=size)
- nested
  1. first
  2. second

> Quoted, with *emphasis*.

| Field | Meaning | Bytes |
| --- | :---: | ---: |
| \`id\` | number of the call | 8 |
| \`name\` | of the tool | 46 |

\`\`\`ts
const answer = await client.callTool({ name: 'echo' });
\`\`\`

![a picture elsewhere](https://tracker.example/pixel.png) <b onclick="alert(1)">HTML stays text</b>
[https://bank.example](https://evil.example/login) [run](command:workbench.action.quit) https://example.org
`;

const SCHEMA = JSON.stringify({ type: 'object', properties: { temperature: { type: 'number' }, humidity: { type: 'integer', maximum: 100 } }, required: ['temperature'] });
const at = (row: CallRow, us: number): number => row.timeMs + Math.round(us / 1000);

export const samples: Readonly<Record<string, Sample>> = {
  markdown: { row: { name: 'release_notes' }, params: { version: '1.4' }, result: { content: [{ type: 'text', text: MARKDOWN, annotations: { audience: ['user'], priority: 0.9 } }] } },
  media: {
    row: { name: 'screenshot' },
    result: {
      content: [
        { type: 'image', mimeType: 'image/png', data: PNG, annotations: { audience: ['user', 'assistant'], priority: 1, lastModified: '2026-11-22T12:00:00Z' } },
        { type: 'audio', mimeType: 'audio/wav', data: toneWav() },
        { type: 'image', mimeType: 'image/jpeg', data: PNG },
        { type: 'image', mimeType: 'image/png', data: HUGE_PNG },
        { type: 'image', mimeType: 'image/png', data: btoa('<script>alert(1)</script>') },
        { type: 'image', mimeType: 'image/png', data: 'not base64 *' },
      ],
    },
  },
  resources: {
    row: { name: 'get_resource_links' },
    result: {
      content: [
        { type: 'resource_link', uri: 'https://example.com/report.pdf', name: 'report', title: 'Quarterly report', description: 'All numbers of the quarter.', mimeType: 'application/pdf', size: 48_213 },
        { type: 'resource_link', uri: 'demo://resource/static/7', name: 'Resource 7', mimeType: 'text/plain' },
        { type: 'resource', resource: { uri: 'file:///project/config.json', mimeType: 'application/json', text: '{"retries":3,"id":12345678901234567890,"ratio":1.0}' } },
        { type: 'resource', resource: { uri: 'demo://picture.svg', mimeType: 'image/svg+xml', text: '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="60"><script>alert(1)</script><rect width="120" height="60" fill="teal"/></svg>' } },
        { type: 'resource', resource: { uri: 'demo://archive.zip', mimeType: 'application/zip', blob: btoa('PK\x03\x04rest of the archive') } },
        { type: 'resource', resource: { uri: 'demo://notes', mimeType: 'application/octet-stream', blob: btoa('plain text in a blob') } },
        { type: 'hologram', depth: 3 },
      ],
    },
  },
  structured: {
    row: { name: 'get_weather' },
    params: { city: 'Bern' },
    result: { content: [{ type: 'text', text: '{"temperature":"cold","humidity":140}' }], structuredContent: { temperature: 'cold', humidity: 140 } },
    more: () => ({ outputSchema: SCHEMA }),
    check: { kind: 'problems', problems: [{ path: '/temperature', message: 'must be a number, is text' }, { path: '/humidity', message: 'must be at most 100' }], notes: ['The format "shark-name" is not known here and was not checked.'] },
  },
  prompt: {
    row: { name: 'review', method: 'prompts/get' },
    result: { description: 'Review a change', messages: [{ role: 'user', content: { type: 'text', text: 'Review **this** change:\n\n- one\n- two' } }, { role: 'assistant', content: { type: 'text', text: 'It looks right.' } }] },
  },
  sampling: {
    row: { name: undefined, method: 'sampling/createMessage', origin: 'server', parent: 'w1/7' },
    params: { systemPrompt: 'Be brief.', maxTokens: 200, messages: [{ role: 'user', content: { type: 'text', text: 'Summarise the page.' } }, { role: 'user', content: [{ type: 'tool_result', toolUseId: 't1', content: [{ type: 'text', text: 'A page about prices.' }] }] }] },
    result: { role: 'assistant', model: 'gpt-5', stopReason: 'endTurn', content: { type: 'text', text: 'Prices, mostly.' } },
  },
  exchange: {
    row: { name: 'long_running' },
    params: { duration: 10 },
    result: { content: [{ type: 'text', text: 'Done after 10 steps.' }] },
    more: (row) => ({
      related: relatedOf(row),
      nested: [{ id: `w1/${row.frame - 1}`, frame: row.frame - 1, timeMs: at(row, 400_000), origin: 'server', session: 's1', server: row.server, method: 'sampling/createMessage', detail: 'Summarise the page in two sentences', status: 'ok', durationUs: 700_000, requestBytes: 310, responseBytes: 190, parent: row.id }],
      output: [
        { timeMs: at(row, 12_000), sinceRequestUs: 12_000, stream: 'stderr', text: '\u001b[32minfo\u001b[0m starting long operation' },
        { timeMs: at(row, 640_000), sinceRequestUs: 640_000, stream: 'stderr', text: '\u001b[33mwarn\u001b[0m upstream slow, retrying (attempt 2)' },
        { timeMs: at(row, 900_000), sinceRequestUs: 900_000, stream: 'stdout', text: 'debug: leftover console.log' },
        { timeMs: at(row, 1_500_000), sinceRequestUs: 1_500_000, stream: 'stderr', text: 'evil\u202egnp.exe \u0007\u001b]0;title\u0007 done' },
      ],
    }),
  },
  stack: {
    row: { name: 'query', status: 'error', errorCode: -32603, detail: 'relation "ordres" does not exist' },
    params: { sql: 'select * from ordres' },
    error: { code: -32603, message: 'relation "ordres" does not exist', data: { position: 15, hint: null } },
    more: () => ({ errorMessage: 'relation "ordres" does not exist', errorStack: 'Error: relation "ordres" does not exist\n    at Parser.parseErrorMessage (/srv/pg/parser.js:283:98)\n    at Socket.<anonymous> (/srv/pg/index.js:11:42)\n    at Socket.emit (node:events:518:28)' }),
  },
  http: {
    row: { name: 'search_issues' },
    params: { q: 'is:open label:bug' },
    result: { content: [{ type: 'text', text: '3 issues' }] },
    more: (row) => {
      const text = JSON.stringify({ jsonrpc: '2.0', id: row.frame, method: 'tools/call', params: { name: 'github__search_issues', arguments: { q: 'is:open label:bug' }, _meta: { progressToken: 17 } } });
      const far = text.replace('github__search_issues', 'search_issues').replace(`"id":${row.frame}`, '"id":3');
      return {
        request: { ...frameOf(row, 0, {}, 'downstream', true, 0), text, headers: { 'content-type': 'application/json', authorization: 'Bearer [redacted:bearer]', accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-11-25', 'user-agent': 'Visual Studio Code/1.139.1' } },
        upstreamRequest: { ...frameOf(row, 1, {}, 'upstream', true, 900), text: far, headers: { 'content-type': 'application/json', authorization: 'Bearer [redacted:bearer]', 'x-request-id': '5b2c' } },
      };
    },
  },
  big: { row: { name: 'read_everything' }, result: { content: [{ type: 'text', text: bigText() }] } },
  deep: { row: { name: 'nested' }, result: {}, more: (row) => ({ response: { ...frameOf(row, 3, {}, 'downstream', false, 5_000), text: `{"jsonrpc":"2.0","id":1,"result":${'['.repeat(10_000)}${']'.repeat(10_000)}}` } }) },
};

function bigText(): string {
  const line = (i: number): string => `${String(i).padStart(6, '0')} Füllung of a large answer, 日本語, with "quotes" and a needle at ${i % 9_973 === 0 ? 'NEEDLE' : 'hay'}.\n`;
  return Array.from({ length: 45_000 }, (_, i) => line(i)).join('');
}

function frameOf(row: CallRow, n: number, body: unknown, leg: FrameText['leg'], toServer: boolean, sinceRequestUs: number): FrameText {
  const text = JSON.stringify(body);
  return {
    frame: row.frame * 10 + n,
    leg,
    direction: toServer ? 'toServer' : 'toClient',
    kind: toServer ? 'request' : 'result',
    ...(toServer ? { method: row.method } : {}),
    timeMs: at(row, sinceRequestUs),
    sinceRequestUs,
    bytes: new TextEncoder().encode(text).length,
    text,
    truncated: false,
    rpcId: String(row.frame),
  };
}

function relatedOf(row: CallRow): FrameText[] {
  const total = row.durationUs ?? 2_000_000;
  const progress = (k: number): FrameText[] =>
    (['upstream', 'downstream'] as const).map((leg, n) => ({
      ...frameOf(row, 20 + k * 2 + n, { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: k, total: 4, message: `Step ${k}` } }, leg, false, Math.round((total * (k + 1)) / 6) + n * 40),
      kind: 'notification' as const,
      method: 'notifications/progress',
    }));
  const log = { ...frameOf(row, 40, { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'warning', logger: 'worker', data: { left: 2 } } }, 'downstream', false, Math.round(total * 0.55)), kind: 'notification' as const, method: 'notifications/message' };
  const ask: FrameText = { ...frameOf(row, 0, { jsonrpc: '2.0', id: 9, method: 'sampling/createMessage', params: { messages: [], maxTokens: 200 } }, 'downstream', false, 400_000), frame: row.frame - 1, kind: 'request', method: 'sampling/createMessage', rpcId: '9' };
  const answer: FrameText = { ...frameOf(row, 42, { jsonrpc: '2.0', id: 9, result: { role: 'assistant', content: { type: 'text', text: 'A page about prices.' } } }, 'downstream', true, 1_100_000), method: undefined, kind: 'result', rpcId: '9' };
  return [...[1, 2, 3, 4].flatMap(progress), log, ask, answer].toSorted((a, b) => a.sinceRequestUs - b.sinceRequestUs);
}

const LIMIT = 1_000_000;

type Made = ReturnType<typeof makeSample>;
const made = new Map<Sample, { readonly key: string; readonly call: Made }>();

/** Row, detail and whole texts of the sample in the place of a generated call; made once for each. */
export function sampleCall(sample: Sample, base: CallRow): Made {
  const key = `${base.id} ${base.timeMs}`;
  const known = made.get(sample);
  if (known?.key === key) return known.call;
  const call = makeSample(sample, base);
  made.set(sample, { key, call });
  return call;
}

function makeSample({ row: own, params, result, error, more }: Sample, base: CallRow): { readonly row: CallRow; readonly detail: CallDetail; readonly texts: Partial<Record<PayloadPart, string>> } {
  const durationUs = own.durationUs ?? 2_000_000;
  const rough: CallRow = { id: base.id, frame: base.frame, timeMs: base.timeMs, session: 's1', client: 'Visual Studio Code', server: 'everything', origin: 'client', method: 'tools/call', status: 'ok', durationUs, upstreamUs: durationUs - 4_000, requestBytes: 0, responseBytes: 0, ...own };
  const request = frameOf(rough, 0, { jsonrpc: '2.0', id: rough.frame, method: rough.method, params: params && rough.method === 'tools/call' ? { name: rough.name, arguments: params } : params }, 'downstream', true, 0);
  const response = { ...frameOf(rough, 3, { jsonrpc: '2.0', id: rough.frame, ...(error ? { error } : { result }) }, 'downstream', false, durationUs), kind: error ? ('error' as const) : ('result' as const) };
  const detail: CallDetail = {
    row: rough,
    session: { id: 's1', clientName: 'Visual Studio Code', clientVersion: '1.139.1', protocolVersion: '2025-11-25', startedMs: base.timeMs - 60_000 },
    request,
    response,
    upstreamRequest: { ...request, leg: 'upstream', frame: request.frame + 1, sinceRequestUs: 2_500 },
    upstreamResponse: { ...response, leg: 'upstream', frame: response.frame - 1, sinceRequestUs: durationUs - 1_500 },
    related: [],
    ...more?.(rough),
  };
  const texts: Partial<Record<PayloadPart, string>> = { request: detail.request.text, ...(detail.response ? { response: detail.response.text } : {}) };
  const cut = <F extends FrameText | undefined>(frame: F): F => (frame && frame.text.length > LIMIT ? { ...frame, text: frame.text.slice(0, LIMIT), truncated: true } : frame);
  const row = { ...rough, requestBytes: detail.request.bytes, ...(detail.response ? { responseBytes: detail.response.bytes } : {}) };
  return { row, detail: { ...detail, row, request: cut(detail.request), response: cut(detail.response), upstreamResponse: cut(detail.upstreamResponse) }, texts };
}
