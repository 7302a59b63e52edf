/** Owns codicons: a plain one, and a button that shows only a codicon and says its label in the tooltip. */
import type { Ref, VNode } from 'preact';

export function Icon({ name, class: extra, title }: { readonly name: string; readonly class?: string; readonly title?: string }): VNode {
  const classes = `codicon codicon-${name}${extra ? ` ${extra}` : ''}`;
  return title ? <span class={classes} role="img" aria-label={title} title={title} /> : <span class={classes} aria-hidden="true" />;
}

export interface IconButtonProps {
  readonly icon: string;
  readonly label: string;
  readonly onPress: () => void;
  /** Given for buttons that switch something: whether it is on. */
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly class?: string;
  readonly buttonRef?: Ref<HTMLButtonElement>;
}

export function IconButton({ icon, label, onPress, pressed, disabled, class: extra, buttonRef }: IconButtonProps): VNode {
  return (
    <button
      type="button"
      class={extra ? `icon-button ${extra}` : 'icon-button'}
      title={label}
      aria-label={label}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onPress}
      ref={buttonRef}
    >
      <Icon name={icon} />
    </button>
  );
}
