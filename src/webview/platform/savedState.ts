/**
 * Owns what a webview remembers while it is hidden or reloaded: one plain object under a version. A saved state of
 * another version or of an unexpected form counts as none, so that an update never starts with yesterday's shape.
 */
import type { VsCodeApi } from './vscodeApi';

export class SavedState<T extends object> {
  constructor(
    private readonly api: Pick<VsCodeApi, 'getState' | 'setState'>,
    private readonly version: number,
    private readonly parse: (raw: Readonly<Record<string, unknown>>) => T,
  ) {}

  read(): T {
    const raw = this.api.getState();
    if (typeof raw !== 'object' || raw === null) return this.parse({});
    const { version, ...rest } = raw as Record<string, unknown>;
    return this.parse(version === this.version ? rest : {});
  }

  write(state: T): void {
    this.api.setState({ version: this.version, ...state });
  }
}
