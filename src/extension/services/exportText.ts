/**
 * Owns a call as plain text to be read: who called what, when and how it went, what was noted, and both messages. What
 * cannot be seen, or a terminal would act on, is written as an escape.
 */
import { isOtherText } from '../contract/frameTexts';
import type { CallDetail, CallRow, FrameText } from '../contract/traffic';
import { exactJson } from '../util/json';
import { readableJson, visibleJson } from './copyForms';

const RULE = '-'.repeat(80);
const INDENT = '    ';
const LABEL = 10;

/** What stands above the first call. `scope`: of which windows. */
export function textHead(filter: string, scope: 'window' | 'all' | undefined): string {
  const where = scope === 'window' ? 'calls of one window' : 'calls';
  return `MCP Shark: ${where}${filter === '' ? '' : `, filter: ${oneLine(filter)}`}\n\n`;
}

/** `detail` is absent where the call is gone from the log, or is no call. */
export function callText(row: CallRow, detail: CallDetail | undefined): string {
  const { note } = row;
  const target = row.name === undefined ? row.method : `${row.method} ${row.name}`;
  const status = row.errorCode === undefined ? row.status : `${row.status} (${row.errorCode})`;
  const noted = [note?.isPinned ? 'pinned' : undefined, note?.color].filter((word) => word !== undefined).join(', ');
  const client = detail?.session?.clientName ?? row.client;
  const lines = [
    RULE,
    [new Date(row.timeMs).toISOString(), status, row.server, target].filter((part) => part !== undefined).map(oneLine).join('  '),
    ...fact('Duration', durationOf(row)),
    ...fact('Client', client === undefined ? undefined : [client, detail?.session?.clientVersion].filter(Boolean).join(' ')),
    ...fact('Session', row.session),
    ...fact('Prompt', row.prompt),
    ...fact('Call', row.id),
    ...fact('Part of', row.parent),
    ...fact('Note', noted === '' ? undefined : noted),
    ...(note?.comment ? block('Comment', note.comment) : []),
    ...(detail?.errorMessage === undefined ? fact('Detail', detail ? undefined : row.detail) : block('Error', detail.errorMessage)),
    ...(detail?.errorStack === undefined ? [] : block('Stack', detail.errorStack)),
    ...(detail ? messages(detail) : []),
  ];
  return `${lines.join('\n')}\n\n`;
}

function messages({ request, response, upstreamRequest, upstreamResponse, related, output = [] }: CallDetail): string[] {
  return [
    ...frame('Request', request),
    ...(upstreamRequest && isOtherText(upstreamRequest, request) ? frame('Request as the server saw it', upstreamRequest) : []),
    ...related.flatMap((one) => frame(`After ${milliseconds(one.sinceRequestUs)}, ${one.direction === 'toClient' ? 'to the client' : 'to the server'}`, one)),
    ...(response ? frame('Response', response) : ['Response: none was recorded.']),
    ...(upstreamResponse && isOtherText(upstreamResponse, response) ? frame('Response as the server sent it', upstreamResponse) : []),
    ...(output.length > 0 ? block('Server output meanwhile', output.map(({ timeMs, stream, text }) => `${new Date(timeMs).toISOString()} ${stream} ${text}`).join('\n')) : []),
  ];
}

function frame(title: string, { text, bytes, truncated, headers }: FrameText): string[] {
  const value = truncated ? undefined : exactJson(text);
  const shown = value === undefined ? text : readableJson(value);
  return [
    ...(headers ? block(`${title}, headers`, Object.entries(headers).map(([name, value]) => `${name}: ${oneLine(value)}`).join('\n')) : []),
    ...block(`${title} (${bytes} bytes${truncated ? ', shortened' : ''})`, shown),
  ];
}

function fact(label: string, value: string | undefined): string[] {
  return value === undefined || value === '' ? [] : [`${`${label}:`.padEnd(LABEL)}${oneLine(value)}`];
}

function block(label: string, text: string): string[] {
  return [`${label}:`, ...visibleJson(text).split('\n').map((line) => INDENT + line)];
}

function oneLine(text: string): string {
  return visibleJson(text).replace(/\s+/g, ' ');
}

function durationOf({ durationUs, upstreamUs }: CallRow): string | undefined {
  if (durationUs === undefined) return undefined;
  return milliseconds(durationUs) + (upstreamUs === undefined ? '' : `, of which ${milliseconds(upstreamUs)} in the server`);
}

function milliseconds(us: number): string {
  return `${(us / 1000).toFixed(1)} ms`;
}
