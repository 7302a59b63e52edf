/**
 * Owns what the Traffic model needs of the extension host: the contract's methods, the two that a newer question
 * supersedes with a signal to abort them, and the host's events. The model sees no channel and no VS Code.
 */
import type { CallPage, CallQuery, CallSummary } from '../../../extension/contract/traffic';
import type { TrafficApi, TrafficEvents } from '../../../extension/contract/trafficApi';
import { createProxy, type Peer } from '../../../extension/rpc/peer';
import { AppError } from '../../../extension/util/errors';
import { withDeadline } from '../../../extension/util/async';
import type { Clock } from '../../../extension/util/clock';
import type { Event } from '../../../extension/util/event';

export interface TrafficHost extends Omit<TrafficApi, 'page' | 'summary'> {
  page(query: CallQuery, signal?: AbortSignal): Promise<CallPage>;
  summary(filter: string, signal?: AbortSignal): Promise<CallSummary>;
  readonly onAdvanced: Event<TrafficEvents['advanced']>;
  readonly onStatus: Event<TrafficEvents['status']>;
}

export function connectTrafficHost(peer: Peer): TrafficHost {
  const api = createProxy<TrafficApi>(peer);
  return {
    ready: () => api.ready(),
    call: (id) => api.call(id),
    openPayload: (id, part) => api.openPayload(id, part),
    copyPayload: (id, part) => api.copyPayload(id, part),
    copyText: (text) => api.copyText(text),
    copyCall: (id, form) => api.copyCall(id, form),
    comparePayloads: (left, right) => api.comparePayloads(left, right),
    exportCalls: (filter, format) => api.exportCalls(filter, format),
    settings: () => api.settings(),
    saveSettings: (settings) => api.saveSettings(settings),
    setRouting: (on) => api.setRouting(on),
    openConfig: (line) => (line === undefined ? api.openConfig() : api.openConfig(line)),
    showLog: () => api.showLog(),
    page: (query, signal) => peer.call('page', [query], signal) as Promise<CallPage>,
    summary: (filter, signal) => peer.call('summary', [filter], signal) as Promise<CallSummary>,
    onAdvanced: peer.on('advanced'),
    onStatus: peer.on('status'),
  };
}

/** How long the host may take before it counts as gone. */
export const ANSWER_DEADLINE_MS = 10_000;

/** Waits for an answer; rejects with `rpc.closed` where the host says nothing for too long. */
export async function answered<T>(promise: Promise<T>, clock: Clock): Promise<T> {
  const result = await withDeadline(promise, ANSWER_DEADLINE_MS, clock);
  if (result === 'late') throw new AppError('rpc.closed', 'no answer');
  return result as T;
}
