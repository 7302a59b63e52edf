/** Owns reading YAML into the common tree. Anchors are followed, up to a limit; tags and merge keys are not acted on. */
import { isAlias, isMap, isScalar, isSeq, parseDocument, type Document, type Node } from 'yaml';
import { DocumentError, MAX_DEPTH, MAX_NODES, type DocEntry, type DocNode } from './documentTree';

/** `undefined`: empty. Throws DocumentError. */
export function parseYaml(text: string): DocNode | undefined {
  const document = yamlDocument(text);
  const [error] = document.errors;
  if (error) throw new DocumentError('This is not valid YAML', error.pos[0]);
  let nodes = 0;

  function toNode(node: unknown, depth: number): DocNode {
    if (++nodes > MAX_NODES) throw new DocumentError('It holds too much', 0);
    if (depth > MAX_DEPTH) throw new DocumentError('It is nested too deeply', 0);
    const [offset = 0, end = offset] = (node as Node | null)?.range ?? [];
    const place = { offset, end };
    if (isAlias(node)) {
      const { kind, entries, items, scalar } = toNode(node.resolve(document), depth + 1);
      return { kind, entries, items, scalar, ...place };
    }
    if (isMap(node)) {
      const entries: DocEntry[] = node.items.map(({ key, value }) => ({
        key: isScalar(key) ? String(key.value) : '',
        keyOffset: (key as Node | null)?.range?.[0] ?? offset,
        value: toNode(value, depth + 1),
      }));
      return { kind: 'object', ...place, entries, items: [] };
    }
    if (isSeq(node)) return { kind: 'array', ...place, entries: [], items: node.items.map((item) => toNode(item, depth + 1)) };
    return { kind: 'scalar', ...place, entries: [], items: [], scalar: isScalar(node) ? node.value : null };
  }
  return document.contents === null ? undefined : toNode(document.contents, 0);
}

/** Warnings would go to the console otherwise. */
export function yamlDocument(text: string): Document.Parsed {
  return parseDocument(text, { logLevel: 'silent', uniqueKeys: true, schema: 'core' });
}
