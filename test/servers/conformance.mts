/**
 * Owns the server that the official conformance suite (server mode, revision 2025-11-25) expects: its tools, prompts,
 * resources, completions, log levels and resumable streams, over Streamable HTTP and over stdio. One file with package
 * imports only, so that a gateway can start it as a plain `node conformance.mts`. No gateway code in here: what passes against
 * this file directly is the yardstick for everything that stands in between.
 *
 *   node conformance.mts --http [--prefix conf__]   prints {"url","pid"} and serves until it is killed
 *   node conformance.mts --stdio [--bystander]      serves stdin/stdout; a bystander has other names and URIs altogether
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport, type EventStore } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  CreateMessageResultSchema,
  ElicitResultSchema,
  ErrorCode,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  SetLevelRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
  type CallToolResult,
  type ClientCapabilities,
  type ElicitRequestFormParams,
  type GetPromptResult,
  type JSONRPCMessage,
  type LoggingLevel,
  type Prompt,
  type Resource,
  type ServerNotification,
  type ServerRequest,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';

/** The line `--http` prints once it listens. */
export interface ServerReady {
  readonly url: string;
  readonly pid: number;
}

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** What one client connection has set up; never shared between sessions. */
interface Session {
  readonly capabilities: () => ClientCapabilities | undefined;
  readonly subscriptions: Set<string>;
  level: LoggingLevel;
}

interface ToolEntry {
  readonly tool: Tool;
  readonly call: (args: Record<string, unknown>, extra: Extra, session: Session) => CallToolResult | Promise<CallToolResult>;
}

interface PromptEntry {
  readonly prompt: Prompt;
  readonly get: (args: Record<string, string>) => GetPromptResult;
}

interface ResourceEntry {
  readonly resource: Resource;
  readonly content: { readonly text: string } | { readonly blob: string };
}

interface Catalog {
  readonly name: string;
  readonly tools: readonly ToolEntry[];
  readonly prompts: readonly PromptEntry[];
  readonly resources: readonly ResourceEntry[];
  readonly template?: { readonly uriTemplate: string; readonly pattern: RegExp; readonly read: (id: string) => string };
}

const LEVELS: readonly LoggingLevel[] = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];
/** The pause the suite asks for between two notifications of one call. */
const STEP_MS = 50;
const SLOW_MS = 600;
/** One red pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
/** A WAV header and no samples. */
const WAV = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';

const EMPTY_INPUT = { type: 'object' as const, properties: {} };

function text(value: string): CallToolResult {
  return { content: [{ type: 'text', text: value }] };
}

function entry(name: string, description: string, call: ToolEntry['call'], inputSchema: Tool['inputSchema'] = EMPTY_INPUT): ToolEntry {
  return { tool: { name, description, inputSchema }, call };
}

function oneString(property: string, description: string): Tool['inputSchema'] {
  return { type: 'object', properties: { [property]: { type: 'string', description } }, required: [property] };
}

function requireString(args: Record<string, unknown>, name: string): string {
  const value = args[name];
  if (typeof value !== 'string') throw new McpError(ErrorCode.InvalidParams, `"${name}" must be a string`);
  return value;
}

async function log(extra: Extra, session: Session, level: LoggingLevel, data: string): Promise<void> {
  if (LEVELS.indexOf(level) < LEVELS.indexOf(session.level)) return;
  await extra.sendNotification({ method: 'notifications/message', params: { level, logger: 'conformance', data } });
}

async function elicit(extra: Extra, session: Session, params: ElicitRequestFormParams) {
  if (!session.capabilities()?.elicitation) throw new Error('The client does not support elicitation');
  return extra.sendRequest({ method: 'elicitation/create', params }, ElicitResultSchema);
}

async function elicitAndReport(extra: Extra, session: Session, params: ElicitRequestFormParams): Promise<CallToolResult> {
  const { action, content } = await elicit(extra, session, params);
  return text(`Elicitation completed: action=${action}, content=${JSON.stringify(content ?? {})}`);
}

const conformanceTools: readonly ToolEntry[] = [
  entry('test_simple_text', 'Answers with a line of text', () => text('This is a simple text response for testing.')),
  entry('test_image_content', 'Answers with an image', () => ({ content: [{ type: 'image', data: PNG, mimeType: 'image/png' }] })),
  entry('test_audio_content', 'Answers with a sound', () => ({ content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }] })),
  entry('test_embedded_resource', 'Answers with a resource', () => ({
    content: [
      {
        type: 'resource',
        resource: { uri: 'test://embedded-resource', mimeType: 'text/plain', text: 'This is an embedded resource content.' },
      },
    ],
  })),
  entry('test_multiple_content_types', 'Answers with text, an image and a resource', () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      { type: 'image', data: PNG, mimeType: 'image/png' },
      {
        type: 'resource',
        resource: {
          uri: 'test://mixed-content-resource',
          mimeType: 'application/json',
          text: JSON.stringify({ test: 'data', value: 123 }),
        },
      },
    ],
  })),
  entry('test_tool_with_logging', 'Logs three lines while it works', async (_args, extra, session) => {
    await log(extra, session, 'info', 'Tool execution started');
    await delay(STEP_MS);
    await log(extra, session, 'info', 'Tool processing data');
    await delay(STEP_MS);
    await log(extra, session, 'info', 'Tool execution completed');
    return text('Tool with logging executed successfully');
  }),
  entry('test_error_handling', 'Always fails', () => ({
    isError: true,
    content: [{ type: 'text', text: 'This tool intentionally returns an error for testing' }],
  })),
  entry('test_tool_with_progress', 'Reports progress three times', async (_args, extra) => {
    const progressToken = extra._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progress > 0) await delay(STEP_MS);
      if (progressToken === undefined) continue;
      const message = `Completed step ${progress} of 100`;
      await extra.sendNotification({ method: 'notifications/progress', params: { progressToken, progress, total: 100, message } });
    }
    return text('Tool with progress executed successfully');
  }),
  entry(
    'test_sampling',
    'Asks the client for a completion',
    async (args, extra, session) => {
      if (!session.capabilities()?.sampling) throw new Error('The client does not support sampling');
      const prompt = requireString(args, 'prompt');
      const { content } = await extra.sendRequest(
        {
          method: 'sampling/createMessage',
          params: { messages: [{ role: 'user', content: { type: 'text', text: prompt } }], maxTokens: 100 },
        },
        CreateMessageResultSchema,
      );
      return text(`LLM response: ${content.type === 'text' ? content.text : `(${content.type})`}`);
    },
    oneString('prompt', 'What to ask the model'),
  ),
  entry(
    'test_elicitation',
    'Asks the user for a name and an address',
    async (args, extra, session) => {
      const { action, content } = await elicit(extra, session, {
        message: requireString(args, 'message'),
        requestedSchema: {
          type: 'object',
          properties: {
            username: { type: 'string', description: "User's response" },
            email: { type: 'string', description: "User's email address" },
          },
          required: ['username', 'email'],
        },
      });
      return text(`User response: action=${action}, content=${JSON.stringify(content ?? {})}`);
    },
    oneString('message', 'What to show the user'),
  ),
  entry('test_elicitation_sep1034_defaults', 'Asks the user with a default for each primitive type', (_args, extra, session) =>
    elicitAndReport(extra, session, {
      message: 'Please review and update the form fields with defaults',
      requestedSchema: {
        type: 'object',
        properties: {
          name: { type: 'string', description: 'User name', default: 'John Doe' },
          age: { type: 'integer', description: 'User age', default: 30 },
          score: { type: 'number', description: 'User score', default: 95.5 },
          status: { type: 'string', description: 'User status', enum: ['active', 'inactive', 'pending'], default: 'active' },
          verified: { type: 'boolean', description: 'Verification status', default: true },
        },
        required: [],
      },
    }),
  ),
  entry('test_elicitation_sep1330_enums', 'Asks the user with each kind of enumeration', (_args, extra, session) =>
    elicitAndReport(extra, session, {
      message: 'Please select options from the enum fields',
      requestedSchema: {
        type: 'object',
        properties: {
          untitledSingle: { type: 'string', description: 'Select one', enum: ['option1', 'option2', 'option3'] },
          titledSingle: {
            type: 'string',
            description: 'Select one, with titles',
            oneOf: [
              { const: 'value1', title: 'First Option' },
              { const: 'value2', title: 'Second Option' },
              { const: 'value3', title: 'Third Option' },
            ],
          },
          legacyEnum: {
            type: 'string',
            description: 'Select one, titled the old way',
            enum: ['opt1', 'opt2', 'opt3'],
            enumNames: ['Option One', 'Option Two', 'Option Three'],
          },
          untitledMulti: {
            type: 'array',
            description: 'Select several',
            minItems: 1,
            maxItems: 3,
            items: { type: 'string', enum: ['option1', 'option2', 'option3'] },
          },
          titledMulti: {
            type: 'array',
            description: 'Select several, with titles',
            minItems: 1,
            maxItems: 3,
            items: {
              anyOf: [
                { const: 'value1', title: 'First Choice' },
                { const: 'value2', title: 'Second Choice' },
                { const: 'value3', title: 'Third Choice' },
              ],
            },
          },
        },
        required: [],
      },
    }),
  ),
  entry('test_reconnection', 'Closes its stream in the middle of the call and answers on the next one', async (_args, extra) => {
    // Absent over stdio and for clients before 2025-11-25: then the answer simply comes.
    extra.closeSSEStream?.();
    // Longer than a listener may hold a quick answer back to send it as plain JSON: this scenario is about streams.
    await delay(SLOW_MS);
    return text('Reconnection test completed successfully. If you received this, the client reconnected.');
  }),
  entry('json_schema_2020_12_tool', 'Tool with JSON Schema 2020-12 features', (args) => text(`Called with ${JSON.stringify(args)}`), {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    $defs: {
      address: {
        $anchor: 'addressDef',
        type: 'object',
        properties: { street: { type: 'string' }, city: { type: 'string' } },
      },
    },
    properties: {
      name: { type: 'string' },
      address: { $ref: '#/$defs/address' },
      contactMethod: { type: 'string', enum: ['phone', 'email'] },
      phone: { type: 'string' },
      email: { type: 'string' },
    },
    allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
    if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
    // oxlint-disable-next-line unicorn/no-thenable -- a JSON Schema keyword
    then: { required: ['phone'] },
    else: { required: ['email'] },
    additionalProperties: false,
  }),
];

const conformancePrompts: readonly PromptEntry[] = [
  {
    prompt: { name: 'test_simple_prompt', description: 'A prompt without arguments' },
    get: () => ({ messages: [{ role: 'user', content: { type: 'text', text: 'This is a simple prompt for testing.' } }] }),
  },
  {
    prompt: {
      name: 'test_prompt_with_arguments',
      description: 'A prompt with two arguments',
      arguments: [
        { name: 'arg1', description: 'First test argument', required: true },
        { name: 'arg2', description: 'Second test argument', required: true },
      ],
    },
    get: ({ arg1, arg2 }) => ({
      messages: [{ role: 'user', content: { type: 'text', text: `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'` } }],
    }),
  },
  {
    prompt: {
      name: 'test_prompt_with_embedded_resource',
      description: 'A prompt that embeds a resource',
      arguments: [{ name: 'resourceUri', description: 'URI of the resource to embed', required: true }],
    },
    get: ({ resourceUri = '' }) => ({
      messages: [
        {
          role: 'user',
          content: {
            type: 'resource',
            resource: { uri: resourceUri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' },
          },
        },
        { role: 'user', content: { type: 'text', text: 'Please process the embedded resource above.' } },
      ],
    }),
  },
  {
    prompt: { name: 'test_prompt_with_image', description: 'A prompt with an image' },
    get: () => ({
      messages: [
        { role: 'user', content: { type: 'image', data: PNG, mimeType: 'image/png' } },
        { role: 'user', content: { type: 'text', text: 'Please analyze the image above.' } },
      ],
    }),
  },
];

const conformance: Catalog = {
  name: 'conformance-server',
  tools: conformanceTools,
  prompts: conformancePrompts,
  resources: [
    {
      resource: { uri: 'test://static-text', name: 'static-text', description: 'A text', mimeType: 'text/plain' },
      content: { text: 'This is the content of the static text resource.' },
    },
    {
      resource: { uri: 'test://static-binary', name: 'static-binary', description: 'An image', mimeType: 'image/png' },
      content: { blob: PNG },
    },
    {
      resource: { uri: 'test://watched-resource', name: 'watched-resource', description: 'To subscribe to', mimeType: 'text/plain' },
      content: { text: 'Watched resource content' },
    },
  ],
  template: {
    uriTemplate: 'test://template/{id}/data',
    pattern: /^test:\/\/template\/([^/]+)\/data$/,
    read: (id) => JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
  },
};

/** Stands next to the conformance server behind an aggregate, so that merging and routing have something to do. */
const bystander: Catalog = {
  name: 'bystander-server',
  tools: [entry('bystander_echo', 'Answers with its arguments', (args) => text(JSON.stringify(args)))],
  prompts: [
    {
      prompt: { name: 'bystander_prompt', description: 'A prompt nobody asks for' },
      get: () => ({ messages: [{ role: 'user', content: { type: 'text', text: 'Nobody asked.' } }] }),
    },
  ],
  resources: [
    {
      resource: { uri: 'bystander://note', name: 'note', description: 'A note', mimeType: 'text/plain' },
      content: { text: 'A note.' },
    },
  ],
};

/** The same tools and prompts under names with a prefix, as an aggregating gateway offers them. */
function withPrefix(catalog: Catalog, prefix: string): Catalog {
  return {
    ...catalog,
    tools: catalog.tools.map(({ tool, call }) => ({ tool: { ...tool, name: prefix + tool.name }, call })),
    prompts: catalog.prompts.map(({ prompt, get }) => ({ prompt: { ...prompt, name: prefix + prompt.name }, get })),
  };
}

/** One protocol object for one client connection. */
function createMcp(catalog: Catalog): McpServer {
  const mcp = new McpServer(
    { name: catalog.name, title: 'Conformance', version: '1.0.0' },
    {
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        completions: {},
        logging: {},
      },
      instructions: 'A server for the official conformance suite.',
    },
  );
  // The inner server takes tools with raw JSON Schemas, which the suite compares keyword by keyword.
  const { server } = mcp;
  const session: Session = { capabilities: () => server.getClientCapabilities(), subscriptions: new Set(), level: 'debug' };

  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: catalog.tools.map(({ tool }) => tool) }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const found = catalog.tools.find(({ tool }) => tool.name === params.name);
    if (!found) throw new McpError(ErrorCode.InvalidParams, `Unknown tool: ${params.name}`);
    try {
      return await found.call(params.arguments ?? {}, extra, session);
    } catch (error) {
      if (error instanceof McpError) throw error;
      return { ...text(error instanceof Error ? error.message : String(error)), isError: true };
    }
  });
  server.setRequestHandler(ListPromptsRequestSchema, () => ({ prompts: catalog.prompts.map(({ prompt }) => prompt) }));
  server.setRequestHandler(GetPromptRequestSchema, ({ params }) => {
    const found = catalog.prompts.find(({ prompt }) => prompt.name === params.name);
    if (!found) throw new McpError(ErrorCode.InvalidParams, `Unknown prompt: ${params.name}`);
    const args = params.arguments ?? {};
    const missing = found.prompt.arguments?.find(({ name, required }) => required && args[name] === undefined);
    if (missing) throw new McpError(ErrorCode.InvalidParams, `Missing argument: ${missing.name}`);
    return found.get(args);
  });
  server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources: catalog.resources.map(({ resource }) => resource) }));
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: catalog.template
      ? [{ uriTemplate: catalog.template.uriTemplate, name: 'template', description: 'A template', mimeType: 'application/json' }]
      : [],
  }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ params: { uri } }) => {
    const found = catalog.resources.find(({ resource }) => resource.uri === uri);
    if (found) return { contents: [{ uri, mimeType: found.resource.mimeType, ...found.content }] };
    const id = catalog.template?.pattern.exec(uri)?.[1];
    if (catalog.template && id) return { contents: [{ uri, mimeType: 'application/json', text: catalog.template.read(id) }] };
    throw new McpError(-32002, `Resource not found: ${uri}`, { uri });
  });
  server.setRequestHandler(SubscribeRequestSchema, ({ params: { uri } }) => {
    session.subscriptions.add(uri);
    return {};
  });
  server.setRequestHandler(UnsubscribeRequestSchema, ({ params: { uri } }) => {
    session.subscriptions.delete(uri);
    return {};
  });
  server.setRequestHandler(SetLevelRequestSchema, ({ params: { level } }) => {
    session.level = level;
    return {};
  });
  server.setRequestHandler(CompleteRequestSchema, ({ params: { ref, argument } }) => {
    const known = ref.type === 'ref/prompt' ? catalog.prompts.some(({ prompt }) => prompt.name === ref.name) : ref.uri === catalog.template?.uriTemplate;
    if (!known) throw new McpError(ErrorCode.InvalidParams, `Nothing to complete: ${ref.type === 'ref/prompt' ? ref.name : ref.uri}`);
    const values = ['paris', 'park', 'party', 'test'].filter((value) => value.startsWith(argument.value));
    return { completion: { values, total: values.length, hasMore: false } };
  });
  return mcp;
}

/** Keeps every event of one session, so that a stream can be resumed after any of them. Ids are `<stream>::<number>`. */
function createEventStore(): EventStore {
  const events: { readonly id: string; readonly streamId: string; readonly message: JSONRPCMessage }[] = [];
  const streamOf = (eventId: string): string => eventId.slice(0, eventId.lastIndexOf('::'));
  return {
    storeEvent: async (streamId, message) => {
      const id = `${streamId}::${events.length}`;
      events.push({ id, streamId, message });
      return id;
    },
    replayEventsAfter: async (lastEventId, { send }) => {
      const streamId = streamOf(lastEventId);
      const start = events.findIndex(({ id }) => id === lastEventId) + 1;
      for (const event of events.slice(start)) {
        // A priming event is stored as an empty object, which is no message.
        if (event.streamId === streamId && 'jsonrpc' in event.message) await send(event.id, event.message);
      }
      return streamId;
    },
  };
}

/** A page on another origin that resolves its own name to 127.0.0.1 still sends that name in Host and Origin. */
function isLocal(request: IncomingMessage): boolean {
  const local = new Set(['localhost', '127.0.0.1', '[::1]']);
  const hostnameOf = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).hostname : undefined);
  const { host, origin } = request.headers;
  return local.has(hostnameOf(`http://${host}`) ?? '') && (origin === undefined || local.has(hostnameOf(origin) ?? ''));
}

function refuse(response: ServerResponse, status: number, code: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', error: { code, message }, id: null }));
}

async function serveHttp(catalog: Catalog): Promise<void> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();

  async function open(): Promise<StreamableHTTPServerTransport> {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: createEventStore(),
      retryInterval: 500,
      onsessioninitialized: (id) => void sessions.set(id, transport),
    });
    transport.onclose = () => {
      if (transport.sessionId) sessions.delete(transport.sessionId);
    };
    await createMcp(catalog).connect(transport);
    return transport;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isLocal(request)) return refuse(response, 403, -32000, 'Forbidden: Host or Origin is not local');
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== '/mcp') return refuse(response, 404, -32000, 'Not found');
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? sessions.get(id) : undefined;
    if (id !== undefined && !known) return refuse(response, 404, -32001, 'Session not found');
    // Without a session only an initialize request is in order; the transport itself refuses all else.
    await (known ?? (await open())).handleRequest(request, response);
    return undefined;
  }

  const listener = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      console.error(error);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, -32603, 'Internal error');
    });
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const ready: ServerReady = { url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/mcp`, pid: process.pid };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

const { values: flags } = parseArgs({
  options: {
    http: { type: 'boolean', default: false },
    stdio: { type: 'boolean', default: false },
    bystander: { type: 'boolean', default: false },
    prefix: { type: 'string', default: '' },
  },
});
const chosen = withPrefix(flags.bystander ? bystander : conformance, flags.prefix);
if (flags.http === flags.stdio) {
  console.error('usage: node conformance.mts --http|--stdio [--bystander] [--prefix TEXT]');
  process.exit(2);
} else if (flags.http) {
  await serveHttp(chosen);
} else {
  // The SDK's transport does not notice that its client is gone.
  process.stdin.on('end', () => process.exit());
  await createMcp(chosen).connect(new StdioServerTransport());
}
