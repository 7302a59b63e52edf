/**
 * Owns the control for texts: grows with what is typed, keeps line breaks, offers values where there are some to offer.
 * Emptied, an optional text is no longer set; its menu sets an empty one.
 */
import type { VNode } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { visibleLine } from '../visibleText';
import type { ControlProps } from './FieldView';
import { isLongName } from './fieldControl';
import { formStrings as words } from './formStrings';

const SUGGEST_MS = 150;
const MAX_SUGGESTIONS = 100;

export function TextControl({ field, draft, ids }: ControlProps): VNode {
  const listId = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const value = field.node ? String(field.node.value) : '';
  const own = field.control.kind === 'text' ? field.control.suggestions : undefined;
  const offered = useSuggestions(field, draft, value, isOpen, own);
  const isLong = field.control.kind === 'text' && (field.control.isLong || (field.shape.format === undefined && isLongName(field.name ?? '')));

  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    if (element.value !== value) element.value = value;
    element.style.height = 'auto';
    element.style.height = `${Math.min(400, Math.max(element.scrollHeight + 2, isLong ? 58 : 26))}px`;
  }, [value, isLong]);

  const write = (text: string): void => {
    if (text === '' && !field.isRequired && typeof field.path.at(-1) === 'string') draft.remove(field.path);
    else draft.set(field.path, JSON.stringify(text));
  };
  const take = (text: string): void => {
    write(text);
    setOpen(false);
    setActive(-1);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const isListed = isOpen && offered.length > 0;
    if (isListed && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) setActive((Math.max(active, event.key === 'ArrowDown' ? -1 : 0) + (event.key === 'ArrowDown' ? 1 : offered.length - 1)) % offered.length);
    else if (isListed && event.key === 'Enter' && active >= 0 && isPlain) take(offered[active] ?? value);
    else if (isListed && event.key === 'Escape') setOpen(false);
    // A name or path is one line: a line break in it would hardly be meant.
    else if (event.key === 'Enter' && isPlain && !event.shiftKey && !isLong && !value.includes('\n')) event.stopPropagation();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const hasList = draft.suggest !== undefined || own !== undefined;
  const placeholder = placeholderOf(field.shape);
  return (
    <div class="text-control">
      <textarea
        ref={area}
        id={ids.control}
        class="text-box"
        rows={1}
        spellcheck={false}
        autocomplete="off"
        aria-describedby={ids.describedBy}
        aria-invalid={ids.isInvalid ? 'true' : undefined}
        aria-required={field.isRequired ? 'true' : undefined}
        title={isLong ? undefined : words.shiftEnter}
        placeholder={placeholder}
        defaultValue={value}
        {...((hasList
          ? { role: 'combobox', 'aria-expanded': isOpen && offered.length > 0, 'aria-controls': listId, 'aria-autocomplete': 'list', 'aria-activedescendant': active >= 0 ? `${listId}-${active}` : undefined }
          : {}) as object)}
        onInput={(event) => {
          write(event.currentTarget.value);
          setActive(-1);
          if (hasList) setOpen(true);
        }}
        onFocus={() => hasList && setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      {hasList && (
        <ul class="suggest-list suggestions" id={listId} role="listbox" hidden={!isOpen || offered.length === 0}>
          {offered.map((text, index) => (
            <li key={text} id={`${listId}-${index}`} role="option" aria-selected={index === active} class={index === active ? 'suggestion active' : 'suggestion'}
              onPointerDown={(event) => {
                event.preventDefault();
                take(text);
              }}
            >
              {visibleLine(text)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function useSuggestions(field: ControlProps['field'], draft: ControlProps['draft'], value: string, isOpen: boolean, own: readonly string[] | undefined): readonly string[] {
  const [found, setFound] = useState<readonly string[]>([]);
  useEffect(() => {
    if (!isOpen || !draft.suggest) return undefined;
    const abort = new AbortController();
    const { suggest } = draft;
    const timer = setTimeout(() => {
      suggest(field.path, value, abort.signal).then(
        (values) => !abort.signal.aborted && setFound(values.slice(0, MAX_SUGGESTIONS)),
        () => setFound([]),
      );
    }, SUGGEST_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [isOpen, value, field.pointer, draft]);
  if (own) return own.filter((text) => text.toLowerCase().includes(value.toLowerCase()) && text !== value).slice(0, MAX_SUGGESTIONS);
  return found.filter((text) => text !== value);
}

function placeholderOf(shape: ControlProps['field']['shape']): string {
  if (shape.default !== undefined) return textOf(shape.default);
  if (shape.examples[0] !== undefined) return words.example(textOf(shape.examples[0]));
  return shape.format === undefined ? '' : (words.formats[shape.format] ?? '');
}

function textOf(json: string): string {
  try {
    const value: unknown = JSON.parse(json);
    return visibleLine(typeof value === 'string' ? value : json).slice(0, 120);
  } catch {
    return visibleLine(json);
  }
}
