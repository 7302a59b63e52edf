/**
 * Owns the translation of a server's sampling request into what a language model of the editor can be asked, and of its
 * answer into a result. What does not translate is said, never dropped in silence.
 */
import type { SamplingDraft, SamplingPreview } from '../contract/playgroundRequests';
import { isJsonObject, tryParseJson, type JsonObject, type JsonValue } from '../util/json';

export interface SamplingImage {
  readonly mimeType: string;
  /** Base64. */
  readonly data: string;
}

export interface SamplingMessage {
  readonly role: 'user' | 'assistant';
  readonly text: string;
  readonly images: readonly SamplingImage[];
}

/** What a model is asked. The system prompt comes first, as a message of the user: editors' models take no other. */
export interface SamplingPrompt {
  readonly messages: readonly SamplingMessage[];
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly stopSequences?: readonly string[];
  /** What of the request cannot be passed on, in words. */
  readonly notes: readonly string[];
}

const MAX_MESSAGES = 1_000;

/** Reads the params of `sampling/createMessage` (MCP 2025-11-25, client/sampling). Never throws. */
export function samplingPromptOf(paramsText: string): SamplingPrompt {
  const value = tryParseJson(paramsText);
  const params: JsonObject = isJsonObject(value) ? value : {};
  const notes = new Set<string>();
  const messages: SamplingMessage[] = [];
  if (typeof params.systemPrompt === 'string' && params.systemPrompt !== '') {
    messages.push({ role: 'user', text: `System prompt of the server:\n\n${params.systemPrompt}`, images: [] });
    notes.add('The system prompt is sent as the first message.');
  }
  const list = Array.isArray(params.messages) ? params.messages : [];
  if (list.length > MAX_MESSAGES) notes.add(`Only the first ${MAX_MESSAGES} of ${list.length} messages are sent.`);
  for (const message of list.slice(0, MAX_MESSAGES)) {
    if (!isJsonObject(message)) continue;
    const { texts, images } = contentOf(message.content, notes);
    messages.push({ role: message.role === 'assistant' ? 'assistant' : 'user', text: texts.join('\n\n'), images });
  }
  if (Array.isArray(params.tools) && params.tools.length > 0) notes.add('The tools the server offers to the model are not passed on.');
  if (params.includeContext === 'thisServer' || params.includeContext === 'allServers') notes.add('No context of servers is included.');
  if (params.modelPreferences !== undefined) notes.add('You choose the model; the preferences of the server are only shown.');
  const stopSequences = Array.isArray(params.stopSequences) ? params.stopSequences.filter((one) => typeof one === 'string') : [];
  return {
    messages,
    ...(typeof params.maxTokens === 'number' ? { maxTokens: params.maxTokens } : {}),
    ...(typeof params.temperature === 'number' ? { temperature: params.temperature } : {}),
    ...(stopSequences.length > 0 ? { stopSequences } : {}),
    notes: [...notes],
  };
}

function contentOf(content: JsonValue | undefined, notes: Set<string>): { texts: string[]; images: SamplingImage[] } {
  const texts: string[] = [];
  const images: SamplingImage[] = [];
  for (const block of Array.isArray(content) ? content : [content]) {
    if (!isJsonObject(block)) continue;
    if (block.type === 'text' && typeof block.text === 'string') texts.push(block.text);
    else if (block.type === 'image' && typeof block.data === 'string') {
      images.push({ data: block.data, mimeType: typeof block.mimeType === 'string' ? block.mimeType : 'image/png' });
    } else if (block.type === 'tool_use' || block.type === 'tool_result') {
      texts.push(JSON.stringify(block));
      notes.add('Tool calls and their results are sent as JSON text.');
    } else notes.add(`Content of type "${String(block.type).slice(0, 40)}" is not passed on.`);
  }
  return { texts, images };
}

export function previewOf({ messages, notes }: SamplingPrompt): SamplingPreview {
  return {
    messages: messages.map(({ role, text, images }) => ({ role, text, images: images.length })),
    notes,
    tokens: Math.ceil(sizeOf(messages) / 4),
  };
}

export function sizeOf(messages: readonly SamplingMessage[]): number {
  return messages.reduce((sum, { text }) => sum + text.length, 0);
}

/** The result of `sampling/createMessage`, JSON text. */
export function samplingResult({ text, model, stopReason }: SamplingDraft): string {
  return JSON.stringify({ role: 'assistant', content: { type: 'text', text }, model, stopReason });
}
