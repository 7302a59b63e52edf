/** Owns memoised components: rendered again only when a prop changed by identity. For rows of long lists. */
import { Component, type FunctionComponent, type VNode } from 'preact';

export function pure<P extends object>(render: (props: P) => VNode | null, displayName: string): FunctionComponent<P> {
  class Pure extends Component<P> {
    static override displayName = displayName;

    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const before = this.props as Record<string, unknown>;
      const after = next as Record<string, unknown>;
      for (const key in after) if (after[key] !== before[key]) return true;
      for (const key in before) if (!(key in after)) return true;
      return false;
    }

    override render(): VNode | null {
      return render(this.props as P);
    }
  }
  return Pure as unknown as FunctionComponent<P>;
}
