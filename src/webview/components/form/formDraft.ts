/**
 * Owns one value being filled in: its JSON text, which form and JSON editor both show, and how the form is laid open. The
 * text is the truth; the form only ever edits it.
 */
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { FormModel, type ChosenVariants, type Field } from './fieldModel';
import { renameKey, swapItems } from './jsonEdit';
import { parseDocument, pointerOf, type JsonDocument, type JsonPath, type TextProblem } from './jsonText';
import { parseSchema } from './schemaText';

/** What does not fit, at a place given by its JSON Pointer. */
export interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

/** Values to offer for a text that is being typed. */
export type Suggest = (path: JsonPath, typed: string, signal: AbortSignal) => Promise<readonly string[]>;

/** JSON typed into one field that does not parse (yet); it stands nowhere else. */
export interface BrokenField {
  readonly text: string;
  readonly problem: TextProblem;
}

export class FormDraft {
  readonly text: ReadonlySignal<string>;
  readonly document: ReadonlySignal<JsonDocument>;
  readonly chosen = signal<ChosenVariants>(new Map());
  readonly problems = signal<readonly FieldProblem[]>([]);
  readonly broken = signal<ReadonlyMap<string, BrokenField>>(new Map());
  /** By pointer: opened or closed by the user. */
  readonly toggled = signal<ReadonlyMap<string, boolean>>(new Map());
  /** Pointers of the fields the user edits as JSON. */
  readonly asJson = signal<ReadonlySet<string>>(new Set());
  readonly form: FormModel | undefined;
  /** Why there is no form. */
  readonly unusable: string | undefined;
  readonly #text = signal('');

  /** `schema`: JSON text; `text`: absent to start with what the schema fixes. */
  constructor(
    schema: string | undefined,
    text?: string,
    readonly suggest?: Suggest,
    /** Start with every default the schema proposes, as MCP asks for forms of servers. */
    private readonly withDefaults = false,
  ) {
    const parsed = schema === undefined ? undefined : parseSchema(schema);
    this.form = parsed?.kind === 'ok' ? new FormModel(parsed.schema) : undefined;
    this.unusable = parsed?.kind === 'unusable' ? parsed.message : undefined;
    this.text = this.#text;
    this.document = computed(() => parseDocument(this.#text.value));
    this.#text.value = text ?? this.startText();
  }

  /** The text a fresh draft has. */
  startText(): string {
    const empty = parseDocument('{}');
    const root = this.form?.root(empty, new Map());
    if (!this.form || root?.control.kind !== 'object') return '{}';
    return layOut(this.form.start({ ...root, node: undefined } as Field, this.withDefaults));
  }

  /** Written by hand: what was chosen in the form holds no more. */
  setText(text: string): void {
    if (text === this.#text.peek()) return;
    this.#text.value = text;
    this.chosen.value = new Map();
    this.broken.value = new Map();
  }

  set(path: JsonPath, json: string): void {
    this.#mend(path);
    if (this.form) this.#text.value = this.form.set(this.document.peek(), this.chosen.peek(), path, json);
  }

  remove(path: JsonPath): void {
    this.#mend(path);
    if (this.form) this.#text.value = this.form.remove(this.document.peek(), path);
  }

  rename(path: JsonPath, key: string): void {
    this.#text.value = renameKey(this.document.peek(), path, key);
  }

  swap(path: JsonPath, one: number, other: number): void {
    this.#text.value = swapItems(this.document.peek(), path, one, other);
  }

  choose(path: JsonPath, chooser: string, option: number): void {
    this.chosen.value = new Map([...this.chosen.peek(), [chooser, option]]);
    if (this.form) this.#text.value = this.form.switchVariant(this.document.peek(), this.chosen.peek(), path);
  }

  /** JSON typed into one field: taken over as soon as it is JSON. `undefined` as text: nothing typed. */
  setJson(path: JsonPath, text: string, isRemovable: boolean): void {
    if (text.trim() === '' && isRemovable) {
      this.remove(path);
      return;
    }
    const { problem } = parseDocument(text);
    if (problem) this.broken.value = new Map([...this.broken.peek(), [pointerOf(path), { text, problem }]]);
    else this.set(path, text.trim());
  }

  toggle(pointer: string, isOpen: boolean): void {
    this.toggled.value = new Map([...this.toggled.peek(), [pointer, isOpen]]);
  }

  editAsJson(pointer: string, isOn: boolean): void {
    const next = new Set(this.asJson.peek());
    if (isOn) next.add(pointer);
    else next.delete(pointer);
    this.asJson.value = next;
  }

  #mend(path: JsonPath): void {
    const pointer = pointerOf(path);
    if (![...this.broken.peek().keys()].some((key) => key === pointer || key.startsWith(`${pointer}/`))) return;
    this.broken.value = new Map([...this.broken.peek()].filter(([key]) => key !== pointer && !key.startsWith(`${pointer}/`)));
  }
}

/** `{ "a": 1 }` on lines of its own. */
function layOut(text: string): string {
  const { root } = parseDocument(text);
  if (root?.type !== 'object' || (root.children?.length ?? 0) === 0) return text;
  const members = root.children!.map(({ offset, length }) => text.slice(offset, offset + length));
  return `{\n  ${members.join(',\n  ')}\n}`;
}
