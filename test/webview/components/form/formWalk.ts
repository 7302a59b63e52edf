/** Owns walking a form as a person could: every field there is, down to the last. For tests. */
import { parseDocument, textOf, type JsonDocument, type JsonNode } from '../../../../src/webview/components/form/jsonText';
import { FormModel, type ChosenVariants, type Field } from '../../../../src/webview/components/form/fieldModel';
import { parseSchema } from '../../../../src/webview/components/form/schemaText';

export const NONE: ChosenVariants = new Map();

export function formOf(schemaText: string): FormModel {
  const parsed = parseSchema(schemaText);
  if (parsed.kind !== 'ok') throw new Error(parsed.message);
  return new FormModel(parsed.schema);
}

/** Fields with a value, and the first level of those without. */
export function fieldsOf(form: FormModel, document: JsonDocument, chosen: ChosenVariants = NONE): Field[] {
  const all: Field[] = [];
  const stack = [form.root(document, chosen)];
  while (stack.length > 0 && all.length < 20_000) {
    const field = stack.pop()!;
    all.push(field);
    if (!field.node && field.path.length > 3) continue;
    if (field.control.kind === 'object') {
      const { known, extra } = form.memberNames(field);
      for (const name of [...known, ...extra]) stack.push(form.member(field, name, document, chosen));
    } else if (field.control.kind === 'array') {
      for (let index = 0; index < form.itemCount(field); index += 1) stack.push(form.item(field, index, document, chosen));
    }
  }
  return all;
}

/** Fields that show a value themselves, not by those inside. */
export function leavesOf(fields: readonly Field[]): Field[] {
  return fields.filter(({ node, control }) => node && control.kind !== 'object' && control.kind !== 'array');
}

/** Values of a text that hold no others. */
export function leafNodes(node: JsonNode | undefined): JsonNode[] {
  if (!node) return [];
  if (node.type === 'object') return (node.children ?? []).flatMap((property) => leafNodes(property.children?.[1]));
  return node.type === 'array' ? (node.children ?? []).flatMap(leafNodes) : [node];
}

/** Raw text of every value that holds no others, by its place. */
export function rawByPlace(document: JsonDocument): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (node: JsonNode | undefined, place: string): void => {
    if (!node) return;
    if ((node.type === 'object' || node.type === 'array') && (node.children?.length ?? 0) > 0) {
      (node.children ?? []).forEach((child, index) => {
        if (node.type === 'array') walk(child, `${place}/${index}`);
        // Of duplicate keys each has its own place.
        else walk(child.children?.[1], `${place}/${String(child.children?.[0]?.value)}${node.children!.slice(index + 1).some((other) => other.children?.[0]?.value === child.children?.[0]?.value) ? `~${index}` : ''}`);
      });
    } else found.set(place, textOf(document, node));
  };
  walk(document.root, '');
  return found;
}

export { parseDocument };
