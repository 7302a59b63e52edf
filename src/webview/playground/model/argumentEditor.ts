/**
 * Owns the arguments of one target while they are written: the draft that form and JSON share, the check by the host, and
 * for templates the URI they give. The check follows the text, late enough not to follow every key.
 */
import { computed, effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { CatalogDefinition, CatalogTarget } from '../../../extension/contract/playgroundCatalog';
import type { ArgumentCheck, RunTarget, SavedPlace, TemplateExpansion } from '../../../extension/contract/playgroundRuns';
import type { Clock } from '../../../extension/util/clock';
import { MutableDisposable, toDisposable, type Disposable } from '../../../extension/util/lifecycle';
import { FormDraft, type Suggest } from '../../components/form/formDraft';
import type { EditorProblem } from '../../components/form/JsonEditor';
import { nearestNode, type JsonNode } from '../../components/form/jsonText';
import type { Extras } from './extras';
import type { PlaygroundHost } from './playgroundHost';

const CHECK_MS = 120;

export class ArgumentEditor implements Disposable {
  readonly draft: FormDraft;
  readonly check = signal<ArgumentCheck | undefined>(undefined);
  readonly expansion = signal<TemplateExpansion | undefined>(undefined);
  readonly asTask = signal(false);
  /** The saved call it was loaded from: variables in it are filled in when it is run. */
  readonly saved = signal<SavedPlace | undefined>(undefined);
  /** Why the schema is of no use, in words: there is no form then. */
  readonly schemaProblem = signal<string | undefined>(undefined);
  /** Of raw JSON-RPC. */
  readonly method = signal('');
  readonly isNotification = signal(false);
  /** Marks for the JSON editor: where it breaks, or what does not fit. */
  readonly marks: ReadonlySignal<readonly EditorProblem[]>;
  /** Nothing that is no JSON is ever sent. */
  readonly canSend: ReadonlySignal<boolean>;
  readonly #definition: Signal<CatalogDefinition | undefined>;
  /** The schema could be checked against at least once: later it can only be too slow. */
  #isSchemaUsable = false;
  /** What is missing in arguments nobody has touched yet is no mistake: it is said when they are written or sent. */
  readonly #isTouched = signal(false);
  readonly #timer = new MutableDisposable<Disposable>();
  readonly #effect: Disposable;
  #asked = 0;

  constructor(
    private readonly host: PlaygroundHost,
    clock: Clock,
    readonly target: RunTarget,
    /** Absent for raw JSON-RPC. */
    definition: CatalogDefinition | undefined,
    text: string | undefined,
    saved?: SavedPlace,
  ) {
    this.#definition = signal(definition);
    this.saved.value = saved;
    const canComplete = definition !== undefined && (target.kind === 'prompt' || target.kind === 'template');
    this.draft = new FormDraft(definition ? definition.inputSchema : undefined, text, canComplete ? this.#suggest : undefined);
    if (!definition) this.method.value = target.name;
    this.isNotification.value = target.kind === 'notification';
    const start = this.draft.startText();
    // The first one at once: it says whether there can be a form.
    let delayMs = 0;
    this.marks = computed(() => marksOf(this.draft, this.check.value));
    this.canSend = computed(() => this.draft.document.value.problem === undefined && this.draft.broken.value.size === 0 && (definition !== undefined || this.method.value.trim() !== ''));
    this.#effect = toDisposable(
      effect(() => {
        const { text: current, problem } = this.draft.document.value;
        if (current !== start) this.#isTouched.value = true;
        this.#timer.value = problem ? undefined : clock.timer(delayMs, () => this.#check(current));
        delayMs = CHECK_MS;
        if (problem) {
          this.check.value = undefined;
          this.draft.problems.value = [];
        }
      }),
    );
  }

  /** Absent for raw JSON-RPC. */
  get definition(): CatalogDefinition | undefined {
    return this.#definition.value;
  }

  /** Takes over what else is known now where the arguments are still the same ones; what is being written stays then. */
  follow(definition: CatalogDefinition): boolean {
    if (definition.inputSchema !== this.#definition.peek()?.inputSchema) return false;
    this.#definition.value = definition;
    return true;
  }

  /** What is sent beside the arguments. */
  get extras(): Extras {
    return this.definition ? { asTask: this.asTask.value } : { method: this.method.value, isNotification: this.isNotification.value };
  }

  restore({ method, isNotification = false, asTask = false }: Extras): void {
    if (method !== undefined) this.method.value = method;
    this.isNotification.value = isNotification;
    this.asTask.value = asTask;
  }

  /** The target as it is sent: of raw JSON-RPC with the method that is typed. */
  sent(): RunTarget {
    if (this.definition) return this.target;
    return { server: this.target.server, kind: this.isNotification.peek() ? 'notification' : 'request', name: this.method.peek().trim() };
  }

  /** Of an attempt to send; from now on whatever does not fit is shown. */
  refuse(check: ArgumentCheck): void {
    this.#isTouched.value = true;
    this.#show(check);
  }

  /** Where it is left open by a variable nothing can be wrong yet. */
  #checked(check: ArgumentCheck): void {
    if (check.kind === 'unusable' && !this.#isSchemaUsable) this.schemaProblem.value = check.message;
    if (check.kind === 'ok' || check.kind === 'problems') {
      this.#isSchemaUsable = true;
      this.schemaProblem.value = undefined;
    }
    const { root } = this.draft.document.peek();
    const problems = check.kind === 'problems' && this.saved.peek() && root ? check.problems.filter(({ path }) => !hasVariable(nearestNode(root, path))) : undefined;
    if (problems) this.#show(problems.length > 0 ? { kind: 'problems', problems } : { kind: 'ok' });
    else this.#show(check);
  }

  #show(check: ArgumentCheck): void {
    if (!this.#isTouched.peek() && check.kind === 'problems') {
      this.check.value = undefined;
      return;
    }
    this.check.value = check;
    this.draft.problems.value = check.kind === 'problems' ? check.problems : [];
  }

  #check(text: string): void {
    if (!this.definition) return;
    const asked = (this.#asked += 1);
    const target = this.target as CatalogTarget;
    this.host.api.checkArguments(target, text).then(
      (check) => {
        if (asked === this.#asked) this.#checked(check);
      },
      () => undefined,
    );
    if (target.kind !== 'template') return;
    this.host.api.expandTemplate(target.name, text).then(
      (expansion) => {
        if (asked === this.#asked) this.expansion.value = expansion;
      },
      () => undefined,
    );
  }

  readonly #suggest: Suggest = async (path, typed) => {
    const [argument] = path;
    if (typeof argument !== 'string' || path.length > 2) return [];
    const { values } = await this.host.api.complete({ target: this.target as CatalogTarget, argument, value: typed, argumentsText: this.draft.text.peek() });
    return values;
  };

  dispose(): void {
    this.#timer.dispose();
    this.#effect.dispose();
  }
}

function hasVariable({ type, value }: JsonNode): boolean {
  return type === 'string' && /\{\{[^{}]*\}\}/.test(String(value));
}

/** Where in the text the problems are. */
export function marksOf(draft: Pick<FormDraft, 'document'>, check: ArgumentCheck | undefined): readonly EditorProblem[] {
  const { problem, root } = draft.document.value;
  if (problem) return [{ offset: problem.offset, length: problem.length, message: problem.message, severity: 'error' }];
  if (!root || check?.kind !== 'problems') return [];
  return check.problems.map(({ path, message }) => {
    const node = nearestNode(root, path);
    // A whole object would be underlined from end to end: its opening bracket says it.
    const length = node.type === 'object' || node.type === 'array' ? 1 : node.length;
    return { offset: node.offset, length, message: path === '' ? message : `${path}: ${message}`, severity: 'warning' as const };
  });
}
