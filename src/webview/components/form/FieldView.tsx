/**
 * Owns one field of a form, whatever it is: its name, what is known of it, its control, what is wrong with it, and its menu;
 * and the members of an object, a part of them at a time.
 */
import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Icon, IconButton } from '../Icon';
import type { MenuController } from '../Menu';
import { visibleBlock, visibleLine } from '../visibleText';
import { BooleanControl, ChoiceControl, ManyChoicesControl, NumberControl } from './choiceControls';
import type { Field, FormModel } from './fieldModel';
import { fieldMenu } from './fieldMenu';
import type { FormDraft } from './formDraft';
import { formStrings as words } from './formStrings';
import { hasKey } from './jsonEdit';
import { JsonControl } from './JsonControl';
import { ListControl } from './ListControl';
import { TextControl } from './TextControl';

export interface FieldProps {
  readonly field: Field;
  readonly draft: FormDraft;
  readonly form: FormModel;
  readonly menus: MenuController;
}

/** Ids that a control needs to be named and described. */
export interface ControlIds {
  readonly control: string;
  readonly label: string;
  readonly describedBy: string | undefined;
  readonly isInvalid: boolean;
}

export interface ControlProps extends FieldProps {
  readonly ids: ControlIds;
}

const MEMBERS_AT_FIRST = 60;
const MEMBERS_MORE = 200;
const FIND_FROM = 25;
const LONG_DESCRIPTION = 280;
const OPEN_LEVELS = 3;

export function FieldView({ field, draft, form, menus, actions }: FieldProps & { readonly actions?: ComponentChildren }): VNode {
  const id = useId();
  const { shape, control, pointer, name } = field;
  const label = visibleLine(name ?? words.whole);
  const isJson = draft.asJson.value.has(pointer) || draft.broken.value.has(pointer) || control.kind === 'json';
  const isContainer = !isJson && (control.kind === 'object' || control.kind === 'array');
  const isOpen = !isContainer || (draft.toggled.value.get(pointer) ?? isOpenAtFirst(field));
  const problems = draft.problems.value.filter(({ path }) => path === pointer || (!isOpen && path.startsWith(`${pointer}/`)));
  const hint = hintOf(field);
  const ids: ControlIds = {
    control: `${id}-control`,
    label: `${id}-label`,
    describedBy: [shape.description && `${id}-description`, hint && `${id}-hint`, problems.length > 0 && `${id}-problem`].filter(Boolean).join(' ') || undefined,
    isInvalid: problems.length > 0,
  };
  const props: ControlProps = { field, draft, form, menus, ids };
  return (
    <div class={`field${isContainer ? ' container' : ''}${field.node ? '' : ' unset'}`} data-pointer={pointer} role={isContainer ? 'group' : undefined} aria-labelledby={isContainer ? ids.label : undefined}>
      <div class="field-head">
        {isContainer ? (
          <button type="button" class="field-twistie" id={ids.label} aria-expanded={isOpen} onClick={() => draft.toggle(pointer, !isOpen)}>
            <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} />
            <FieldName field={field} label={label} draft={draft} />
            <span class="field-count">{countOf(field)}</span>
          </button>
        ) : (
          <label class="field-label" id={ids.label} for={ids.control}>
            <FieldName field={field} label={label} draft={draft} />
          </label>
        )}
        {field.isExtra && <KeyName field={field} draft={draft} form={form} menus={menus} />}
        {hint && (
          <span class="field-hint" id={`${id}-hint`} title={hint}>
            {hint}
          </span>
        )}
        <span class="spacer" />
        {actions}
        <FieldMenuButton field={field} draft={draft} form={form} menus={menus} label={label} />
      </div>
      {shape.description && <Description text={shape.description} id={`${id}-description`} />}
      {isOpen && (
        <>
          {field.choosers.map((chooser) => (
            <select
              key={chooser.id}
              class="select-box variant"
              aria-label={words.variant(label)}
              value={String(chooser.selected)}
              onChange={(event) => draft.choose(field.path, chooser.id, Number(event.currentTarget.value))}
            >
              {chooser.labels.map((text, index) => (
                <option key={index} value={String(index)}>
                  {visibleLine(text)}
                </option>
              ))}
            </select>
          ))}
          {isJson ? <JsonControl {...props} /> : <ControlView {...props} />}
        </>
      )}
      {problems.length > 0 && (
        <ul class="field-problems" id={`${id}-problem`}>
          {problems.slice(0, 5).map(({ path, message }) => (
            <li key={`${path} ${message}`} class="field-problem">
              <Icon name="warning" />
              <span>{visibleLine(path === pointer ? message : `${path.slice(pointer.length)}: ${message}`)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function ControlView(props: ControlProps): VNode | null {
  switch (props.field.control.kind) {
    case 'text':
      return <TextControl {...props} />;
    case 'number':
      return <NumberControl {...props} />;
    case 'boolean':
      return <BooleanControl {...props} />;
    case 'choice':
      return <ChoiceControl {...props} />;
    case 'manyChoices':
      return <ManyChoicesControl {...props} />;
    case 'object':
      return <div class="field-members"><Members {...props} /></div>;
    case 'array':
      return <ListControl {...props} />;
    case 'null':
      return (
        <div class="null-control">
          <code>{words.null}</code>
          <button type="button" class="link-button" id={props.ids.control} onClick={() => props.draft.remove(props.field.path)}>
            {words.setValue}
          </button>
        </div>
      );
    case 'json':
      return <JsonControl {...props} />;
  }
}

/** Members of an object, those of the schema first. */
export function Members({ field, draft, form, menus }: FieldProps): VNode {
  const [limit, setLimit] = useState(MEMBERS_AT_FIRST);
  const [query, setQuery] = useState('');
  const { known, extra } = form.memberNames(field);
  const all = [...known, ...extra];
  const names = form.findNames(field, all, query);
  const document = draft.document.value;
  const chosen = draft.chosen.value;
  return (
    <>
      {all.length > FIND_FROM && (
        <input type="text" class="text-box member-find" placeholder={words.findMembers(all.length)} aria-label={words.findMembers(all.length)} value={query} onInput={(event) => setQuery(event.currentTarget.value)} />
      )}
      {names.slice(0, limit).map((name) => (
        <FieldView key={name} field={form.member(field, name, document, chosen)} draft={draft} form={form} menus={menus} />
      ))}
      {all.length > 0 && names.length === 0 && <p class="form-note">{words.noMatch}</p>}
      {names.length > limit && (
        <button type="button" class="link-button" onClick={() => setLimit(limit + MEMBERS_MORE)}>
          {words.showMore(names.length - limit)}
        </button>
      )}
      {form.canAddMember(field) ? <AddMember field={field} draft={draft} form={form} menus={menus} /> : all.length === 0 && <p class="form-note">{words.noMembers}</p>}
    </>
  );
}

function AddMember({ field, draft, form }: FieldProps): VNode {
  const [name, setName] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  const isNaming = name !== undefined;
  useEffect(() => {
    if (isNaming) input.current?.focus();
  }, [isNaming]);
  const isTaken = name !== undefined && hasKey(field.node, name);
  if (name === undefined) {
    return (
      <button type="button" class="link-button add" onClick={() => setName('')}>
        <Icon name="add" /> {words.addMember}
      </button>
    );
  }
  const add = (): void => {
    if (isTaken) return;
    const member = form.member(field, name, draft.document.peek(), draft.chosen.peek());
    draft.set(member.path, form.start(member));
    setName(undefined);
  };
  return (
    <form
      class="add-member"
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <input type="text" class="text-box mono" aria-label={words.addMemberName} placeholder={words.addMemberName} value={name} aria-invalid={isTaken ? 'true' : undefined} ref={input}
        onInput={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && (setName(undefined), event.stopPropagation())}
      />
      <button type="submit" class="text-button" disabled={isTaken}>
        {words.add}
      </button>
      {isTaken && <span class="field-problem">{words.memberTaken}</span>}
    </form>
  );
}

/** The key of a member that is the user's own; taken over when the input is left. */
function KeyName({ field, draft }: FieldProps): VNode {
  const key = String(field.path.at(-1));
  const [typed, setTyped] = useState<string>();
  const rename = (): void => {
    const parent = draft.form?.fieldAt(draft.document.peek(), draft.chosen.peek(), field.path.slice(0, -1));
    if (typed !== undefined && typed !== key && !hasKey(parent?.node, typed)) draft.rename(field.path, typed);
    setTyped(undefined);
  };
  return <input type="text" class="text-box mono key-name" aria-label={words.rename} value={typed ?? key} onInput={(event) => setTyped(event.currentTarget.value)} onBlur={rename} onKeyDown={(event) => event.key === 'Enter' && rename()} />;
}

function FieldName({ field, label }: { readonly field: Field; readonly label: string; readonly draft: FormDraft }): VNode {
  const { shape } = field;
  const title = shape.title !== undefined && shape.title !== field.name ? visibleLine(shape.title) : undefined;
  return (
    <>
      {/* The key of one's own stands in an input beside it. */}
      <span class={field.isExtra ? 'sr-only' : 'field-name'}>{label}</span>
      {field.isRequired && typeof field.path.at(-1) === 'string' && (
        <span class="field-required" title={words.required}>
          *<span class="sr-only"> {words.required}</span>
        </span>
      )}
      {title && <span class="field-title">{title}</span>}
      {shape.isDeprecated && <span class="field-flag">{words.deprecated}</span>}
      {shape.isReadOnly && <span class="field-flag">{words.readOnly}</span>}
    </>
  );
}

function Description({ text, id }: { readonly text: string; readonly id: string }): VNode {
  const [isWhole, setWhole] = useState(false);
  const shown = visibleBlock(text);
  const isLong = shown.length > LONG_DESCRIPTION;
  return (
    <p class="field-description" id={id}>
      {isLong && !isWhole ? `${shown.slice(0, LONG_DESCRIPTION)}… ` : shown}
      {isLong && !isWhole && (
        <button type="button" class="link-button" onClick={() => setWhole(true)}>
          {words.showMore(shown.length - LONG_DESCRIPTION).replace(/\d[\d,]* /, '')}
        </button>
      )}
    </p>
  );
}

function FieldMenuButton({ field, draft, form, menus, label }: FieldProps & { readonly label: string }): VNode | null {
  const entries = fieldMenu(field, draft, form);
  if (entries.length === 0) return null;
  return (
    <span class="field-menu">
      {field.node && field.path.length > 0 && typeof field.path.at(-1) === 'string' && <IconButton icon="close" label={words.remove(label)} onPress={() => draft.remove(field.path)} />}
      <IconButtonWithMenu label={words.more(label)} onOpen={(element) => menus.openBelow(element, words.more(label), entries)} />
    </span>
  );
}

function IconButtonWithMenu({ label, onOpen }: { readonly label: string; readonly onOpen: (element: Element) => void }): VNode {
  return (
    <button type="button" class="icon-button" title={label} aria-label={label} aria-haspopup="menu" onClick={(event) => onOpen(event.currentTarget)}>
      <Icon name="ellipsis" />
    </button>
  );
}

function isOpenAtFirst({ node, path, isRequired }: Field): boolean {
  return path.length <= OPEN_LEVELS && (node !== undefined || (isRequired && path.length < 2) || path.length === 0);
}

function countOf({ node, control }: Field): string {
  if (!node) return words.notSet.toLowerCase();
  const count = node.children?.length ?? 0;
  if (count === 0) return words.empty;
  return control.kind === 'array' ? words.items(count) : words.members(count);
}

function hintOf({ shape, control, node }: Field): string {
  const limits = words.limits(shape);
  const type = control.kind === 'number' ? words.types[control.isInteger ? 'integer' : 'number'] : '';
  const fallback = !node && shape.default !== undefined ? words.default(visibleLine(shape.default.slice(0, 80))) : '';
  return [type, visibleLine(limits), fallback].filter((text) => text !== '').join(' · ');
}
