/**
 * Owns one file of saved calls (`.vscode/mcp-shark/*.json`, schemas/mcp-shark-calls.schema.json): reading it with its
 * problems, and changing it so that the rest of the text stays as its authors wrote it. Pure. Files come with a
 * repository: whatever they hold gives problems, never an exception.
 */
import { applyEdits, format, modify, parseTree, stripComments, type FormattingOptions, type ParseError } from 'jsonc-parser';
import { RUN_KINDS, type RunTarget } from '../contract/playgroundRuns';
import type { SavedCall, SavedFileProblem } from '../contract/playgroundSaved';
import { describeType, JsoncReader, propertiesOf, type Node } from '../servers/jsoncReader';
import { problemAt, syntaxWords } from './jsonText';
import { variablesIn } from './variables';

export const SAVED_FORMAT = 1;
export const MAX_FILE_BYTES = 1024 * 1024;
const MAX_CALLS = 2_000;
const MAX_NAME = 200;
const MAX_TARGET = 4_000;
const MAX_VALUE = 100_000;
const MAX_DEPTH = 100;

export interface ParsedCall extends Omit<SavedCall, 'id' | 'file'> {
  /** Place in the file's list. */
  readonly index: number;
}

export interface ParsedFile {
  readonly name: string | undefined;
  readonly variables: Readonly<Record<string, string>>;
  readonly calls: readonly ParsedCall[];
  readonly problems: readonly SavedFileProblem[];
  /** It is no file of saved calls as a whole; it is not written to. */
  readonly isBroken: boolean;
}

export function parseSavedFile(raw: string): ParsedFile {
  const text = raw.startsWith('\uFEFF') ? raw.slice(1) : raw;
  const broken = (problem: SavedFileProblem): ParsedFile => ({ name: undefined, variables: {}, calls: [], problems: [problem], isBroken: true });
  try {
    if (depthOf(text) > MAX_DEPTH) return broken({ line: 1, column: 1, message: `The file is nested more than ${MAX_DEPTH} levels deep.` });
    const errors: ParseError[] = [];
    const root = parseTree(text, errors, { allowTrailingComma: true });
    const [first] = errors;
    if (first) {
      const { line, column, message } = problemAt(text, first.offset, syntaxWords(first));
      return broken({ line, column, message });
    }
    if (root?.type !== 'object') return broken({ line: 1, column: 1, message: 'The file must be an object such as { "version": 1, "calls": [] }.' });
    return new Reader(text).read(root);
  } catch {
    return broken({ line: 1, column: 1, message: 'The file cannot be read.' });
  }
}

class Reader {
  readonly #places: JsoncReader;
  readonly #problems: SavedFileProblem[] = [];

  constructor(private readonly text: string) {
    this.#places = new JsoncReader(text, '');
  }

  read(root: Node): ParsedFile {
    const top = new Map(propertiesOf(root).map(({ key, value }) => [key, value]));
    const version = top.get('version');
    if (version && version.value !== SAVED_FORMAT) {
      this.#problem(version, `This file has version ${String(version.value).slice(0, 20)}; this MCP Shark reads version ${SAVED_FORMAT}. Update MCP Shark.`);
      return { name: undefined, variables: {}, calls: [], problems: this.#problems, isBroken: true };
    }
    const calls = top.get('calls');
    if (calls && calls.type !== 'array') this.#problem(calls, `"calls" must be a list of calls, found ${describeType(calls)}.`);
    const list = calls?.type === 'array' ? (calls.children ?? []) : [];
    if (list.length > MAX_CALLS) this.#problem(list[MAX_CALLS]!, `Only the first ${MAX_CALLS} calls of a file are read.`);
    const parsed = list.slice(0, MAX_CALLS).flatMap((node, index) => this.#call(node, index));
    const isBroken = calls !== undefined && calls.type !== 'array';
    return { name: this.#text(top.get('name'), '"name"', MAX_NAME), variables: this.#variables(top.get('variables')), calls: parsed, problems: this.#problems, isBroken };
  }

  #variables(node: Node | undefined): Record<string, string> {
    const variables = Object.create(null) as Record<string, string>;
    if (!node) return variables;
    if (node.type !== 'object') {
      this.#problem(node, `"variables" must be an object of texts by name, found ${describeType(node)}.`);
      return variables;
    }
    for (const { key, value } of propertiesOf(node)) {
      const text = this.#text(value, `variables.${key.slice(0, 40)}`, MAX_VALUE);
      if (text !== undefined) variables[key] = text;
    }
    return variables;
  }

  #call(node: Node, index: number): ParsedCall[] {
    if (node.type !== 'object') {
      this.#problem(node, `calls[${index}] must be an object, found ${describeType(node)}.`);
      return [];
    }
    const members = new Map(propertiesOf(node).map(({ key, value }) => [key, value]));
    const kinds = RUN_KINDS.filter((kind) => members.has(kind));
    const [kind] = kinds;
    if (!kind || kinds.length > 1) {
      this.#problem(node, `calls[${index}] needs exactly one of ${RUN_KINDS.map((one) => `"${one}"`).join(', ')}.`);
      return [];
    }
    const server = this.#text(members.get('server'), `calls[${index}].server`, MAX_NAME);
    const name = this.#text(members.get(kind), `calls[${index}].${kind}`, MAX_TARGET);
    if (server === undefined || name === undefined) {
      if (!members.has('server')) this.#problem(node, `calls[${index}] needs "server": the configured name of a server.`);
      return [];
    }
    const given = members.get('arguments');
    if (given && given.type !== 'object' && !(kind === 'request' && given.type === 'array')) {
      this.#problem(given, `calls[${index}].arguments must be an object, found ${describeType(given)}.`);
      return [];
    }
    const argumentsText = given ? stripComments(this.text.slice(given.offset, given.offset + given.length)) : '';
    const target: RunTarget = { server, kind, name };
    return [
      {
        index,
        name: this.#text(members.get('name'), `calls[${index}].name`, MAX_NAME) ?? name.slice(0, MAX_NAME),
        folder: folderOf(this.#text(members.get('folder'), `calls[${index}].folder`, MAX_NAME)),
        target,
        argumentsText,
        ...(this.#isTask(members.get('asTask'), `calls[${index}].asTask`) ? { asTask: true } : {}),
        variables: variablesIn(server, name, argumentsText),
        line: this.#places.lineOf(node),
      },
    ];
  }

  #isTask(node: Node | undefined, what: string): boolean {
    if (node && typeof node.value !== 'boolean') this.#problem(node, `${what} must be true or false, found ${describeType(node)}.`);
    return node?.value === true;
  }

  #text(node: Node | undefined, what: string, max: number): string | undefined {
    if (!node) return undefined;
    const value: unknown = node.value;
    if (typeof value === 'string' && value.length <= max) return value;
    this.#problem(node, typeof value === 'string' ? `${what} is longer than ${max} characters.` : `${what} must be a text, found ${describeType(node)}.`);
    return undefined;
  }

  #problem(node: Node, message: string): void {
    const { line, column } = this.#places.problem(node, message);
    if (this.#problems.length < 100) this.#problems.push({ line, column, message });
  }
}

/** Nesting of brackets outside of texts; roughly, for comments count as well. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\\n]|\\.)*"|[[\]{}]/g)) {
    if (token === '[' || token === '{') deepest = Math.max(deepest, ++depth);
    else if (token === ']' || token === '}') depth--;
  }
  return deepest;
}

/** Parts of a path of folders, trimmed; empty ones are left out. */
export function folderOf(path: string | undefined): string {
  return (path ?? '')
    .split('/')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join('/');
}

// --- writing ---------------------------------------------------------------------------------------------------------

export interface CallToWrite {
  readonly name: string;
  readonly folder: string;
  readonly target: RunTarget;
  readonly argumentsText: string;
  readonly asTask?: boolean;
}

export const EMPTY_FILE = `{\n  "version": ${SAVED_FORMAT},\n  "calls": []\n}\n`;

/** Stands for the arguments while the file is changed: they are put in as text, so that no digit is lost. */
const PLACEHOLDER = '\u0000arguments\u0000';

/** The text with the call added, or in the place of the one at `index`. */
export function withCall(text: string, call: CallToWrite, index?: number): string {
  const { name, folder, target, argumentsText, asTask = false } = call;
  const value = {
    name,
    ...(folder === '' ? {} : { folder }),
    server: target.server,
    [target.kind]: target.name,
    ...(asTask ? { asTask } : {}),
    ...(argumentsText.trim() === '' ? {} : { arguments: PLACEHOLDER }),
  };
  let out = text;
  if (!new RegExp('"calls"\\s*:').test(text)) out = edit(out, ['calls'], []);
  if (!new RegExp('"version"\\s*:').test(text)) out = edit(out, ['version'], SAVED_FORMAT);
  out = edit(out, ['calls', index ?? -1], value, index === undefined);
  const quoted = JSON.stringify(PLACEHOLDER);
  const at = out.indexOf(quoted);
  if (at < 0) return out;
  const options = formattingOf(text);
  const lineStart = out.lastIndexOf('\n', at) + 1;
  const indent = /^[ \t]*/.exec(out.slice(lineStart, at))?.[0] ?? '';
  const laidOut = applyEdits(argumentsText.trim(), format(argumentsText.trim(), undefined, options)).replaceAll(/\r\n|\r|\n/g, `${options.eol}${indent}`);
  return out.slice(0, at) + laidOut + out.slice(at + quoted.length);
}

export function withoutCall(text: string, index: number): string {
  return edit(text, ['calls', index], undefined);
}

export function withVariable(text: string, name: string, value: string | undefined): string {
  return edit(text, ['variables', name], value);
}

function edit(text: string, path: (string | number)[], value: unknown, isInsertion = false): string {
  return applyEdits(text, modify(text, path, value, { formattingOptions: formattingOf(text), isArrayInsertion: isInsertion }));
}

function formattingOf(text: string): FormattingOptions & { readonly eol: string } {
  const indent = /^([ \t]+)\S/m.exec(text)?.[1] ?? '  ';
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  return indent.startsWith('\t') ? { insertSpaces: false, tabSize: 4, eol } : { insertSpaces: true, tabSize: indent.length, eol };
}
