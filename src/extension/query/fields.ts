/**
 * Owns the table of fields: names, aliases, the words they take, and what they mean in plain words. Parser, completion,
 * description and docs/filter-language.md all go by this table.
 */
import { NOTE_COLORS, type CallOrigin, type NoteColor } from '../contract/traffic';
import type { IsWord, NameField, NumberField, RowKind, StatusWord } from './ast';

export type FieldName = NameField | NumberField | 'status' | 'kind' | 'origin' | 'is' | 'color' | 'since' | 'until';

export interface FieldInfo {
  readonly name: FieldName;
  readonly aliases: readonly string[];
  readonly type: 'name' | 'status' | 'kind' | 'origin' | 'is' | 'color' | 'number' | 'time';
  /** One line for completion and documentation. */
  readonly summary: string;
  /** A value that parses, for error messages. */
  readonly example: string;
}

const field = (
  name: FieldName,
  type: FieldInfo['type'],
  example: string,
  summary: string,
  ...aliases: string[]
): FieldInfo => ({ name, aliases, type, summary, example });

export const FIELDS: readonly FieldInfo[] = [
  field('server', 'name', 'github', 'Server, by its configured name'),
  field('tool', 'name', 'search*', 'Tool called'),
  field('method', 'name', 'resources/read', 'JSON-RPC method'),
  field('status', 'status', 'error', 'How the call ended'),
  field('dur', 'number', '>500ms', 'Time from request to answer', 'duration'),
  field('upstream', 'number', '>500ms', 'Part of the duration spent waiting for the server'),
  field('size', 'number', '>10k', 'Request and response together'),
  field('code', 'number', '-32601', 'JSON-RPC error code'),
  field('prompt', 'name', 'review*', 'Prompt fetched'),
  field('uri', 'name', 'file:*', 'Resource read, subscribed or updated', 'resource'),
  field('name', 'name', 'search*', 'Name of the tool or prompt, or URI of the resource'),
  field('session', 'name', 's1', 'Client session'),
  field('client', 'name', '"Visual Studio Code"', 'Client, by the name it gives itself'),
  field('since', 'time', '1h', 'From that time on', 'after'),
  field('until', 'time', '2026-10-05', 'Before that time', 'before'),
  field('kind', 'kind', 'notification', 'Call or notification'),
  field('origin', 'origin', 'server', 'Who asked'),
  field('is', 'is', 'pinned', 'What you have put on a call, and how it was made'),
  field('color', 'color', 'red', 'Colour you have given a call', 'colour'),
  field('comment', 'name', 'ask*why', 'Text in your comment on a call'),
  field('conversation', 'name', 'c1', 'Conversation, by the id the client sends'),
  field('turn', 'name', 'r1', "User's request in a conversation, by the id the client sends"),
  field('definition', 'name', '0f3a*', 'Definition the call ran under, by the beginning of its hash'),
  field('id', 'name', '"w1/42"', 'One call, by its id'),
];

const BY_NAME = new Map(FIELDS.flatMap((info) => [info.name, ...info.aliases].map((name) => [name, info] as const)));

/** Every name and alias. */
export const FIELD_NAMES: readonly string[] = [...BY_NAME.keys()];

/** Looks a field up by name or alias, in any case. */
export function findField(name: string): FieldInfo | undefined {
  return BY_NAME.get(name.toLowerCase());
}

interface Word<T> {
  readonly word: T;
  readonly aliases?: readonly string[];
  /** Goes on from "it" (status) or stands for the rows meant. */
  readonly summary: string;
}

export const STATUS_WORDS: readonly Word<StatusWord>[] = [
  { word: 'ok', summary: 'succeeded' },
  { word: 'error', aliases: ['failed'], summary: 'failed in any way' },
  { word: 'running', summary: 'is still running' },
  { word: 'rpc', summary: 'answered with a JSON-RPC error' },
  { word: 'tool', aliases: ['toolError'], summary: 'answered with a tool error (isError)' },
  { word: 'transport', aliases: ['transportError'], summary: 'lost its connection or process' },
  { word: 'cancelled', aliases: ['canceled'], summary: 'was cancelled' },
  { word: 'timedOut', aliases: ['timeout'], summary: 'timed out' },
  { word: 'blocked', summary: 'was blocked by MCP Shark' },
  { word: 'unrecorded', summary: 'is not (all) in the log' },
];

export const KIND_WORDS: readonly Word<RowKind>[] = [
  { word: 'call', summary: 'calls' },
  { word: 'notification', summary: 'notifications' },
];

export const ORIGIN_WORDS: readonly Word<CallOrigin>[] = [
  { word: 'client', summary: 'asked by the client' },
  { word: 'server', summary: 'asked by a server' },
  { word: 'gateway', summary: 'asked by MCP Shark itself' },
  { word: 'http', summary: 'a refused HTTP request' },
];

export const IS_WORDS: readonly Word<IsWord>[] = [
  { word: 'pinned', summary: 'is pinned' },
  { word: 'colored', aliases: ['coloured'], summary: 'has a colour' },
  { word: 'commented', summary: 'has a comment' },
  { word: 'nested', summary: 'was made in the course of another call' },
  { word: 'playground', summary: 'was made from the Playground' },
];

export const COLOR_WORDS: readonly Word<NoteColor>[] = NOTE_COLORS.map((word) => ({ word, summary: word }));

/** Finds a word or one of its aliases, in any case. */
export function findWord<T extends string>(words: readonly Word<T>[], text: string): T | undefined {
  const wanted = text.toLowerCase();
  return words.find(({ word, aliases = [] }) => [word, ...aliases].some((name) => name.toLowerCase() === wanted))?.word;
}

/** The candidate nearest to what was typed, where it is near enough to have been meant. */
export function nearest(text: string, candidates: readonly string[]): string | undefined {
  const wanted = text.toLowerCase();
  let best: { name: string; distance: number } | undefined;
  for (const name of candidates) {
    const distance = editDistance(wanted, name.toLowerCase());
    if (distance <= Math.max(1, Math.floor(name.length / 3)) && (!best || distance < best.distance)) {
      best = { name, distance };
    }
  }
  return best?.name;
}

function editDistance(a: string, b: string): number {
  if (a.length > 32) return a.length;
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const [diagonal = 0, above = 0] = row.slice(j - 1);
      next.push(Math.min(diagonal + (a[i - 1] === b[j - 1] ? 0 : 1), above + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
