/** The inventory as a file: complete, and harmless whatever servers call themselves. */
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InventoryServer } from '../../../src/extension/contract/governance';
import { exportInventory } from '../../../src/extension/security/inventory';

const NOW = Date.UTC(2026, 9, 5, 12);
const server = (name: string, text = name): InventoryServer => ({
  id: 'i',
  name,
  file: '/w/.vscode/mcp-shark.json',
  line: 3,
  transport: 'stdio',
  gate: { kind: 'waiting', message: text },
  hash: 'a'.repeat(64),
  commandLine: text,
  about: { purpose: text, owner: text, permissions: [text, 'read'], note: text },
  approvedMs: NOW - 1000,
  approvedBy: 'ada',
  unapproved: 1,
  findings: [text],
  definitions: [
    { kind: 'tool', name: text, state: 'changed', hash: 'b'.repeat(64), previous: 'c'.repeat(64), firstSeenMs: NOW - 3000, changedMs: NOW - 2000, lastSeenMs: NOW, blocked: text, findings: [text] },
  ],
});

/** RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1)!.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
    if (end === '\r\n') rows.push([]);
    if (end === '') break;
  }
  return rows.slice(0, -1);
}

it('says everything in each form', () => {
  const servers = [server('files', 'npx files'), { ...server('empty'), definitions: [] }];
  const json = JSON.parse(exportInventory(servers, 'json', NOW)) as { generated: string; servers: InventoryServer[] };
  expect(json.generated).toBe('2026-10-05T12:00:00.000Z');
  expect(json.servers[0]).toMatchObject({ name: 'files', approved: '2026-10-05T11:59:59.000Z', definitions: [{ name: 'npx files', state: 'changed', firstSeen: '2026-10-05T11:59:57.000Z', approved: null }] });
  const rows = parseCsv(exportInventory(servers, 'csv', NOW));
  expect(rows).toHaveLength(3);
  expect(new Set(rows.map((row) => row.length)).size).toBe(1);
  expect(Object.fromEntries(rows[0]!.map((name, k) => [name, rows[1]![k]]))).toMatchObject({ server: 'files', runs: 'npx files', kind: 'tool', definitionState: 'changed', permissions: 'npx files; read' });
  const markdown = exportInventory(servers, 'markdown', NOW);
  for (const word of ['files', 'ada', 'b'.repeat(64), '2026-10-05T11:59:59.000Z', 'It has not listed anything yet.']) expect(markdown).toContain(word);
});

describe('whatever servers and files say', () => {
  const HOSTILE = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =cmd|x', '\uFF1D1', '\u200B=1', '"a",b', 'a\r\nb', '| x | y', '`x`', '``', '[a](http://x)', '<script>alert(1)</script>', '![x](http://x/y.png)', 'http://example.com', '# h', '- a\n- b', '&amp;'];

  it.each(HOSTILE)('no field of the CSV begins a formula, and all of them come back: %j', (text) => {
    const [, row] = parseCsv(exportInventory([server(text)], 'csv', NOW)) as [string[], string[]];
    for (const field of row) expect(field.replace(/^[\s\p{Cf}]+/u, '')).not.toMatch(/^[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/);
    expect([text, `'${text}`]).toContain(row[0]);
  });

  it.each(HOSTILE)('nothing of it becomes Markdown, and all of it is shown: %j', (text) => {
    // Without the step that makes links of texts once they are read: what is escaped is no link to a reader of Markdown.
    const mdastExtensions = gfmFromMarkdown().map((extension) => ({ ...extension, transforms: [] }));
    const tree = fromMarkdown(exportInventory([server('s', text)], 'markdown', NOW), { extensions: [gfm()], mdastExtensions });
    const types = new Set<string>();
    let shown = '';
    const visit = (node: { type: string; value?: string; children?: unknown[] }): void => {
      types.add(node.type);
      if (node.value !== undefined) shown += `${node.value}\n`;
      for (const child of node.children ?? []) visit(child as typeof node);
    };
    visit(tree as never);
    expect([...types].filter((type) => !['root', 'heading', 'text', 'paragraph', 'list', 'listItem', 'inlineCode', 'table', 'tableRow', 'tableCell'].includes(type))).toEqual([]);
    expect(shown).toContain(text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim());
  });

  it('the CSV keeps its shape', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const rows = parseCsv(exportInventory([server('s', text)], 'csv', NOW));
        expect(rows.map((row) => row.length)).toEqual([23, 23]);
      }),
    );
  });
});
