/** Owns what host and views agree on about the connection doctor's reports. Pure types. */

/** `skipped`: it could not be looked at, because what it needs has failed. */
export type CheckOutcome = 'ok' | 'warning' | 'failed' | 'skipped';

/** What a user can do about a check, in the editor. */
export type DoctorFix =
  | { readonly kind: 'openConfig'; readonly file: string; readonly line: number }
  | { readonly kind: 'approve'; readonly server: string }
  | { readonly kind: 'restart'; readonly server: string }
  | { readonly kind: 'showOutput'; readonly server: string }
  | { readonly kind: 'turnRoutingOn' }
  | { readonly kind: 'manageTrust' }
  | { readonly kind: 'openSetting'; readonly setting: string };

export interface DoctorCheck {
  /** For example `command.found`; stable, for tests and for those who compare reports. */
  readonly id: string;
  /** What was looked at, as a noun: "Command". */
  readonly title: string;
  readonly outcome: CheckOutcome;
  /** What was seen and, where it is not well, what to do. Never holds a secret. */
  readonly message: string;
  readonly durationMs?: number;
  readonly fix?: DoctorFix;
}

export interface ServerReport {
  readonly server: string;
  readonly checks: readonly DoctorCheck[];
}

export interface DoctorReport {
  /** Unix epoch, milliseconds. */
  readonly timeMs: number;
  /** What concerns every server: trust, configuration, gateway, audit log. */
  readonly general: readonly DoctorCheck[];
  readonly servers: readonly ServerReport[];
}
