/**
 * Owns a language model on loopback that has one idea: call one tool, then say "done". It speaks as much of Anthropic's
 * Messages API and Google's Gemini API as Claude Code and Gemini CLI need to make a real tool call without an account.
 */
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ScriptedModel {
  readonly origin: string;
  /** Names of the tools each request offered, one entry a request that offered any. */
  readonly offered: readonly (readonly string[])[];
  /** `METHOD path` of requests it has no answer for. */
  readonly unknown: readonly string[];
  close(): Promise<void>;
}

interface ModelRequest {
  readonly stream?: boolean;
  readonly tools?: readonly { readonly name?: string; readonly functionDeclarations?: readonly { readonly name: string }[] }[];
}

const DONE = 'done';

/** Calls the offered tool whose name ends with `tool`, once a conversation. */
export async function startScriptedModel(tool: string, args: Readonly<Record<string, unknown>>): Promise<ScriptedModel> {
  const offered: string[][] = [];
  const unknown: string[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      const text = Buffer.concat(chunks).toString();
      const path = request.url ?? '/';
      const isGemini = /:(?:stream)?generateContent/i.test(path);
      if (request.method !== 'POST' || (!isGemini && !/^\/v1\/messages(?:\?|$)/.test(path))) {
        unknown.push(`${request.method} ${path}`);
        response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"not here"}}');
        return;
      }
      const body = JSON.parse(text) as ModelRequest;
      const names = (body.tools ?? []).flatMap(({ name, functionDeclarations }) => functionDeclarations?.map((one) => one.name) ?? (name ? [name] : []));
      if (names.length > 0) offered.push(names);
      const isAnswered = text.includes('"tool_result"') || text.includes('"functionResponse"');
      const call = isAnswered ? undefined : names.find((name) => name.endsWith(tool));
      if (isGemini) answerGemini(response, /:streamGenerateContent/i.test(path), call, args);
      else answerAnthropic(response, body.stream === true, call, args);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    offered,
    unknown,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answerGemini(response: http.ServerResponse, isStream: boolean, call: string | undefined, args: object): void {
  const part = call === undefined ? { text: DONE } : { functionCall: { name: call, args } };
  const answer = JSON.stringify({
    candidates: [{ index: 0, content: { role: 'model', parts: [part] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
    modelVersion: 'scripted',
  });
  response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' });
  response.end(isStream ? `data: ${answer}\n\n` : answer);
}

function answerAnthropic(response: http.ServerResponse, isStream: boolean, call: string | undefined, args: object): void {
  const stopReason = call === undefined ? 'end_turn' : 'tool_use';
  const block = call === undefined ? { type: 'text', text: DONE } : { type: 'tool_use', id: 'toolu_1', name: call, input: args };
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'scripted', usage: { input_tokens: 1, output_tokens: 1 } };
  if (!isStream) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ...message, content: [block], stop_reason: stopReason, stop_sequence: null }));
    return;
  }
  const opening = call === undefined ? { type: 'text', text: '' } : { ...block, input: {} };
  const delta = call === undefined ? { type: 'text_delta', text: DONE } : { type: 'input_json_delta', partial_json: JSON.stringify(args) };
  const events = [
    { type: 'message_start', message: { ...message, content: [], stop_reason: null, stop_sequence: null } },
    { type: 'content_block_start', index: 0, content_block: opening },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: stopReason, stop_sequence: null }, usage: { output_tokens: 1 } },
    { type: 'message_stop' },
  ];
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
}
