/** Owns what the Playground needs of the rest: the gateway, the audit log, the person in front of it, and its memory. */
import type { CallRow } from '../contract/traffic';
import type { NextStep, Obstacle } from '../contract/playground';
import type { CatalogKind, DefinitionChange } from '../contract/playgroundCatalog';
import type { RunRequest } from '../contract/playgroundRuns';
import type { LanguageModel, SamplingDraft } from '../contract/playgroundRequests';
import type { SchemaCheck } from '../contract/trafficApi';
import type { Clock } from '../util/clock';
import type { Event } from '../util/event';
import type { Logger } from '../util/logger';
import type { SamplingPrompt } from './sampling';

/** A configured server as the Playground may use it. */
export interface WorldServer {
  readonly name: string;
  /** Changes when the server is another one. */
  readonly fingerprint: string;
  /** Why it is not to be started, and what to do; absent: it may be. */
  readonly unavailable?: { readonly message: string; readonly steps: readonly NextStep[] };
}

/** The gateway and its servers. */
export interface World {
  /** `url`: of the aggregate endpoint; `undefined` while nothing listens. */
  readonly endpoint: { readonly url: string; readonly token: string } | undefined;
  readonly obstacle: Obstacle | undefined;
  readonly servers: readonly WorldServer[];
  readonly onDidChange: Event<void>;
}

/** The audit log. */
export interface RecordedCalls {
  /** Id of the call whose request is this frame of this window. */
  callId(frame: number): Promise<string | undefined>;
  /** The call once it is filed; `undefined` where it is not there. */
  row(call: string): Promise<CallRow | undefined>;
  /**
   * When what a server offers was used last: each of its tools and prompts, and the latest thousand readings of resources.
   * Since a moment (Unix epoch, milliseconds), where given.
   */
  lastUses(server: string, sinceMs: number | undefined): Promise<readonly Pick<CallRow, 'method' | 'name' | 'timeMs'>[]>;
  /** Calls can be asked for that could not before; often. */
  readonly onDidRecord: Event<unknown>;
}

export interface Confirmation {
  readonly server: string;
  readonly tool: string;
  readonly argumentsText: string;
  readonly why: 'destructive' | 'notReadOnly' | 'always';
}

/** The person, through the editor. */
export interface Person {
  /** `always`: and not again for this tool while the window lives. */
  confirm(question: Confirmation): Promise<'once' | 'always' | 'no'>;
  models(): Promise<readonly LanguageModel[]>;
  /** Asks a language model; the editor asks for consent. Rejects with a user-facing AppError. */
  ask(model: string, prompt: SamplingPrompt, signal: AbortSignal): Promise<SamplingDraft>;
  /** Shows the whole URL and opens it when the person agrees. */
  openUrl(server: string, url: string, message: string): Promise<boolean>;
  /** Asks for the value of a variable of a saved call; `undefined`: never mind. */
  variable(name: string, call: string): Promise<string | undefined>;
}

/** A run as the host asks for it. */
export interface StartRequest extends RunRequest {
  /** The person has agreed to just this: it is not asked about again. */
  readonly isAgreed?: boolean;
}

/** What is kept for this workspace. Gives back whatever an earlier version stored. */
export interface Memory {
  get(key: 'roots' | 'history'): unknown;
  set(key: 'roots' | 'history', value: unknown): Promise<void>;
}

/** Checks JSON text against JSON Schema text; bounded in time, never throws. */
export type CheckSchema = (schema: string, value: string) => Promise<SchemaCheck>;

/** When a tool is asked about before it runs. */
export type ConfirmPolicy = 'destructive' | 'notReadOnly' | 'always';

/** How servers' definitions stand to what was approved. */
export interface Approvals {
  of(server: string): (kind: CatalogKind, name: string) => DefinitionChange;
  /** Names of the servers of which it may be otherwise now. */
  readonly onDidChange: Event<readonly string[]>;
}

export interface PlaygroundOptions {
  readonly world: World;
  readonly calls: RecordedCalls;
  readonly person: Person;
  readonly memory: Memory;
  readonly checkSchema: CheckSchema;
  readonly confirmPolicy: () => ConfirmPolicy;
  /** Replaces secrets in JSON text; the text itself where there are none. */
  readonly redact: (text: string) => string;
  /** Folders of the workspace, as `file://` URIs with their names. */
  readonly folders: () => readonly { readonly uri: string; readonly name: string }[];
  /** What was approved. Absent: nobody keeps approvals. */
  readonly approvals?: Approvals;
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
}
