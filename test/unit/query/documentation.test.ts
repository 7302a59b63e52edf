/** Holds docs/filter-language.md to the code: every example does what the page says. */
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FIELDS, findField, findWord, STATUS_WORDS } from '../../../src/extension/query/fields';
import { parseFilter } from '../../../src/extension/query/parser';
import { messageOf } from '../../../src/extension/util/errors';

const page = readFileSync(path.resolve(__dirname, '../../../docs/filter-language.md'), 'utf8');

/** Rows of the table with these headings, cells without their backticks; `\|` is a bar. */
function table(...headings: string[]): string[][] {
  const lines = page.split('\n');
  const start = lines.indexOf(`| ${headings.join(' | ')} |`);
  const rows = lines.slice(start + 2);
  return rows
    .slice(0, rows.findIndex((line) => !line.startsWith('|')))
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim().replace(/^`(.*)`$/, '$1').replaceAll('\\|', '|')));
}

const terms = table('Filter', 'Shows calls');
const fields = table('Field', 'Also', 'Example', 'Meaning');
const words = table('Word', 'Also', 'Meaning');
const errors = table('Filter', 'Message');

describe('the page', () => {
  it.each(terms)('shows a filter that parses: %s', (filter = '') => {
    expect(parseFilter(filter).kind).not.toBe('all');
  });

  it.each(errors)('shows a filter that does not: %s', (filter = '', message = '') => {
    let found = '';
    try {
      parseFilter(filter);
    } catch (error) {
      found = messageOf(error);
    }
    expect(found).toBe(message);
  });

  it.each(fields)('knows the field %s', (name = '', alias = '', example = '') => {
    expect(findField(name)?.name).toBe(name);
    expect(findField(name)?.aliases).toEqual(alias === '' ? [] : [alias]);
    expect(parseFilter(example)).toBeDefined();
    expect(example.startsWith(`${name}:`)).toBe(true);
  });

  it.each(words)('knows the word status:%s', (word = '', alias = '') => {
    expect(findWord(STATUS_WORDS, word)).toBe(word);
    if (alias !== '') expect(findWord(STATUS_WORDS, alias)).toBe(word);
  });

  it('leaves none out', () => {
    expect(fields.map(([name]) => name).sort()).toEqual(FIELDS.map(({ name }) => name).sort());
    expect(words.map(([word]) => word)).toEqual(STATUS_WORDS.map(({ word }) => word));
    expect(terms.length).toBeGreaterThan(20);
  });

  it('names times that parse', () => {
    const [, times = ''] = /^Times are ([^]*?)\n\n/m.exec(page) ?? [];
    const examples = [...times.matchAll(/`([^`]+)`/g)].map(([, example = '']) => example);
    expect(examples.length).toBeGreaterThan(8);
    for (const example of examples) expect(parseFilter(`since:${example}`).kind).toBe('time');
  });

  it('begins with an example that parses, as do the examples of the table of fields', () => {
    const [, example = ''] = /^ {4}(server:.*)$/m.exec(page) ?? [];
    expect(parseFilter(example).kind).toBe('and');
    for (const { name, example: value } of FIELDS) expect(parseFilter(`${name}:${value}`)).toBeDefined();
  });
});
