// A hand-written stdio server for tests: no SDK, so that every byte is known. What it does is set by JSON in $SCRIPT:
//   tools, prompts, resources, templates   names or URIs it lists (resources may be whole objects)
//   pageSize, sameCursor                    lists in pages; gives the same cursor for ever
//   capabilities, instructions, version     of its answer to initialize
//   rawList, refuseList, generate           answers tools/list with this text, with an error, with so many tools
//   endless                                 answers resources/list with so many a page, for ever
//   refuse                                  errors that it answers requests with, by method
//   initDelayMs, neverInitialize, refuseInitialize, neverList, listDelayMs, promptsDelayMs
//   exitAtStart, stderr, stray              dies at once; lines on stderr; lines on stdout that are no JSON-RPC
//   ignoreTerm, child                       ignores SIGTERM and the end of stdin; starts a child that sleeps
// Tools it knows, whatever it lists: echo, raw, crash, hang, progress, ask, answer, latin1, emit, notifications, pid,
// become (takes over another script, and says so by list_changed where `tell` is set).
import { spawn } from 'node:child_process';

const script = JSON.parse(process.env.SCRIPT ?? '{}');
const write = (text) => process.stdout.write(`${text}\n`);
const send = (message) => write(JSON.stringify({ jsonrpc: '2.0', ...message }));
const received = [];
const waiting = new Map();
let nextId = 0;

for (const line of script.stderr ?? []) process.stderr.write(`${line}\n`);
for (const line of script.stray ?? []) write(line);
if (script.exitAtStart !== undefined) process.exit(script.exitAtStart);
if (script.ignoreTerm) {
  process.on('SIGTERM', () => undefined);
  setInterval(() => undefined, 1000);
}
const child = script.child
  ? spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  : undefined;

function page(params, member, items) {
  const size = script.pageSize ?? (items.length || 1);
  const from = params?.cursor === undefined || script.sameCursor ? 0 : Number(params.cursor);
  const result = { [member]: items.slice(from, from + size) };
  if (script.sameCursor) result.nextCursor = 'again';
  else if (from + size < items.length) result.nextCursor = String(from + size);
  return result;
}

const objects = (list, key) => (list ?? []).map((one) => (typeof one === 'string' ? { [key]: one, name: one } : one));

const handlers = {
  initialize(_params, { id }) {
    if (script.neverInitialize) return undefined;
    if (script.refuseInitialize) {
      send({ id, error: { code: -32099, message: script.refuseInitialize } });
      return undefined;
    }
    const answer = () => ({
      protocolVersion: script.version ?? '2025-11-25',
      capabilities: script.capabilities ?? {
        ...(script.tools || script.generate ? { tools: { listChanged: true } } : {}),
        ...(script.prompts ? { prompts: {} } : {}),
        ...(script.resources || script.templates ? { resources: { subscribe: true } } : {}),
      },
      serverInfo: { name: 'scripted', version: '0.1.0' },
      ...(script.instructions ? { instructions: script.instructions } : {}),
    });
    if (!script.initDelayMs) return answer();
    setTimeout(() => send({ id, result: answer() }), script.initDelayMs);
    return undefined;
  },
  ping: () => ({}),
  'tools/list'(params, { id }) {
    if (script.neverList) return undefined;
    if (script.refuseList) {
      send({ id, error: { code: -32603, message: 'no list today' } });
      return undefined;
    }
    if (script.rawList) {
      // One line is one message.
      write(script.rawList.replaceAll('$ID', JSON.stringify(id)).replaceAll(/[\r\n]/g, ' '));
      return undefined;
    }
    if (script.generate) return { tools: Array.from({ length: script.generate }, (_, k) => ({ name: `t${k}`, inputSchema: { type: 'object' } })) };
    const tools = objects(script.tools, 'name').map((tool) => ({ inputSchema: { type: 'object' }, ...tool }));
    if (!script.listDelayMs) return page(params, 'tools', tools);
    setTimeout(() => send({ id, result: page(params, 'tools', tools) }), script.listDelayMs);
    return undefined;
  },
  'prompts/list'(params, { id }) {
    const answer = () => page(params, 'prompts', objects(script.prompts, 'name'));
    if (!script.promptsDelayMs) return answer();
    setTimeout(() => send({ id, result: answer() }), script.promptsDelayMs);
    return undefined;
  },
  'resources/list'(params) {
    if (!script.endless) return page(params, 'resources', objects(script.resources, 'uri'));
    const from = Number(params?.cursor ?? 0);
    const resources = Array.from({ length: script.endless }, (_, k) => ({ uri: `x:${from + k}`, name: 'x' }));
    return { resources, nextCursor: String(from + script.endless) };
  },
  'resources/templates/list': (params) => page(params, 'resourceTemplates', objects(script.templates, 'uriTemplate')),
  'prompts/get': (params) => ({ messages: [{ role: 'user', content: { type: 'text', text: params.name } }] }),
  'resources/read'(params, { id }) {
    if ((script.unknownResources ?? []).includes(params.uri)) {
      send({ id, error: { code: -32002, message: 'Resource not found', data: { uri: params.uri } } });
      return undefined;
    }
    return { contents: [{ uri: params.uri, text: `${script.label ?? 'scripted'} ${params.uri}` }] };
  },
  'resources/subscribe': () => ({}),
  'resources/unsubscribe': () => ({}),
  'logging/setLevel': () => ({}),
  'tools/call'(params, message, line) {
    const args = params.arguments ?? {};
    const { id } = message;
    const text = (value) => ({ content: [{ type: 'text', text: String(value) }] });
    switch (params.name) {
      case 'raw':
        return { content: [], line };
      case 'crash':
        process.stderr.write('about to crash\n');
        process.exitCode = 7;
        process.stderr.write('', () => process.exit(7));
        return undefined;
      case 'hang':
        return undefined;
      case 'progress': {
        const { progressToken } = params._meta;
        const lines = [];
        for (let k = 1; k <= args.count; k++) {
          lines.push({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress: k } });
        }
        lines.push({ jsonrpc: '2.0', id, result: text('done') });
        // In one write, so that they come in one chunk.
        write(lines.map((one) => JSON.stringify(one)).join('\n'));
        return undefined;
      }
      case 'ask': {
        const askId = args.id ?? ++nextId;
        waiting.set(JSON.stringify(askId), (answer) => send({ id, result: { content: [], answer } }));
        send({ id: askId, method: args.method, params: args.params });
        return undefined;
      }
      case 'answer':
        write(args.text.replaceAll('$ID', JSON.stringify(id)));
        return undefined;
      case 'latin1':
        process.stdout.write(Buffer.from(`${args.text.replaceAll('$ID', JSON.stringify(id))}\n`, 'latin1'));
        return undefined;
      case 'emit':
        for (const one of args.lines) write(one);
        return text('emitted');
      case 'notifications':
        return { content: [], received };
      case 'become':
        Object.assign(script, args.script);
        if (args.tell) send({ method: 'notifications/tools/list_changed' });
        return text('became');
      case 'pid':
        return { content: [], pid: process.pid, child: child?.pid };
      default:
        return text(`${script.label ?? 'scripted'} ${params.name} ${JSON.stringify(args)}`);
    }
  },
};

function onLine(line) {
  const message = JSON.parse(line);
  if (message.method === undefined) {
    waiting.get(JSON.stringify(message.id))?.(line);
    waiting.delete(JSON.stringify(message.id));
    return;
  }
  if (message.id === undefined) {
    received.push(line);
    return;
  }
  const error = script.refuse?.[message.method];
  if (error) {
    send({ id: message.id, error });
    return;
  }
  const handler = Object.hasOwn(handlers, message.method) ? handlers[message.method] : undefined;
  const result = handler ? handler(message.params, message, line) : { method: message.method, line };
  if (result !== undefined) send({ id: message.id, result });
}

// Not readline: it also splits at U+2028, which may stand in JSON.
let rest = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (chunk) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  for (const line of lines) onLine(line);
});
process.stdin.on('end', () => {
  if (!script.ignoreTerm) process.exit(0);
});
