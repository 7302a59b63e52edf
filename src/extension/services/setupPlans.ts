/** Owns what the Setup view is told of a planned change of files, and the texts of an edit of one server. Pure. */
import type { PlannedChange, PlanView, ServerEdit } from '../contract/setup';
import { nodeAt, parseDocument } from '../servers/import/document';
import type { DocNode } from '../servers/import/documentTree';
import { DocumentEdit } from '../servers/routing/editor';
import type { ChangePlan, PlanNote } from '../servers/routing/plan';
import { eolOf, indentOf, indentUnit, lineEnd, prettyJson } from '../servers/routing/textEdits';
import { AppError } from '../util/errors';
import { isJsonObject } from '../util/json';

export function planView(plan: ChangePlan, labelOf: (file: string) => string): PlanView {
  const remark = ({ file, server, message }: PlanNote): PlanView['notes'][number] => ({
    fileLabel: labelOf(file),
    ...(server === undefined ? {} : { server }),
    message,
  });
  return {
    id: plan.id,
    kind: plan.kind,
    files: plan.files.map(({ file, client, before, after }): PlannedChange => ({
      file,
      fileLabel: labelOf(file),
      client,
      kind: before === undefined ? 'create' : after === undefined ? 'delete' : 'change',
      linesAdded: linesBeyond(after, before),
      linesRemoved: linesBeyond(before, after),
    })),
    notes: plan.notes.map(remark),
    problems: plan.problems.map(remark),
    servers: plan.servers,
  };
}

/** Lines of one text that the other has not, each as often as it is there. A line that only moved is none. */
function linesBeyond(text: string | undefined, other: string | undefined): number {
  const counts = new Map<string, number>();
  for (const line of linesOf(other)) counts.set(line, (counts.get(line) ?? 0) + 1);
  let beyond = 0;
  for (const line of linesOf(text)) {
    const left = counts.get(line) ?? 0;
    if (left > 0) counts.set(line, left - 1);
    else beyond += 1;
  }
  return beyond;
}

const linesOf = (text: string | undefined): string[] => (text === undefined ? [] : text.split(/\r\n|\r|\n/));

const MAX_TEXT = 2000;
const MAX_LIST = 200;

/** What a webview sent, as far as it is an edit. */
export function checkedEdit(edit: ServerEdit | null | undefined): ServerEdit {
  const text = (value: unknown): string | null | undefined => (typeof value === 'string' ? value.slice(0, MAX_TEXT) : value === null ? null : undefined);
  const list = (value: unknown): string[] | undefined =>
    Array.isArray(value)
      ? [...new Set(value.filter((item): item is string => typeof item === 'string' && item.trim() !== ''))].slice(0, MAX_LIST).map((item) => item.slice(0, MAX_TEXT))
      : undefined;
  const { purpose, owner, permissions, note, isEnabled, hide, deny } = edit ?? {};
  const checked = {
    purpose: text(purpose),
    owner: text(owner),
    note: text(note),
    permissions: permissions === null ? null : list(permissions),
    isEnabled: typeof isEnabled === 'boolean' ? isEnabled : undefined,
    hide: list(hide),
    deny: list(deny),
  };
  return Object.fromEntries(Object.entries(checked).filter(([, value]) => value !== undefined));
}

/**
 * The text of a server file after an edit of one of its servers; comments and form stay. Throws EditError where the text is
 * broken or cannot be edited safely, AppError `notFound` where the server does not stand in it (any more).
 */
export function editedText(text: string, server: string, edit: ServerEdit): string {
  const entry = new DocumentEdit(text, 'jsonc').find({ container: ['servers'], by: 'key', name: server });
  // Otherwise an edit would make a server of that name.
  if (!isJsonObject(entry?.value)) throw new AppError('notFound', `"${server}" does not stand in this file any more. Save it, and try again.`);
  let result = text;
  const set = (path: readonly string[], value: string | boolean | readonly string[] | undefined): void => {
    result = withValue(result, ['servers', server, ...path], value);
  };
  const texts = { purpose: edit.purpose, owner: edit.owner, permissions: edit.permissions, note: edit.note };
  for (const [key, value] of Object.entries(texts)) {
    if (value !== undefined) set([key], value === null || value.length === 0 ? undefined : value);
  }
  if (edit.isEnabled === true) {
    // On is what a server is that says nothing; VS Code's own word for off counts as well.
    set(['enabled'], undefined);
    if (entry.value['disabled'] === true) set(['disabled'], undefined);
  } else if (edit.isEnabled === false) set(['enabled'], false);
  for (const [key, globs] of Object.entries({ hide: edit.hide, deny: edit.deny })) {
    if (globs !== undefined) set(['tools', key], globs.length > 0 ? globs : undefined);
  }
  return result;
}

/** `undefined`: takes it away. What the value stood in, and what stands around it, stays as it is written. */
function withValue(text: string, path: readonly string[], value: string | boolean | readonly string[] | undefined): string {
  const edit = new DocumentEdit(text, 'jsonc');
  const address = { container: path.slice(0, -1), by: 'key', name: path.at(-1) ?? '' } as const;
  const present = edit.find(address);
  if (present && value !== undefined) return withReplaced(text, path, value);
  const above = { container: path.slice(0, -2), by: 'key', name: path.at(-2) ?? '' } as const;
  if (value !== undefined) {
    if (edit.find(above)) edit.put(address, { kind: 'value', value });
    else edit.put(above, { kind: 'value', value: { [address.name]: value } });
  } else if (present) {
    edit.remove(address);
    const isRule = path.length > 3;
    if (isRule && edit.isEmptyAt(address.container) === true) edit.remove(above);
  }
  return edit.text;
}

function withReplaced(text: string, path: readonly string[], value: string | boolean | readonly string[]): string {
  const { text: body, root } = parseDocument(text, 'jsonc');
  const node = nodeAt(root, path);
  if (!node) return text;
  const written = typeof value === 'object' ? listText(body, node, value) : JSON.stringify(value);
  return text.slice(0, text.length - body.length) + body.slice(0, node.offset) + written + body.slice(node.end);
}

/** A list of texts as it is written, with some taken out and some added; comments of those that stay do so too. */
function listText(body: string, node: DocNode, wanted: readonly string[]): string {
  if (node.kind !== 'array' || !/[\r\n]/.test(body.slice(node.offset, node.end))) return `[${wanted.map((item) => JSON.stringify(item)).join(', ')}]`;
  const eol = eolOf(body);
  const pieces: { readonly lead: string; readonly raw: string; readonly tail: string }[] = [];
  let [at, hasLastComma] = [node.offset + 1, false];
  const left = new Set(wanted);
  for (const item of node.items) {
    const end = Math.min(lineEnd(body, item.end), node.end - 1);
    const rest = body.slice(item.end, end);
    const lead = body.slice(at, item.offset);
    if (!/[\r\n]/.test(lead) || !/^[ \t]*,?[ \t]*(?:\/\/.*|\/\*(?:[^*]|\*(?!\/))*\*\/)?[ \t]*$/.test(rest)) {
      // Several on one line: there is no telling whose a comment is.
      return prettyJson(wanted, indentOf(body, node.offset), indentUnit(body), eol);
    }
    hasLastComma = /^[ \t]*,/.test(rest);
    if (left.delete(String(item.scalar))) pieces.push({ lead, raw: body.slice(item.offset, item.end), tail: rest.replace(/^[ \t]*,/, '') });
    at = end;
  }
  const lead = `${eol}${node.items[0] ? indentOf(body, node.items[0].offset) : indentOf(body, node.offset) + indentUnit(body)}`;
  for (const item of left) pieces.push({ lead, raw: JSON.stringify(item), tail: '' });
  const items = pieces.map(({ lead: before, raw, tail }, index) => `${before}${raw}${index < pieces.length - 1 || hasLastComma ? ',' : ''}${tail}`);
  return `[${items.join('')}${body.slice(at, node.end - 1)}]`;
}
