/** Owns the roots servers are told: the workspace folders, or what the user has put in their place for this workspace. */
import type { Root, RootsState } from '../contract/playground';
import { AppError } from '../util/errors';
import { isJsonObject } from '../util/json';
import type { PlaygroundOptions } from './ports';

const MAX_ROOTS = 100;
const MAX_LENGTH = 4_000;

export class Roots {
  constructor(private readonly options: Pick<PlaygroundOptions, 'memory' | 'folders'>) {}

  get state(): RootsState {
    const own = readRoots(this.options.memory.get('roots'));
    return own ? { roots: own, isDefault: false } : { roots: this.options.folders(), isDefault: true };
  }

  /** `undefined`: the workspace folders again. Rejects with a user-facing AppError where one is no `file://` URI. */
  async set(roots: readonly Root[] | undefined): Promise<void> {
    if (roots !== undefined && !readRoots(roots)) {
      throw new AppError('query.invalid', `Roots are file:// addresses, at most ${MAX_ROOTS}, such as file:///home/me/project.`);
    }
    await this.options.memory.set('roots', roots && readRoots(roots));
  }
}

/** The roots in anything stored or sent; `undefined` where one of them is none. */
function readRoots(value: unknown): Root[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_ROOTS) return undefined;
  const roots: Root[] = [];
  for (const one of value as unknown[]) {
    if (!isJsonObject(one)) return undefined;
    const { uri, name } = one;
    // MCP 2025-11-25, client/roots: "This MUST be a file:// URI in the current specification."
    if (typeof uri !== 'string' || uri.length > MAX_LENGTH || !/^file:\/\//i.test(uri) || !URL.canParse(uri)) return undefined;
    roots.push({ uri, ...(typeof name === 'string' && name !== '' ? { name: name.slice(0, MAX_LENGTH) } : {}) });
  }
  return roots;
}
