/** Owns what stands where a view or a pane has nothing to show: what is so, and what to do. */
import type { ComponentChildren, VNode } from 'preact';
import { Icon } from './Icon';
import { visibleLine } from './visibleText';

export interface StageProps {
  readonly icon?: string;
  readonly title: string;
  readonly text: string;
  /** Read out when it comes: where it takes the place of what was there. */
  readonly role?: 'status';
  /** Between the text and the actions. */
  readonly below?: ComponentChildren;
  /** The actions. */
  readonly children?: ComponentChildren;
}

export function Stage({ icon, title, text, role, below, children }: StageProps): VNode {
  return (
    <div class="stage" role={role}>
      <div class="stage-body">
        <h2>
          {icon && <Icon name={icon} />}
          <span>{title}</span>
        </h2>
        <p>{visibleLine(text)}</p>
        {below}
        {children && <div class="stage-actions">{children}</div>}
      </div>
    </div>
  );
}
