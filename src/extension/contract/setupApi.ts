/**
 * Owns the interface between the Setup webview and the host: one interface of async methods; the messages on the wire
 * follow from it (rpc/peer.ts). The one event carries a snapshot. Methods reject with a user-facing AppError.
 */
import type { DoctorFix, DoctorReport } from './doctor';
import type { DefinitionRow, DefinitionVersion, InventoryFormat } from './governance';
import type { BackupView, Found, PlanRequest, PlanView, ServerEdit, SetupState } from './setup';

/** Versions of one definition that are listed: a server may change it with every list. */
export const MAX_VERSIONS = 1_000;

export interface SetupApi {
  /** First call of a webview: gives it the state to draw. */
  ready(): Promise<SetupState>;
  /** Looks at the configurations of this machine; reads, changes nothing. */
  find(): Promise<Found>;
  /** Works out a change of files; reads, changes nothing. At most ten plans are remembered. */
  plan(request: PlanRequest): Promise<PlanView>;
  /** Shows one file of a plan, before and after, in the diff editor. */
  showPlanned(plan: string, file: string): Promise<void>;
  /** Does what the plan says, all of it or nothing. */
  apply(plan: string): Promise<void>;
  /** Newest first. */
  backups(): Promise<readonly BackupView[]>;
  /** Opens a backup beside the file as it is now. */
  showBackup(id: string): Promise<void>;
  deleteBackup(id: string): Promise<void>;

  /** Approves exactly this hash of what would run. */
  approve(id: string, hash: string): Promise<void>;
  refuse(id: string, hash: string): Promise<void>;
  /** Writes into the server's file, through an editor tab where the user sees and saves it. */
  edit(id: string, change: ServerEdit): Promise<void>;
  showDefinition(id: string, kind: DefinitionRow['kind'], name: string): Promise<void>;
  /** The versions that a name has had, the one listed last first; at most `MAX_VERSIONS`. */
  versions(id: string, kind: DefinitionRow['kind'], name: string): Promise<readonly DefinitionVersion[]>;
  /** Opens one of them as a read-only editor tab. */
  showVersion(id: string, kind: DefinitionRow['kind'], name: string, hash: string): Promise<void>;
  /** Shows one of them beside the next one in the list of `versions` in a diff editor. */
  compareVersion(id: string, kind: DefinitionRow['kind'], name: string, hash: string): Promise<void>;
  /** `which` absent: all that are listed now. Gives how many. */
  approveDefinitions(id: string, which: readonly Pick<DefinitionRow, 'kind' | 'name' | 'hash'>[] | undefined): Promise<number>;
  /** Shows the calls that ran under a definition in Traffic. */
  showCallsUnder(hash: string): Promise<void>;
  exportInventory(format: InventoryFormat): Promise<void>;

  restart(server: string): Promise<void>;
  stop(server: string): Promise<void>;
  showOutput(server: string): Promise<void>;
  openPlayground(server: string): Promise<void>;
  /** `undefined`: all servers. */
  examine(server: string | undefined): Promise<DoctorReport>;
  takeFix(fix: DoctorFix): Promise<void>;

  openFile(file: string, line: number): Promise<void>;
  /** Opens the user's settings at MCP Shark's policy, port or other setting. */
  openSetting(setting: string): Promise<void>;
  setRouting(on: boolean): Promise<void>;
  manageTrust(): Promise<void>;
  /** Makes the token for other clients where there is none, or a new one, keeps it as a secret, and shows it once. */
  makeClientToken(): Promise<void>;
}

/** Names and payloads of the events the host sends to the Setup webview. */
export interface SetupEvents {
  state: SetupState;
}
