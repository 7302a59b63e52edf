/**
 * Owns which of its designed states the Traffic view is in, and which notices stand above the list. Pure functions of
 * what the host said: no signals, no words (those are in strings.ts).
 */
import type { ApplicationStatus, ConfigProblem, GatewayState, RecordingState, ServerState, StoreState } from '../../../extension/contract/status';
import type { Scope } from '../../../extension/contract/traffic';

/** What fills the place of the list. */
export type Stage =
  | { readonly kind: 'loading' }
  /** The audit log is being opened, which may take in what a crash left. */
  | { readonly kind: 'opening' }
  /** Nothing found yet, but recorded texts are still being searched. */
  | { readonly kind: 'searching' }
  | { readonly kind: 'noAnswer'; readonly error: unknown }
  | { readonly kind: 'list' }
  | { readonly kind: 'nothingMatches'; readonly filter: string; readonly scope: Scope }
  | { readonly kind: 'untrusted' }
  | { readonly kind: 'nothingConfigured' }
  | { readonly kind: 'routingOff' }
  | { readonly kind: 'idle'; readonly gateway: GatewayState };

export interface StageInput {
  readonly status: ApplicationStatus | undefined;
  readonly isLoaded: boolean;
  readonly total: number;
  readonly filter: string;
  readonly scope: Scope;
  readonly isSearching: boolean;
  readonly failure: unknown;
}

export function stageOf({ status, isLoaded, total, filter, scope, isSearching, failure }: StageInput): Stage {
  if (isLoaded && total > 0) return { kind: 'list' };
  if (!isLoaded && failure !== undefined) return { kind: 'noAnswer', error: failure };
  if (!isLoaded) return status?.store.kind === 'opening' ? { kind: 'opening' } : { kind: 'loading' };
  if (filter !== '' && isSearching) return { kind: 'searching' };
  if (filter !== '') return { kind: 'nothingMatches', filter, scope };
  if (!status) return failure === undefined ? { kind: 'loading' } : { kind: 'noAnswer', error: failure };
  if (!status.trusted) return { kind: 'untrusted' };
  if (status.servers.length === 0 && status.configProblems.length === 0) return { kind: 'nothingConfigured' };
  if (!status.routing) return { kind: 'routingOff' };
  // Idle here, while other windows may have recorded a lot.
  if (scope === 'window') return { kind: 'nothingMatches', filter, scope };
  return { kind: 'idle', gateway: status.gateway };
}

/** A line above the list. Each says what happened and what to do. */
export type Notice =
  /** Never folded away: who reads the list must know that it is not all. */
  | { readonly kind: 'notRecording'; readonly recording: Extract<RecordingState, { kind: 'paused' }> }
  | { readonly kind: 'noAnswer'; readonly error: unknown }
  | { readonly kind: 'untrusted' }
  | { readonly kind: 'store'; readonly store: Extract<StoreState, { message: string }> }
  | { readonly kind: 'gatewayFailed'; readonly message: string }
  | { readonly kind: 'configProblem'; readonly problem: ConfigProblem }
  | { readonly kind: 'configNote'; readonly problem: ConfigProblem }
  | { readonly kind: 'serverFailed'; readonly name: string; readonly state: Extract<ServerState, { kind: 'failed' }> }
  | { readonly kind: 'routingOff' };

export function noticesOf(status: ApplicationStatus | undefined, stage: Stage, failure: unknown): readonly Notice[] {
  const notices: Notice[] = [];
  if (failure !== undefined && stage.kind !== 'noAnswer') notices.push({ kind: 'noAnswer', error: failure });
  if (!status) return notices;
  if (status.recording.kind === 'paused') notices.unshift({ kind: 'notRecording', recording: status.recording });
  if (!status.trusted && stage.kind !== 'untrusted') notices.push({ kind: 'untrusted' });
  const { store, gateway } = status;
  if (store.kind === 'degraded' || store.kind === 'failed') notices.push({ kind: 'store', store });
  if (gateway.kind === 'failed') notices.push({ kind: 'gatewayFailed', message: gateway.message });
  for (const problem of status.configProblems) notices.push({ kind: 'configProblem', problem });
  for (const { name, state } of status.servers) {
    if (state.kind === 'failed') notices.push({ kind: 'serverFailed', name, state });
  }
  const isSaidAlready = stage.kind === 'routingOff' || stage.kind === 'nothingConfigured';
  if (!status.routing && status.trusted && !isSaidAlready) notices.push({ kind: 'routingOff' });
  // Worth knowing, nothing to act on now: last.
  for (const problem of status.configNotes) notices.push({ kind: 'configNote', problem });
  return notices;
}
