/**
 * Owns writing a recorded call in the forms it can be copied in. What is recorded is redacted; address, token and session
 * are placeholders, so that nothing copied opens a door. Nothing here can leave a quote or start a line of its own.
 */
import type { CallDetail, FrameText } from '../contract/traffic';
import type { CopyForm } from '../contract/trafficApi';
import { AppError } from '../util/errors';
import { exactJson, isJsonObject, isTooDeep, tryParseJson, type JsonObject, type JsonValue } from '../util/json';

const MAX_IN_REPORT = 20_000;
/** Deeper values are written on one line: every level would add its blanks to every line in it. */
const MAX_INDENTED = 40;
/** Deeper ones no compiler reads, and writing them overflows the stack at a few thousand levels. */
const MAX_LITERAL = 1_000;

/** The message itself is no form of it: it is copied as recorded. */
export function copyText(detail: CallDetail, form: Exclude<CopyForm, 'jsonrpc'>): string {
  switch (form) {
    case 'curl':
      return curl(detail);
    case 'typescript':
      return typescript(detail);
    case 'markdown':
      return markdown(detail);
  }
}

function requestOf({ row, request }: CallDetail): { readonly text: string; readonly message: JsonObject } {
  if (row.origin !== 'client' && row.origin !== 'gateway') {
    throw new AppError('query.invalid', 'This was not asked by a client, so there is nothing a client could send again.');
  }
  const message = request.truncated ? undefined : tryParseJson(request.text);
  if (!isJsonObject(message)) throw new AppError('query.invalid', 'This request is too long or no JSON object. Open it in an editor instead.');
  return { text: visibleJson(request.text), message };
}

/**
 * Writes what cannot be seen, or what a terminal would act on, as escapes. In valid JSON such characters can only stand in
 * strings, where the escape means the same.
 */
export function visibleJson(json: string): string {
  return json
    .replaceAll('\r', '')
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (c) => (c === '\n' || c === '\t' ? c : c.split('').map(escapeUnit).join('')));
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function curl(detail: CallDetail): string {
  const { text } = requestOf(detail);
  const version = detail.session?.protocolVersion;
  return [
    `curl -sS -X POST "$MCP_URL"`,
    `-H 'Content-Type: application/json'`,
    `-H 'Accept: application/json, text/event-stream'`,
    ...(version === undefined ? [] : [`-H ${shellQuote(`MCP-Protocol-Version: ${version.replace(/[^\x20-\x7e]/g, '?')}`)}`]),
    `-H "Mcp-Session-Id: $MCP_SESSION"`,
    `-H "Authorization: Bearer $MCP_TOKEN"`,
    `--data-raw ${shellQuote(text)}`,
  ].join(' \\\n  ');
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

const SDK_METHODS: Readonly<Record<string, string>> = {
  'tools/call': 'callTool',
  'tools/list': 'listTools',
  'prompts/get': 'getPrompt',
  'prompts/list': 'listPrompts',
  'resources/read': 'readResource',
  'resources/list': 'listResources',
  'resources/templates/list': 'listResourceTemplates',
  'completion/complete': 'complete',
  ping: 'ping',
};

function typescript(detail: CallDetail): string {
  const { message } = requestOf(detail);
  const method = typeof message['method'] === 'string' ? message['method'] : '';
  // The SDK gives its own progress token.
  const { _meta: _, ...params } = isJsonObject(message['params']) ? message['params'] : {};
  const known = Object.hasOwn(SDK_METHODS, method) ? SDK_METHODS[method] : undefined;
  const hasParams = Object.keys(params).length > 0;
  const call = known
    ? `client.${known}(${hasParams ? literal(params) : ''})`
    : `client.request({ method: ${literal(method)}${hasParams ? `, params: ${literal(params)}` : ''} }, ResultSchema)`;
  return `import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
${known ? '' : "import { ResultSchema } from '@modelcontextprotocol/sdk/types.js';\n"}
const client = new Client({ name: 'reproduction', version: '1.0.0' });
await client.connect(
  new StreamableHTTPClientTransport(new URL(process.env.MCP_URL!), {
    requestInit: { headers: { Authorization: \`Bearer \${process.env.MCP_TOKEN}\` } },
  }),
);
const result = await ${call};
console.log(JSON.stringify(result, undefined, 2));
await client.close();
`;
}

/** For the eye, where that does not make megabytes of blanks. Not for values that are too deep to be written at all. */
export function readableJson(value: JsonValue): string {
  return JSON.stringify(value, undefined, isTooDeep(value, MAX_INDENTED) ? 0 : 2);
}

function literal(value: JsonValue): string {
  if (isTooDeep(value, MAX_LITERAL)) {
    throw new AppError('query.invalid', `The arguments are nested more than ${MAX_LITERAL.toLocaleString('en')} deep, which no compiler reads. Copy the call as JSON-RPC or as cURL instead.`);
  }
  const json = visibleJson(readableJson(value));
  // As a literal this key would set the object's prototype.
  return json.includes('"__proto__"') ? `JSON.parse(${visibleJson(JSON.stringify(JSON.stringify(value)))})` : json;
}

function markdown(detail: CallDetail): string {
  const { row, session } = detail;
  const client = session?.clientName ?? row.client;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Server', row.server],
    ['Method', row.method],
    ['Name', row.name],
    ['Client', client === undefined ? undefined : [client, session?.clientVersion].filter(Boolean).join(' ')],
    ['MCP', session?.protocolVersion],
    ['Status', row.errorCode === undefined ? row.status : `${row.status} (${row.errorCode})`],
    ['Started', new Date(row.timeMs).toISOString()],
    ['Duration', row.durationUs === undefined ? undefined : `${(row.durationUs / 1000).toFixed(1)} ms`],
    ['In the server', row.upstreamUs === undefined ? undefined : `${(row.upstreamUs / 1000).toFixed(1)} ms`],
  ];
  return [
    `### ${inline(row.name ?? row.method)}${row.server === undefined ? '' : ` on ${inline(row.server)}`}: ${row.status}`,
    ['| | |', '| --- | --- |', ...facts.flatMap(([name, value]) => (value === undefined ? [] : [`| ${name} | ${inline(value)} |`]))].join('\n'),
    ...(detail.errorMessage === undefined ? [] : ['#### What went wrong', fenced(detail.errorMessage, '')]),
    '#### Request',
    frameBlock(detail.request),
    '#### Response',
    detail.response ? frameBlock(detail.response) : 'None was recorded.',
  ].join('\n\n') + '\n';
}

/** One line of code that no character in it can end. */
function inline(text: string): string {
  const line = visibleJson(text).replace(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 500);
  const ticks = '`'.repeat(longestRun(line) + 1);
  return line.includes('`') ? `${ticks} ${line} ${ticks}` : `\`${line}\``;
}

function frameBlock({ text, truncated, damaged }: FrameText): string {
  const value = truncated ? undefined : tryParseJson(text);
  const exact = truncated ? undefined : exactJson(text);
  const pretty = exact === undefined ? text : readableJson(exact);
  const cut = pretty.length > MAX_IN_REPORT || truncated;
  return fenced(pretty.slice(0, MAX_IN_REPORT), value === undefined ? '' : 'json') + (cut ? '\n\nShortened.' : '') + (damaged ? '\n\nNot all of it can be read: it was damaged on disk.' : '');
}

function fenced(text: string, language: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${visibleJson(text)}\n${fence}`;
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
}
