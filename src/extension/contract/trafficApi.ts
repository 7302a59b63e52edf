/**
 * Owns the interface between the Traffic webview and the host: one interface of async methods; the messages on the
 * wire follow from it (rpc/peer.ts). Events carry snapshots or "changed", never data that would be missed when lost.
 */
import type { CallDetail, CallPage, CallQuery, CallSummary } from './traffic';
import type { ApplicationStatus } from './status';

/** Which recorded text an action is about. */
export type PayloadPart = 'request' | 'response' | 'upstreamRequest' | 'upstreamResponse';

/** A recorded text of one call. */
export interface PayloadRef {
  readonly id: string;
  readonly part: PayloadPart;
}

/** Forms a call can be copied in. None holds a token: what is needed in its place is a placeholder. */
export type CopyForm = 'jsonrpc' | 'curl' | 'typescript' | 'markdown';

export type ExportFormat = 'jsonl' | 'json' | 'csv';

/** How the list writes times: local time, UTC, since the first call shown, since the call above. */
export type TimeMode = 'local' | 'utc' | 'start' | 'previous';

export interface SavedFilter {
  readonly name: string;
  readonly filter: string;
}

/** A column of the list, in the place it has in its list. `width`: pixels, where the user chose one. */
export interface ColumnSetting {
  readonly id: string;
  readonly isShown: boolean;
  readonly width?: number;
}

/** What the view keeps per workspace. Host and webview each check what they are given: columns come and go. */
export interface TrafficSettings {
  readonly savedFilters: readonly SavedFilter[];
  readonly columns: readonly ColumnSetting[];
  readonly timeMode: TimeMode;
}

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
  copyText(text: string): Promise<void>;
  copyCall(id: string, form: CopyForm): Promise<void>;
  /** Shows two recorded texts side by side in a diff editor. */
  comparePayloads(left: PayloadRef, right: PayloadRef): Promise<void>;
  /** Asks where to, and then writes every call of the filter to a file. Resolves when asked; the host says how it went. */
  exportCalls(filter: string, format: ExportFormat): Promise<void>;
  settings(): Promise<TrafficSettings>;
  saveSettings(settings: TrafficSettings): Promise<void>;
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
