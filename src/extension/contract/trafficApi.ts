/**
 * Owns the interface between the Traffic webview and the host: one interface of async methods; the messages on the
 * wire follow from it (rpc/peer.ts). Events carry snapshots or "changed", never data that would be missed when lost.
 */
import type { BodyPart, CallDetail, CallPage, CallQuery, CallSort, CallSummary, NoteChange, Scope } from './traffic';
import type { GroupBy, GroupPage, GroupQuery, Timeline, TimelineQuery } from './trafficGroups';
import type { ApplicationStatus } from './status';
import type { CallFinding, FlaggedDefinition } from './findings';
import type { DefinitionVersion } from './governance';

/** Which recorded text an action is about. */
export type PayloadPart = 'request' | 'response' | 'upstreamRequest' | 'upstreamResponse';

/** A recorded text of one call. */
export interface PayloadRef {
  readonly id: string;
  readonly part: PayloadPart;
}

/** Forms a call can be copied in. None holds a token: what is needed in its place is a placeholder. */
export type CopyForm = 'jsonrpc' | 'curl' | 'typescript' | 'markdown';

export type ExportFormat = 'jsonl' | 'json' | 'csv' | 'txt';

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

export type TrafficLayout = 'list' | 'timeline' | Exclude<GroupBy, 'conversation'>;

/** What is asked about: calls that match the filter, in a scope. */
export interface CallSelection {
  readonly filter: string;
  readonly scope?: Scope;
}

/** What is exported. `sort` absent: as they happened, oldest first. */
export interface ExportSelection extends CallSelection {
  readonly sort?: CallSort;
}

/** What calls were of, and how many the audit log has: of a method of a server as a whole, or (`name`) of a tool or prompt. */
export interface RecordedName {
  /** Absent where the gateway answered for all. */
  readonly server?: string;
  readonly method: string;
  readonly name?: string;
  readonly calls: number;
}

/** Where a value does not fit a JSON Schema. */
export interface SchemaProblem {
  /** JSON Pointer (RFC 6901) into the value; empty: the whole value. */
  readonly path: string;
  readonly message: string;
}

/**
 * Outcome of checking a value against a JSON Schema. `unusable`: the schema itself is invalid, or took too long.
 * `notes`: what was not checked, such as formats that are not known.
 */
export type SchemaCheck =
  | { readonly kind: 'fits'; readonly notes?: readonly string[] }
  | { readonly kind: 'problems'; readonly problems: readonly SchemaProblem[]; readonly notes?: readonly string[] }
  | { readonly kind: 'unusable'; readonly message: string };

/** What the view keeps per workspace. Host and webview each check what they are given: columns come and go. */
export interface TrafficSettings {
  readonly savedFilters: readonly SavedFilter[];
  readonly columns: readonly ColumnSetting[];
  readonly timeMode: TimeMode;
  readonly layout: TrafficLayout;
  readonly scope: Scope;
  /** Absent: by time, newest first. */
  readonly sort?: CallSort;
}

/** What somebody outside the view wants it to show. */
export interface TrafficReveal {
  readonly filter: string;
  /** Id of the call to select. */
  readonly call?: string;
}

export interface TrafficApi {
  /** First call of a webview: proves that it listens, gives it the state to draw. */
  ready(): Promise<ApplicationStatus>;
  /** What to show instead of what the view would show by itself; given once. To be asked after `ready` and `revealed`. */
  takeReveal(): Promise<TrafficReveal | undefined>;
  page(query: CallQuery): Promise<CallPage>;
  summary(selection: CallSelection): Promise<CallSummary>;
  groups(query: GroupQuery): Promise<GroupPage>;
  timeline(query: TimelineQuery): Promise<Timeline>;
  /** Everything the audit log has calls of, for completion; at most 20,000, those with most calls. */
  names(): Promise<readonly RecordedName[]>;
  /** `undefined`: no such call (any more). */
  call(id: string): Promise<CallDetail | undefined>;
  /** Bytes `fromByte` to `fromByte + limit` of a recorded text (redacted), moved to where characters begin. */
  body(ref: PayloadRef, fromByte: number, limit: number): Promise<BodyPart>;
  /** Checks the structured content of a tool's answer against the output schema of its definition. */
  checkOutput(id: string): Promise<SchemaCheck>;
  /** What the local checks say of the definition a call used, and of secrets in its messages. */
  findings(id: string): Promise<readonly CallFinding[]>;
  /** Definitions that the local checks say something of: their calls are marked. To be asked after `ready` and `flagged`. */
  flagged(): Promise<readonly FlaggedDefinition[]>;
  /** The version of the definition that a call ran under. `undefined`: it is not known, or not kept. */
  definition(id: string): Promise<DefinitionVersion | undefined>;
  /** Opens that version as a read-only editor tab. */
  openDefinition(id: string): Promise<void>;
  /** Shows that version and the one listed last side by side in a diff editor. */
  compareDefinition(id: string): Promise<void>;
  /** Changes the notes of calls; at most 1,000 ids. */
  annotate(ids: readonly string[], change: NoteChange): Promise<void>;
  /** Sends the request again, as a Playground run; asks first when the tool is not marked read-only. */
  resend(id: string): Promise<void>;
  /** Opens the Playground with the call's target and arguments. */
  openInPlayground(id: string): Promise<void>;
  /**
   * Opens a content of a message in the editor's viewer, or writes it to a file the user chooses (`save`, and what the
   * editor cannot show). `pointer`: JSON Pointer to the content block in the message.
   */
  openContent(ref: PayloadRef, pointer: string, how?: 'open' | 'save'): Promise<void>;
  /** Opens a link of a recorded message after the user has agreed to it; only http and https. */
  openLink(url: string): Promise<void>;
  /** Opens a recorded text as a read-only editor tab. */
  openPayload(id: string, part: PayloadPart): Promise<void>;
  copyPayload(id: string, part: PayloadPart): Promise<void>;
  copyText(text: string): Promise<void>;
  copyCall(id: string, form: CopyForm): Promise<void>;
  /** Shows two recorded texts side by side in a diff editor. */
  comparePayloads(left: PayloadRef, right: PayloadRef): Promise<void>;
  /** Asks where to, and then writes every call of the filter to a file. Resolves when asked; the host says how it went. */
  exportCalls(selection: ExportSelection, format: ExportFormat): Promise<void>;
  settings(): Promise<TrafficSettings>;
  saveSettings(settings: TrafficSettings): Promise<void>;
  setRouting(on: boolean): Promise<void>;
  /** Pauses or resumes recording; traffic goes on either way. */
  setRecording(on: boolean): Promise<void>;
  /** Opens `.vscode/mcp-shark.json`, created with a commented example where there is none, at a line where given. */
  openConfig(line?: number): Promise<void>;
  /** Opens the output channel. */
  showLog(): Promise<void>;
}

/** Names and payloads of the events the host sends to the Traffic webview. */
export interface TrafficEvents {
  /** Traffic advanced to this frame number; at most ten times a second. */
  advanced: { readonly through: number };
  /** `takeReveal` has something to give. */
  revealed: null;
  /** `flagged` gives something else now. */
  flagged: null;
  status: ApplicationStatus;
}
