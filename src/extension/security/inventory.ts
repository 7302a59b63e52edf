/**
 * Owns the inventory as a file: servers, what runs, who answers for them, and every definition with hash, dates and
 * findings, as Markdown, CSV or JSON. Pure. All texts may come from hostile servers: they can neither begin a formula in a
 * spreadsheet nor become Markdown.
 */
import type { FindingPlace, ServerDefinitions } from '../contract/findings';
import type { DefinitionKind, DefinitionRow, InventoryFormat, InventoryServer } from '../contract/governance';
import { tryParseJson } from '../util/json';
import { shown } from './policy';

/** `nowMs`: the date of the inventory, Unix epoch, milliseconds. */
export function exportInventory(servers: readonly InventoryServer[], format: InventoryFormat, nowMs: number): string {
  switch (format) {
    case 'markdown':
      return toMarkdown(servers, nowMs);
    case 'csv':
      return toCsv(servers);
    case 'json':
      return `${JSON.stringify({ generated: date(nowMs), servers: servers.map(toJson) }, null, 2)}\n`;
  }
}

const LISTS: Readonly<Record<DefinitionKind, Exclude<keyof ServerDefinitions, 'server'>>> = {
  serverInfo: 'serverInfo',
  instructions: 'instructions',
  tool: 'tools',
  prompt: 'prompts',
  resource: 'resources',
  template: 'templates',
};

/** What a server defines now, from its rows, as the local checks take it. `textOf`: of a hash; absent texts are left out. */
export function listedAs(server: string, rows: readonly DefinitionRow[], textOf: (hash: string) => string | undefined): ServerDefinitions {
  const definitions: Record<string, unknown> = { server };
  for (const { kind, hash, state } of rows) {
    const text = state === 'gone' ? undefined : textOf(hash);
    const value = text === undefined ? undefined : tryParseJson(text);
    if (value === undefined) continue;
    const list = LISTS[kind];
    if (kind === 'serverInfo' || kind === 'instructions') definitions[list] = value;
    else ((definitions[list] ??= []) as unknown[]).push(value);
  }
  return definitions as unknown as ServerDefinitions;
}

/** Whether a finding is about a definition as it is listed now. */
export function isAbout(place: FindingPlace, server: string, { kind, name, state }: DefinitionRow): boolean {
  return state !== 'gone' && place.in === 'definition' && place.server === server && place.kind === kind && place.name === name;
}

const date = (ms: number | undefined): string => (ms === undefined ? '' : new Date(ms).toISOString());

function toJson({ definitions, approvedMs, ...server }: InventoryServer): object {
  return {
    ...server,
    approved: date(approvedMs) || null,
    definitions: definitions.map(({ firstSeenMs, changedMs, lastSeenMs, approvedMs: okMs, ...row }) => ({
      ...row,
      firstSeen: date(firstSeenMs),
      changed: date(changedMs),
      lastSeen: date(lastSeenMs),
      approved: date(okMs) || null,
    })),
  };
}

// --- CSV (RFC 4180) --------------------------------------------------------------------------------------------------

const COLUMNS = [
  'server', 'state', 'runs', 'runsSha256', 'file', 'line', 'purpose', 'owner', 'permissions', 'note', 'serverApproved', 'serverApprovedBy', 'serverFindings',
  'kind', 'name', 'definitionState', 'definitionSha256', 'firstSeen', 'changed', 'lastSeen', 'approved', 'blocked', 'findings',
] as const;

/** One row for each definition; one for a server that has none. */
function toCsv(servers: readonly InventoryServer[]): string {
  const rows: (readonly string[])[] = [COLUMNS];
  for (const { name, gate, commandLine, hash, file, line, about, approvedMs, approvedBy, findings, definitions } of servers) {
    const own = [
      name, gate.kind, commandLine, hash, file, String(line), about.purpose ?? '', about.owner ?? '', about.permissions?.join('; ') ?? '', about.note ?? '',
      date(approvedMs), approvedBy ?? '', findings.join('; '),
    ];
    if (definitions.length === 0) rows.push([...own, ...Array.from({ length: COLUMNS.length - own.length }, () => '')]);
    for (const row of definitions) {
      rows.push([
        ...own, row.kind, row.name, row.state, row.hash, date(row.firstSeenMs), date(row.changedMs), date(row.lastSeenMs), date(row.approvedMs),
        row.blocked ?? '', row.findings.join('; '),
      ]);
    }
  }
  return rows.map((row) => `${row.map(csvField).join(',')}\r\n`).join('');
}

/** A spreadsheet takes text that begins so for a formula, also after white space; an apostrophe makes it text. */
const FORMULA = /^[\s\p{Cf}]*[=+\-@\t\r\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}]/u;

function csvField(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

// --- Markdown --------------------------------------------------------------------------------------------------------

function toMarkdown(servers: readonly InventoryServer[], nowMs: number): string {
  const lines = ['# MCP servers', '', `As of ${date(nowMs)}.`, ''];
  for (const server of servers) {
    const { about, definitions, gate } = server;
    lines.push(`## ${plain(server.name)}`, '');
    const fact = (name: string, value: string | undefined): void => {
      if (value) lines.push(`- ${name}: ${value}`);
    };
    fact('Runs', code(server.commandLine));
    fact('SHA-256 of what runs', code(server.hash));
    fact('Configured in', `${code(server.file)}, line ${server.line}`);
    fact('State', gate.kind === 'open' ? 'may run' : plain(gate.message));
    fact('Approved', server.approvedMs === undefined ? 'no' : `${date(server.approvedMs)}${server.approvedBy ? ` by ${plain(server.approvedBy)}` : ''}`);
    fact('Purpose', about.purpose && plain(about.purpose));
    fact('Owner', about.owner && plain(about.owner));
    fact('Permissions expected', about.permissions && about.permissions.map(plain).join('; '));
    fact('Note', about.note && plain(about.note));
    fact('Findings', server.findings.map(plain).join('; '));
    lines.push('');
    if (definitions.length === 0) {
      lines.push('It has not listed anything yet.', '');
      continue;
    }
    lines.push('| Kind | Name | State | SHA-256 | First seen | Changed | Last seen | Approved | Blocked | Findings |', `|${' --- |'.repeat(10)}`);
    for (const row of definitions) {
      const cells = [
        row.kind, plain(shown(row.name)), row.state, code(row.hash), date(row.firstSeenMs), date(row.changedMs), date(row.lastSeenMs), date(row.approvedMs),
        plain(row.blocked ?? ''), row.findings.map(plain).join('; '),
      ];
      lines.push(`| ${cells.join(' | ')} |`);
    }
    lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

/** Every character that means something in Markdown or HTML is escaped. */
function plain(text: string): string {
  return oneLine(text).replace(/[\\`*_{}[\]()<>#+\-.!|~&:@/=^$"']/g, (c) => (c === '<' ? '&lt;' : c === '>' ? '&gt;' : c === '&' ? '&amp;' : `\\${c}`));
}

/** Also within a table, where a bar would end the cell in spite of the backquotes. */
function code(text: string): string {
  const line = oneLine(text);
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${line.replaceAll('|', '\\|')}${pad}${fence}`;
}
