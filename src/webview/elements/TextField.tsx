/** Owns the wrapper of the toolkit's text field: value in, `onInput` out, focus by a handle. */
import { h, type ComponentChildren, type VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Given to the owner of a field, so that a key press elsewhere can focus it. */
export interface TextFieldHandle {
  focus(): void;
}

export interface TextFieldProps {
  readonly value: string;
  readonly label: string;
  readonly placeholder?: string;
  readonly invalid?: boolean;
  /** Id of the element that describes the field, such as its error message. */
  readonly describedBy?: string;
  readonly onInput: (value: string) => void;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
  readonly onHandle?: (handle: TextFieldHandle) => void;
  readonly children?: ComponentChildren;
}

type FieldElement = HTMLElement & { value: string; control?: HTMLInputElement };

export function TextField(props: TextFieldProps): VNode {
  const ref = useRef<FieldElement>(null);
  const { onHandle, invalid, describedBy, label } = props;
  useEffect(() => {
    onHandle?.({
      focus: () => {
        ref.current?.focus();
        ref.current?.control?.select();
      },
    });
  }, [onHandle]);
  useEffect(() => {
    // The toolkit forwards aria-label and friends, but not aria-invalid on every build: say it on the inner control.
    const control = ref.current?.control;
    control?.setAttribute('aria-label', label);
    control?.setAttribute('aria-invalid', invalid ? 'true' : 'false');
    control?.setAttribute('spellcheck', 'false');
    control?.setAttribute('autocomplete', 'off');
    // An id in the page cannot be referred to from a shadow root, but a description can be given as text.
    const description = describedBy ? document.getElementById(describedBy)?.textContent : undefined;
    if (description) control?.setAttribute('aria-description', description);
    else control?.removeAttribute('aria-description');
  });
  const attributes = {
    ref,
    class: invalid ? 'text-field invalid' : 'text-field',
    value: props.value,
    placeholder: props.placeholder ?? '',
    'aria-label': label,
    onInput: (event: Event) => props.onInput((event.currentTarget as FieldElement).value),
    onKeyDown: props.onKeyDown,
  };
  return h('vscode-text-field', attributes as object, props.children);
}
