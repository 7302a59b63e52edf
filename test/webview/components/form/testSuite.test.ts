/**
 * The form over the official JSON Schema Test Suite (draft 2020-12): whatever schema and value, every value is shown once,
 * nothing is altered that is not edited, and what the form takes for fitting or not is never wrong.
 */
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { childOf, parseDocument, textOf, type JsonNode } from '../../../../src/webview/components/form/jsonText';
import { fits } from '../../../../src/webview/components/form/schemaFits';
import { parseSchema, SchemaTree } from '../../../../src/webview/components/form/schemaText';
import { fieldsOf, formOf, leafNodes, leavesOf, NONE, rawByPlace } from './formWalk';

const FOLDER = path.resolve(__dirname, '../../../fixtures/json-schema-test-suite/draft2020-12');

interface Case {
  readonly name: string;
  readonly schema: string;
  readonly values: readonly { readonly text: string; readonly isValid: boolean; readonly name: string }[];
}

/** Out of the text itself, so that no number loses a digit. */
function casesOf(file: string): Case[] {
  const document = parseDocument(readFileSync(path.join(FOLDER, file), 'utf8'));
  const raw = (node: JsonNode | undefined): string => (node ? textOf(document, node) : '');
  return (document.root?.children ?? []).map((group) => ({
    name: String(childOf(group, 'description')?.value),
    schema: raw(childOf(group, 'schema')),
    values: (childOf(group, 'tests')?.children ?? []).map((test) => ({
      text: raw(childOf(test, 'data')),
      isValid: childOf(test, 'valid')?.value === true,
      name: String(childOf(test, 'description')?.value),
    })),
  }));
}

const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
const cases = files.flatMap((file) => casesOf(file).map((one) => ({ file, ...one })));

it('there are more than sixty schemas, and more than a thousand values', () => {
  expect(cases.length).toBeGreaterThan(300);
  expect(cases.reduce((sum, { values }) => sum + values.length, 0)).toBeGreaterThan(1_000);
});

describe.each(files)('%s', (file) => {
  const own = cases.filter((one) => one.file === file);

  it('every value is shown by exactly one field', () => {
    for (const { schema, values } of own) {
      const form = formOf(schema);
      for (const { text } of values) {
        const document = parseDocument(text);
        const leaves = leavesOf(fieldsOf(form, document));
        for (const node of leafNodes(document.root)) {
          const owners = leaves.filter((field) => field.node!.offset <= node.offset && field.node!.offset + field.node!.length >= node.offset + node.length);
          expect(owners.length, `${schema} with ${text} at ${node.offset}`).toBe(1);
        }
      }
    }
  });

  it('an edit of a field changes that value only', () => {
    for (const { schema, values } of own) {
      const form = formOf(schema);
      for (const { text } of values) {
        const document = parseDocument(text);
        const before = rawByPlace(document);
        for (const field of leavesOf(fieldsOf(form, document)).slice(0, 20)) {
          const same = form.set(document, NONE, field.path, textOf(document, field.node!));
          expect(same, `${schema} with ${text}: set to what it was`).toBe(text);
          const after = rawByPlace(parseDocument(form.set(document, NONE, field.path, '"edited"')));
          for (const [place, raw] of before) {
            if (place !== field.pointer && !place.startsWith(`${field.pointer}/`)) expect(after.get(place), `${text} at ${place}`).toBe(raw);
          }
          expect(after.get(field.pointer)).toBe('"edited"');
        }
      }
    }
  });

  it('what is said to fit does, and what is said not to fit does not', () => {
    for (const { name, schema, values } of own) {
      const parsed = parseSchema(schema);
      if (parsed.kind !== 'ok') throw new Error(parsed.message);
      const tree = new SchemaTree(parsed.schema);
      for (const value of values) {
        const fit = fits(tree, tree.root, parseDocument(value.text).root!);
        expect(fit, `${name}: ${value.name}: ${schema} with ${value.text}`).not.toBe(value.isValid ? 'no' : 'yes');
      }
    }
  });
});

it('most of it is known for sure', () => {
  let sure = 0;
  let all = 0;
  for (const { schema, values } of cases) {
    const parsed = parseSchema(schema);
    if (parsed.kind !== 'ok') throw new Error(parsed.message);
    const tree = new SchemaTree(parsed.schema);
    for (const { text } of values) {
      all += 1;
      if (fits(tree, tree.root, parseDocument(text).root!) !== 'maybe') sure += 1;
    }
  }
  expect(sure / all).toBeGreaterThan(0.7);
});
