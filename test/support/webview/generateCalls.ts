/**
 * Owns realistic calls for the development page and the webview tests: call number `i` is always the same call,
 * whatever the number of calls, so that a million cost nothing until looked at. Hostile and long texts are among them.
 */
import type { CallDetail, CallRow, CallStatus, FrameText } from '../../../src/extension/contract/traffic';

export const START_MS = Date.UTC(2026, 10, 22, 12, 4, 31, 207);

interface Template {
  readonly server?: string;
  readonly method: string;
  readonly name?: string;
  readonly detail?: string;
  readonly ms: number;
  readonly bytes: number;
  readonly status?: CallStatus;
  readonly errorCode?: number;
  readonly origin?: CallRow['origin'];
}

const templates: readonly Template[] = [
  { server: 'github', method: 'tools/call', name: 'create_issue', detail: 'repo=mcp-shark title="Log every message, lose none"', ms: 312, bytes: 1_240 },
  { server: 'filesystem', method: 'tools/call', name: 'read_text_file', detail: 'path=/home/ada/project/src/extension/proxy/router.ts', ms: 4.2, bytes: 18_400 },
  { server: 'filesystem', method: 'tools/call', name: 'read_text_file', detail: 'Access denied: /etc/shadow is outside the allowed folders', ms: 3.1, bytes: 210, status: 'toolError' },
  { server: 'browser', method: 'tools/call', name: 'browser_navigate', detail: 'url=https://example.com/pricing', ms: 1_912, bytes: 43_000 },
  { server: 'github', method: 'tools/call', name: 'search_repositories', detail: 'query="mcp gateway" sort=stars', ms: 604, bytes: 96_000 },
  { server: 'everything', method: 'resources/read', name: 'test://static/resource/17', ms: 2.6, bytes: 430 },
  { server: 'filesystem', method: 'resources/read', name: 'file:///home/ada/project/packages/gateway/src/transports/streamableHttp.ts', ms: 6.9, bytes: 12_700 },
  { server: 'memory', method: 'tools/call', name: 'search_nodes', detail: 'query="release checklist"', ms: 8.4, bytes: 2_310 },
  { server: 'everything', method: 'prompts/get', name: 'complex_prompt', detail: 'temperature=0.4 style=formal', ms: 3.3, bytes: 910 },
  { method: 'tools/list', ms: 1.2, bytes: 31_000 },
  { server: 'github', method: 'tools/call', name: 'merge_pull_request', detail: 'Pull Request is not mergeable', ms: 820, bytes: 340, status: 'error', errorCode: -32603 },
  { server: 'memory', method: 'tools/call', name: 'create_entities', detail: 'entities=3', ms: 14, bytes: 1_100 },
  { server: 'browser', method: 'tools/call', name: 'browser_click', detail: 'element="Accept all" ref=e31', ms: 143, bytes: 9_800 },
  { server: 'browser', method: 'sampling/createMessage', name: undefined, detail: 'Summarise the page in two sentences', ms: 2_740, bytes: 4_100, origin: 'server' },
  { server: 'postgres', method: 'tools/call', name: 'query', detail: 'sql="select id, total from orders where created > now() - interval \'1 day\'"', ms: 57, bytes: 7_300 },
  { server: 'postgres', method: 'tools/call', name: 'query', detail: 'relation "ordres" does not exist', ms: 11, bytes: 260, status: 'toolError' },
  { server: 'browser', method: 'tools/call', name: 'browser_wait_for', detail: 'Timed out after 30 s waiting for text "Thank you"', ms: 30_000, bytes: 180, status: 'timedOut' },
  { server: 'filesystem', method: 'tools/call', name: 'directory_tree', detail: 'path=/home/ada/project', ms: 38, bytes: 1_048_576 },
  { server: 'slack', method: 'tools/call', name: 'post_message', detail: 'The server process exited with code 1', ms: 96, bytes: 0, status: 'transportError' },
  { server: 'everything', method: 'notifications/message', name: undefined, detail: 'Resource list refreshed', ms: 0.2, bytes: 120, origin: 'server' },
  { server: 'github', method: 'tools/call', name: 'list_commits', detail: 'repo=mcp-shark sha=main', ms: 288, bytes: 22_800, status: 'cancelled' },
  { server: 'everything', method: 'tools/call', name: 'printEnv', detail: 'Blocked: the server is not approved for this workspace', ms: 0.1, bytes: 140, status: 'blocked' },
];

const hostile: readonly Template[] = [
  { server: '<img src=x onerror=alert(1)>', method: 'tools/call', name: '<script>alert("name")</script>', detail: '"><svg onload=alert(2)> \u001b[31mred\u001b[0m', ms: 21, bytes: 512 },
  { server: 'evil\u202egnp.exe', method: 'tools/call', name: 'read\u202eelif_eteled\u202c', detail: 'line one\nline two\ttab\u0000nul \u{e0041}\u{e0042} tags', ms: 5, bytes: 640 },
  { server: 'wide', method: 'tools/call', name: 'x'.repeat(300), detail: 'مرحبا بالعالم 日本語テキスト 👩‍👩‍👧‍👦 ' + 'y'.repeat(200), ms: 17, bytes: 777 },
];

/** Same input, same number in [0, 1). */
function noise(i: number, salt: number): number {
  let h = Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35);
  h ^= h >>> 13;
  return (h >>> 0) / 2 ** 32;
}

export interface GenerateOptions {
  /** Number of calls in all; the last of them are still running. */
  readonly total: number;
  readonly running: number;
  readonly hostile: boolean;
  /** Time of the last call. */
  readonly endMs: number;
}

export function callAt(i: number, options: GenerateOptions): CallRow {
  const isHostile = options.hostile && i % 12 === 7;
  const pool = isHostile ? hostile : templates;
  const fromEnd = options.total - 1 - i;
  // Each kind of call stands once among the last, so that a script finds it without searching; 5 and 22 share no factor.
  const pick = fromEnd < templates.length && !isHostile ? (i * 5) % pool.length : Math.floor(noise(i, 1) * pool.length);
  const template = pool[pick] ?? templates[0]!;
  const isRunning = fromEnd < options.running * 3 && fromEnd % 3 === 0 && !isHostile;
  const status: CallStatus = isRunning ? 'running' : (template.status ?? 'ok');
  const durationUs = Math.round(template.ms * (0.6 + noise(i, 2)) * 1000);
  const hasUpstream = template.server !== undefined && status !== 'blocked';
  const isSettled = status !== 'running';
  const context = contextOf(i);
  const detail = isRunning && template.status ? 'retrying' : template.detail;
  return {
    id: `w1/${i + 1}`,
    frame: i + 1,
    timeMs: options.endMs - fromEnd * 700 - Math.floor(noise(i, 3) * 600),
    origin: template.origin ?? 'client',
    ...context,
    // What a server asks, it asks in the course of the call before.
    ...(template.origin === 'server' && template.method === 'sampling/createMessage' && i > 0 ? { parent: `w1/${i}` } : {}),
    ...(template.server === undefined ? {} : { server: template.server }),
    method: template.method,
    ...(template.name === undefined ? {} : { name: template.name }),
    ...(detail === undefined ? {} : { detail }),
    status,
    // A connection that died leaves nothing to measure to.
    ...(isSettled && status !== 'transportError' ? { durationUs } : {}),
    ...(isSettled && hasUpstream && status !== 'transportError' ? { upstreamUs: Math.round(durationUs * (0.82 + noise(i, 4) * 0.17)) } : {}),
    requestBytes: 140 + Math.floor(noise(i, 5) * 300),
    ...(isSettled ? { responseBytes: template.bytes } : {}),
    ...(template.errorCode === undefined || isRunning ? {} : { errorCode: template.errorCode }),
  };
}

/** Sessions of 300 calls: VS Code, which says what belongs together, in turn with one that does not. */
function contextOf(i: number): Pick<CallRow, 'session' | 'client' | 'conversation' | 'prompt'> {
  const session = Math.floor(i / 300);
  if (session % 2 === 1) return { session: `s${session + 1}`, client: 'Claude Code' };
  return { session: `s${session + 1}`, client: 'Visual Studio Code', conversation: `c${Math.floor(i / 60)}-5b2c`, prompt: `r${Math.floor(i / 12)}-91fe` };
}

export function detailOf(row: CallRow): CallDetail {
  const total = row.durationUs ?? 900_000;
  const params: Record<string, unknown> = {};
  if (row.name !== undefined) params[row.method === 'resources/read' ? 'uri' : 'name'] = row.server ? `${row.server}__${row.name}` : row.name;
  if (row.method === 'resources/read') params['uri'] = row.name;
  if (row.method.endsWith('/call')) params['arguments'] = argumentsOf(row);
  if (row.origin === 'client') params['_meta'] = { progressToken: row.frame, 'vscode.conversationId': '5b2c', 'vscode.requestId': 'r-17' };
  const request = { jsonrpc: '2.0', id: row.frame, method: row.method, params };
  const upstream = { ...request, id: row.frame % 97, params: { ...params, ...(row.name !== undefined && params['name'] ? { name: row.name } : {}) } };
  const response = row.status === 'running' || row.status === 'transportError' ? undefined : responseOf(row);
  const gatewayUs = Math.round((total - (row.upstreamUs ?? total)) * 0.6);
  const asked = row.upstreamUs !== undefined;
  return {
    row,
    session: { id: 's1', clientName: 'Visual Studio Code', clientVersion: '1.139.1', protocolVersion: '2025-11-25', startedMs: START_MS - 60_000 },
    request: frameOf(row, 0, request, 'downstream', true, 0),
    ...(response ? { response: frameOf(row, 3, response, 'downstream', false, total) } : {}),
    ...(asked ? { upstreamRequest: frameOf(row, 1, upstream, 'upstream', true, gatewayUs) } : {}),
    ...(asked && response ? { upstreamResponse: frameOf(row, 2, { ...response, id: row.frame % 97 }, 'upstream', false, gatewayUs + (row.upstreamUs ?? 0)) } : {}),
    related: relatedOf(row, total),
    ...(row.status === 'error' || row.status === 'transportError' || row.status === 'timedOut' || row.status === 'blocked' ? { errorMessage: row.detail ?? 'failed' } : {}),
  };
}

function argumentsOf(row: CallRow): Record<string, unknown> {
  if (row.name === 'create_issue') return { owner: 'mcp-shark', repo: 'mcp-shark', title: 'Log every message, lose none', labels: ['store', 'p1'], body: 'The journal must be written\nbefore the frame is passed on.\n\n- [ ] crash test\n- [ ] disk full', draft: false, assignees: null };
  if (row.name === 'read_text_file') return { path: row.status === 'ok' ? '/home/ada/project/src/extension/proxy/router.ts' : '/etc/shadow', head: 200 };
  if (row.name === 'query') return { sql: 'select id, total\nfrom orders\nwhere created > now() - interval \'1 day\'', limit: 50 };
  return { query: row.detail ?? '', page: 1, includeArchived: false };
}

function responseOf(row: CallRow): Record<string, unknown> {
  const id = row.frame;
  if (row.status === 'error') return { jsonrpc: '2.0', id, error: { code: row.errorCode ?? -32603, message: row.detail, data: { status: 405, documentation_url: 'https://docs.github.com/rest/pulls', requestId: 'C0DE:17' } } };
  if (row.status === 'timedOut' || row.status === 'blocked' || row.status === 'cancelled') return { jsonrpc: '2.0', id, error: { code: -32001, message: row.detail } };
  if (row.status === 'toolError') return { jsonrpc: '2.0', id, result: { isError: true, content: [{ type: 'text', text: `Error: ${row.detail}` }] } };
  if (row.method === 'tools/list') return { jsonrpc: '2.0', id, result: { tools: Array.from({ length: 40 }, (_, i) => ({ name: `github__tool_${i}`, description: `Does thing number ${i} and says so at some length, as tools do.`, inputSchema: { type: 'object', properties: { query: { type: 'string' }, page: { type: 'integer', minimum: 1 } }, required: ['query'] }, annotations: { readOnlyHint: i % 2 === 0 } })) } };
  if (row.name === 'directory_tree') return { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'x'.repeat(1_048_000) }] } };
  if (row.name === 'create_issue') return { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: JSON.stringify({ number: 128, url: 'https://github.com/mcp-shark/mcp-shark/issues/128', state: 'open' }, null, 2) }], structuredContent: { number: 128, state: 'open', labels: ['store', 'p1'] } } };
  if (row.name === 'browser_navigate') return { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: '- Page URL: https://example.com/pricing\n- Page Title: Pricing\n- Console: 2 errors, 1 warning' }, { type: 'image', mimeType: 'image/png', data: 'iVBORw0KGgo'.repeat(900) }] } };
  if (row.method === 'resources/read') return { jsonrpc: '2.0', id, result: { contents: [{ uri: row.name, mimeType: 'text/x-typescript', text: 'export class StreamableHttp {\n  constructor(private readonly url: URL) {}\n\n  async send(frame: Uint8Array): Promise<void> {\n    await this.post(frame);\n  }\n}\n' }] } };
  if (row.name?.includes('<script>')) return { jsonrpc: '2.0', id, result: { '<b>key</b>': '<img src=x onerror=alert(1)>', 'bidi\u202ekey': 'a\u202eb', ansi: '\u001b[31mred\u001b[0m', __proto__key: 1, content: [{ type: 'text', text: '<script>document.title="owned"</script>\u001b[2J\u202egnp.exe' }] } };
  return { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: `Found 3 results for ${row.name ?? row.method}.\n\n1. First\n2. Second\n3. Third` }] } };
}

function frameOf(row: CallRow, n: number, body: unknown, leg: FrameText['leg'], toServer: boolean, sinceRequestUs: number): FrameText {
  const whole = JSON.stringify(body);
  const isLong = whole.length > 1_000_000;
  return {
    frame: row.frame * 10 + n,
    leg,
    direction: toServer ? 'toServer' : 'toClient',
    kind: toServer ? 'request' : row.status === 'error' ? 'error' : 'result',
    ...(toServer ? { method: row.method } : {}),
    timeMs: row.timeMs + Math.round(sinceRequestUs / 1000),
    sinceRequestUs,
    bytes: whole.length,
    text: isLong ? whole.slice(0, 1_000_000) : whole,
    truncated: isLong,
  };
}

function relatedOf(row: CallRow, totalUs: number): FrameText[] {
  if (row.server !== 'browser' && row.status !== 'running') return [];
  const frames = [0.2, 0.4, 0.45, 0.8].map((at, k) => {
    const method = k === 2 ? 'notifications/message' : 'notifications/progress';
    const params = k === 2 ? { level: 'info', logger: 'navigation', data: 'DOMContentLoaded' } : { progress: at * 100, total: 100, message: k === 0 ? 'Connecting' : 'Loading' };
    return { ...frameOf(row, 4 + k, { jsonrpc: '2.0', method, params }, 'downstream', false, Math.round(totalUs * at)), kind: 'notification' as const, method };
  });
  // A call nested in it, as the store gives it: the call before, asked by the server.
  const ask = frameOf(row, 8, { jsonrpc: '2.0', id: 4, method: 'sampling/createMessage', params: { messages: [], maxTokens: 200 } }, 'downstream', false, Math.round(totalUs * 0.5));
  const answer = frameOf(row, 9, { jsonrpc: '2.0', id: 4, result: { role: 'assistant', content: { type: 'text', text: 'A page about prices.' } } }, 'downstream', true, Math.round(totalUs * 0.75));
  const nested: FrameText[] = row.frame < 2 ? [] : [{ ...ask, frame: row.frame - 1, kind: 'request', method: 'sampling/createMessage' }, withoutMethod({ ...answer, kind: 'result' })];
  return [...frames, ...nested].sort((a, b) => a.sinceRequestUs - b.sinceRequestUs);
}

function withoutMethod({ method: _method, ...frame }: FrameText): FrameText {
  return frame;
}
