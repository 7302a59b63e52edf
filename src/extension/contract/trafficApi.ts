/**
 * Owns the interface between the Traffic webview and the host: one interface of async methods; the messages on the
 * wire follow from it (rpc/peer.ts). Events carry snapshots or "changed", never data that would be missed when lost.
 */
import type { CallDetail, CallPage, CallQuery, CallSummary } from './traffic';
import type { ApplicationStatus } from './status';

/** Which recorded text an action is about. */
export type PayloadPart = 'request' | 'response' | 'upstreamRequest' | 'upstreamResponse';

export interface TrafficApi {
  /** First call of a webview: proves that it listens, gives it the state to draw. */
  ready(): Promise<ApplicationStatus>;
  page(query: CallQuery): Promise<CallPage>;
  summary(filter: string): Promise<CallSummary>;
  /** `undefined`: no such call (any more). */
  call(id: string): Promise<CallDetail | undefined>;
  /** Opens a recorded text as a read-only editor tab. */
  openPayload(id: string, part: PayloadPart): Promise<void>;
  copyPayload(id: string, part: PayloadPart): Promise<void>;
  setRouting(on: boolean): Promise<void>;
  /** Opens `.vscode/mcp-shark.json`, created with a commented example where there is none, at a line where given. */
  openConfig(line?: number): Promise<void>;
  /** Opens the output channel. */
  showLog(): Promise<void>;
}

/** Names and payloads of the events the host sends to the Traffic webview. */
export interface TrafficEvents {
  /** Traffic advanced to this frame number; at most ten times a second. */
  advanced: { readonly through: number };
  status: ApplicationStatus;
}
