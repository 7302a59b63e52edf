/**
 * Owns taking an item out of a YAML list and putting one in, by lines, so that everything else stays as it is. Lists
 * written in brackets, and items whose dash stands on a line of its own, are not edited (the check of the result refuses
 * them), except for an empty `[]`.
 */
import { isCollection, isMap, isScalar, isSeq, stringify, type Node, type YAMLSeq } from 'yaml';
import { member, nodeAt, parseDocument, plainValue } from '../import/document';
import { yamlDocument } from '../import/yamlDocument';
import type { Address } from '../import/types';
import { afterEol, applyEdits, eolOf, lineEnd, lineStart, withHashComments } from './textEdits';
import type { FormatEditor } from './editor';

interface Item {
  readonly name: string;
  /** Of the line with the dash, or of the comment lines right above it. */
  readonly start: number;
  readonly dash: number;
  readonly end: number;
}

export const yamlEditor: FormatEditor = {
  find(text, address) {
    const items = nodeAt(parseDocument(text, 'yaml').root, address.container)?.items ?? [];
    const item = items.findLast((node) => member(node, address.by)?.value.scalar === address.name);
    return item && { value: plainValue(item) };
  },

  fragment(text, address) {
    const items = itemsOf(text, address);
    const index = items.findLastIndex(({ name }) => name === address.name);
    const item = items[index];
    return item && { before: '', body: text.slice(item.start, item.end), behind: '', previous: items[index - 1]?.name };
  },

  remove(text, address) {
    const items = itemsOf(text, address);
    const item = items.findLast(({ name }) => name === address.name);
    if (!item) return text;
    const cut = { start: item.start, end: item.end, text: '' };
    // A list without items would be read as nothing at all.
    const colon = items.length === 1 ? colonOf(text, address) : undefined;
    return applyEdits(text, colon === undefined ? [cut] : [cut, { start: colon, end: colon, text: ' []' }]);
  },

  put(text, address, content) {
    const eol = eolOf(text);
    const items = itemsOf(text, address);
    const first = items[0];
    const indent = first ? text.slice(lineStart(text, first.dash), first.dash) : '  ';
    const written =
      content.kind === 'fragment' && content.fragment.body !== ''
        ? content.fragment.body
        : stringify([content.value], { lineWidth: 0 }).trimEnd().split('\n').map((line) => indent + line).join(eol);
    const body = /[\r\n]$/.test(written) ? written : written + eol;
    if (first) {
      const previous = content.kind === 'fragment' ? content.fragment.previous : items.at(-1)?.name;
      const after = items.findLast(({ name }) => name === previous);
      const start = content.kind === 'fragment' && previous === undefined ? first.start : (after ?? (items.at(-1) as Item)).end;
      const gap = start === text.length && text !== '' && !/[\r\n]$/.test(text) ? eol : '';
      return applyEdits(text, [{ start, end: start, text: gap + body }]);
    }
    const colon = colonOf(text, address);
    if (colon === undefined) {
      if (address.container.length !== 1) return text;
      const gap = text === '' || /[\r\n]$/.test(text) ? '' : eol;
      return `${text}${gap}${address.container[0]}:${eol}${body}`;
    }
    // `key: []` or `key:`; what stands behind it on the line, such as a comment, stays there.
    const empty = /^[ \t]*\[[ \t]*\]/.exec(text.slice(colon))?.[0].length ?? 0;
    const end = lineEnd(text, colon);
    const start = afterEol(text, end);
    const gap = start === end ? eol : '';
    return applyEdits(text, [
      { start: colon, end: colon + empty, text: '' },
      { start, end: start, text: gap + body },
    ]);
  },
};

function listOf(text: string, { container }: Address): YAMLSeq<Node> | undefined {
  const node = yamlDocument(text).getIn(container, true);
  return isSeq<Node>(node) && !node.flow ? node : undefined;
}

function itemsOf(text: string, address: Address): Item[] {
  const list = listOf(text, address);
  return (list?.items ?? []).flatMap((item) => {
    const [from, to] = item.range ?? [0, 0];
    const line = lineStart(text, from);
    const dash = /^[ \t]*-[ \t]+$/.test(text.slice(line, from)) ? line + text.slice(line, from).indexOf('-') : undefined;
    if (dash === undefined || !isCollection(item)) return [];
    const last = text.slice(0, to).trimEnd().length;
    const value = isMap(item) ? item.get(address.by, true) : undefined;
    return [{ name: isScalar(value) ? String(value.value) : '', start: withHashComments(text, line), dash, end: afterEol(text, lineEnd(text, last)) }];
  });
}

/** Offset behind the colon of the container's key. */
function colonOf(text: string, { container }: Address): number | undefined {
  const parent = yamlDocument(text).getIn(container.slice(0, -1), true) ?? yamlDocument(text).contents;
  if (!isMap(parent)) return undefined;
  const key = parent.items.find((pair) => isScalar(pair.key) && pair.key.value === container.at(-1))?.key;
  const end = (key as Node | undefined)?.range?.[1];
  if (end === undefined) return undefined;
  const colon = text.indexOf(':', end);
  return colon < 0 ? undefined : colon + 1;
}
