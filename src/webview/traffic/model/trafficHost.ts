/**
 * Owns what the Traffic model needs of the extension host: the contract's methods, those that a newer question
 * supersedes with a signal to abort them, and the host's events. The model sees no channel and no VS Code.
 */
import type { CallPage, CallQuery, CallSummary } from '../../../extension/contract/traffic';
import type { GroupPage, GroupQuery, Timeline, TimelineQuery } from '../../../extension/contract/trafficGroups';
import type { CallSelection, TrafficApi, TrafficEvents } from '../../../extension/contract/trafficApi';
import { createProxy, type Peer } from '../../../extension/rpc/peer';
import type { Event } from '../../../extension/util/event';

export interface TrafficHost extends Omit<TrafficApi, 'page' | 'summary' | 'groups' | 'timeline'> {
  page(query: CallQuery, signal?: AbortSignal): Promise<CallPage>;
  summary(selection: CallSelection, signal?: AbortSignal): Promise<CallSummary>;
  groups(query: GroupQuery, signal?: AbortSignal): Promise<GroupPage>;
  timeline(query: TimelineQuery, signal?: AbortSignal): Promise<Timeline>;
  readonly onAdvanced: Event<TrafficEvents['advanced']>;
  readonly onStatus: Event<TrafficEvents['status']>;
  readonly onRevealed: Event<TrafficEvents['revealed']>;
  readonly onFlagged: Event<TrafficEvents['flagged']>;
}

export function connectTrafficHost(peer: Peer): TrafficHost {
  const api = createProxy<TrafficApi>(peer);
  return {
    ready: () => api.ready(),
    takeReveal: () => api.takeReveal(),
    names: () => api.names(),
    call: (id) => api.call(id),
    openPayload: (id, part) => api.openPayload(id, part),
    copyPayload: (id, part) => api.copyPayload(id, part),
    copyText: (text) => api.copyText(text),
    copyCall: (id, form) => api.copyCall(id, form),
    comparePayloads: (left, right) => api.comparePayloads(left, right),
    exportCalls: (selection, format) => api.exportCalls(selection, format),
    body: (ref, fromByte, limit) => api.body(ref, fromByte, limit),
    checkOutput: (id) => api.checkOutput(id),
    findings: (id) => api.findings(id),
    flagged: () => api.flagged(),
    definition: (id) => api.definition(id),
    openDefinition: (id) => api.openDefinition(id),
    compareDefinition: (id) => api.compareDefinition(id),
    annotate: (ids, change) => api.annotate(ids, change),
    resend: (id) => api.resend(id),
    openInPlayground: (id) => api.openInPlayground(id),
    openContent: (ref, pointer, how) => api.openContent(ref, pointer, how ?? 'open'),
    openLink: (url) => api.openLink(url),
    settings: () => api.settings(),
    saveSettings: (settings) => api.saveSettings(settings),
    setRouting: (on) => api.setRouting(on),
    setRecording: (on) => api.setRecording(on),
    openConfig: (line) => (line === undefined ? api.openConfig() : api.openConfig(line)),
    showLog: () => api.showLog(),
    page: (query, signal) => peer.call('page', [query], signal) as Promise<CallPage>,
    summary: (selection, signal) => peer.call('summary', [selection], signal) as Promise<CallSummary>,
    groups: (query, signal) => peer.call('groups', [query], signal) as Promise<GroupPage>,
    timeline: (query, signal) => peer.call('timeline', [query], signal) as Promise<Timeline>,
    onAdvanced: peer.on('advanced'),
    onStatus: peer.on('status'),
    onRevealed: peer.on('revealed'),
    onFlagged: peer.on('flagged'),
  };
}
