/**
 * Owns the fixed script of client actions behind the golden transcripts, in exact bytes. Each step waits for everything
 * that comes of it, so two runs record the same frames in the same order.
 */
import type { RawStream } from '../support/gateway/rawClient';
import { eventually } from '../support/gateway/waiting';
import type { WitnessedClient } from './witnessedClient';

export interface Stage {
  readonly client: WitnessedClient;
  /** What the client calls a tool or prompt of the server. */
  readonly name: (own: string) => string;
  /** The client's standalone stream, from the second step on. */
  listening: RawStream;
}

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: { readonly data?: unknown };
}

const CAPABILITIES = '{"roots":{"listChanged":true},"sampling":{},"elicitation":{"form":{}},"experimental":{"golden":{"a":1.0}}}';
const INITIALIZE = `{"jsonrpc":"2.0","id":"init","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":${CAPABILITIES},"clientInfo":{"name":"golden","version":"1.0.0"}}}`;

const ask = (id: number, method: string, params?: string): string => `{"jsonrpc":"2.0","id":${id},"method":"${method}"${params === undefined ? '' : `,"params":${params}`}}`;
const tell = (method: string, params?: string): string => `{"jsonrpc":"2.0","method":"${method}"${params === undefined ? '' : `,"params":${params}`}}`;

/** Waits for the server's request on a stream and answers it; gives the stream's end to the caller. */
async function answerOn({ client }: Stage, stream: RawStream, method: string, result: string): Promise<void> {
  const request = await messageOn(stream, method, (message) => message.method === method);
  const { status } = await client.post(`{"jsonrpc":"2.0","id":${JSON.stringify(request.id)},"result":${result}}`);
  if (status !== 202) throw new Error(`The answer to ${method} got status ${status}`);
}

function messageOn(stream: RawStream, what: string, wanted: (message: Message) => boolean): Promise<Message> {
  return eventually(what, () => stream.messages.map((text) => JSON.parse(text) as Message).find(wanted));
}

interface Step {
  readonly title: string;
  run(stage: Stage): Promise<unknown>;
}

const request = (title: string, id: number, method: string, params?: (stage: Stage) => string): Step => ({
  title,
  run: (stage) => stage.client.post(ask(id, method, params?.(stage))),
});

const DOCUMENT = 'demo://resource/static/document/how-it-works.md';

export const STEPS: readonly Step[] = [
  {
    title: 'The handshake',
    async run(stage) {
      const answer = await stage.client.post(INITIALIZE);
      stage.client.sessionId = answer.headers['mcp-session-id'] as string;
    },
  },
  {
    title: 'The client is ready: the server offers more tools, then asks for roots',
    async run(stage) {
      stage.listening = await stage.client.stream('GET', undefined);
      await stage.client.post(tell('notifications/initialized'));
      await answerOn(stage, stage.listening, 'roots/list', '{"roots":[{"uri":"file:///golden","name":"golden"}]}');
      await messageOn(stage.listening, 'the log message about roots', ({ params }) => String(params?.data).startsWith('Roots updated'));
    },
  },
  request('Ping', 1, 'ping'),
  request('The list of tools', 2, 'tools/list'),
  request('The list of prompts', 3, 'prompts/list', () => '{}'),
  request('The list of resources', 4, 'resources/list'),
  request('The list of resource templates', 5, 'resources/templates/list'),
  request('A tool call', 6, 'tools/call', ({ name }) => `{"name":"${name('echo')}","arguments":{"message":"golden"}}`),
  {
    // No unknown key at the top: the server's SDK drops such a message without a word.
    title: 'A tool call in a hand of its own: spaces, escapes, odd numbers, unknown keys, a string for an id',
    run: ({ client, name }) =>
      client.post(
        `{ "params" : {"arguments":{"message":"żółw \\u2603 🦈 \\/"},\t"x-unknown":[1.0,1e3,-0,null], "name":"${name('echo')}" ,"_meta":{"golden.test/trace":"00-1"}} ,"method":"tools/call" ,"id":"6 ☃", "jsonrpc":"2.0"}`,
      ),
  },
  request('Structured content', 7, 'tools/call', ({ name }) => `{"name":"${name('get-structured-content')}","arguments":{"location":"Chicago"}}`),
  request('Progress', 8, 'tools/call', ({ name }) => `{"name":"${name('trigger-long-running-operation')}","arguments":{"duration":0.02,"steps":2},"_meta":{"progressToken":"golden-8"}}`),
  {
    title: 'Sampling',
    async run(stage) {
      const stream = await stage.client.stream('POST', ask(9, 'tools/call', `{"name":"${stage.name('trigger-sampling-request')}","arguments":{"prompt":"golden","maxTokens":7}}`));
      await answerOn(stage, stream, 'sampling/createMessage', '{"model":"golden","role":"assistant","content":{"type":"text","text":"sampled"},"stopReason":"endTurn"}');
      await stream.ended;
    },
  },
  {
    title: 'Elicitation',
    async run(stage) {
      const stream = await stage.client.stream('POST', ask(10, 'tools/call', `{"name":"${stage.name('trigger-elicitation-request')}","arguments":{}}`));
      await answerOn(stage, stream, 'elicitation/create', '{"action":"accept","content":{"name":"Golden","check":true,"integer":42}}');
      await stream.ended;
    },
  },
  {
    title: 'A call that the client cancels',
    async run({ client, name }) {
      const stream = await client.stream('POST', ask(11, 'tools/call', `{"name":"${name('trigger-long-running-operation')}","arguments":{"duration":30,"steps":1}}`));
      await client.post(tell('notifications/cancelled', '{"requestId":11,"reason":"golden"}'));
      await stream.ended;
    },
  },
  request('A prompt', 12, 'prompts/get', ({ name }) => `{"name":"${name('args-prompt')}","arguments":{"city":"Łódź"}}`),
  request('A completion', 13, 'completion/complete', ({ name }) => `{"ref":{"type":"ref/prompt","name":"${name('completable-prompt')}"},"argument":{"name":"department","value":"E"}}`),
  request('A resource', 14, 'resources/read', () => `{"uri":"${DOCUMENT}"}`),
  request('A subscription', 15, 'resources/subscribe', () => `{"uri":"${DOCUMENT}"}`),
  request('Its end', 16, 'resources/unsubscribe', () => `{"uri":"${DOCUMENT}"}`),
  request('The level of log messages', 17, 'logging/setLevel', () => '{"level":"error"}'),
  request('An error of the tool: arguments that do not fit', 18, 'tools/call', ({ name }) => `{"name":"${name('echo')}","arguments":{}}`),
  request('An error of the protocol: a resource that does not exist', 19, 'resources/read', () => '{"uri":"demo://resource/nowhere"}'),
  request('A tool that does not exist', 20, 'tools/call', ({ name }) => `{"name":"${name('nowhere')}","arguments":{}}`),
  request('A method that nobody knows', 21, 'golden/unknown', () => '{"any":["thing"]}'),
  {
    title: 'A notification that nobody knows, and a ping to show that all is well',
    async run({ client }) {
      await client.post(tell('notifications/golden', '{"any":["thing"]}'));
      await client.post(ask(22, 'ping'));
    },
  },
];
