/**
 * Owns what is sent beside arguments and remembered with them: of raw JSON-RPC the method and whether it is a notification, of a
 * tool whether it runs as a task. Reads any input.
 */
import type { RunTarget } from '../../../extension/contract/playgroundRuns';
import { draftKey, isRaw } from './viewState';

export interface Extras {
  readonly method?: string;
  readonly isNotification?: boolean;
  readonly asTask?: boolean;
}

/** Under which they stand among the drafts. */
export function extrasKey(target: RunTarget): string {
  return `${draftKey(target)} extras`;
}

/** Of a target that is opened from a run, the history or a saved call. */
export function extrasOf({ kind, name }: RunTarget, asTask: boolean): Extras {
  return isRaw(kind) ? { method: name, isNotification: kind === 'notification' } : { asTask };
}

export function parseExtras(text: string | undefined): Extras | undefined {
  if (text === undefined) return undefined;
  try {
    const { method, isNotification, asTask } = (JSON.parse(text) ?? {}) as Partial<Record<keyof Extras, unknown>>;
    return { ...(typeof method === 'string' ? { method } : {}), isNotification: isNotification === true, asTask: asTask === true };
  } catch {
    return undefined;
  }
}
