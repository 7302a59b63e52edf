/**
 * Owns what is sent beside arguments and remembered with them: of raw JSON-RPC the method and whether it is a notification, of a
 * tool whether it runs as a task. Reads any input.
 */
import { isRaw, type RunTarget } from '../../../extension/contract/playgroundRuns';

export interface Extras {
  readonly method?: string;
  readonly isNotification?: boolean;
  readonly asTask?: boolean;
}

/** Of a target that is opened from a run, the history or a saved call. */
export function extrasOf({ kind, name }: RunTarget, asTask: boolean): Extras {
  return isRaw(kind) ? { method: name, isNotification: kind === 'notification' } : { asTask };
}

export function parseExtras(raw: unknown): Extras | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { method, isNotification, asTask } = raw as Partial<Record<keyof Extras, unknown>>;
  return { ...(typeof method === 'string' ? { method } : {}), isNotification: isNotification === true, asTask: asTask === true };
}
