/** Owns the wrapper of the toolkit's button: text buttons of empty states and banners. */
import { h, type ComponentChildren, type VNode } from 'preact';

export interface ButtonProps {
  readonly children: ComponentChildren;
  readonly onPress: () => void;
  readonly appearance?: 'primary' | 'secondary';
  readonly disabled?: boolean;
}

export function Button({ children, onPress, appearance = 'primary', disabled = false }: ButtonProps): VNode {
  return h('vscode-button', { appearance, disabled, onClick: onPress } as object, children);
}
