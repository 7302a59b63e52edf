/** Owns what governance needs of its surroundings, and what the gateway needs of governance. */
import type { Buffer } from 'node:buffer';
import type { CapturedEvent } from '../capture/types';
import type { DefinitionKind, DefinitionState, Gate, Policy } from '../contract/governance';
import type { ConfiguredServer, InputDefinition } from '../servers/types';
import type { Clock } from '../util/clock';
import type { Event } from '../util/event';
import type { Logger } from '../util/logger';
import type { DefinitionChanges, DefinitionLimits, Listing } from './definitions';
import type { Rule } from './policy';
import type { Scanner } from './scanner';

export interface GovernanceOptions {
  /** Absolute folder under the user's global storage; created where missing. */
  readonly dir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly randomId: (bytes: number) => string;
  /** Asked at each decision. */
  readonly policy: () => Policy;
  readonly onDidChangePolicy?: Event<void>;
  /** Nothing is approved in an untrusted workspace. */
  readonly trusted: () => boolean;
  /** As the operating system names the user; for the record. */
  readonly user: string;
  readonly servers: () => readonly ConfiguredServer[];
  readonly inputs: () => readonly InputDefinition[];
  /** The local checks; without them nothing has findings. */
  readonly scanner?: Scanner;
  readonly limits?: DefinitionLimits;
}

/** What the gateway asks. */
export interface GatewayGovernance {
  gateOf(server: ConfiguredServer): Gate;
  /** What a gate says may have changed. */
  readonly onDidChangeGates: Event<void>;
  /** Tools of these servers (by name) may be listed or refused differently than before. */
  readonly onDidChangeTools: Event<readonly string[]>;
  /** Follows one list of the server. */
  listing(server: ConfiguredServer, kind: DefinitionKind): Listing;
  /** Tells what a list has brought. */
  listed(server: ConfiguredServer, changes: DefinitionChanges): void;
  /** The server does not have this kind at all: whatever it lists later is new. */
  lacks(server: ConfiguredServer, kind: DefinitionKind): void;
  /** What policy and checks make of a tool as it was listed. `state`: what it was then. */
  ruleForTool(server: ConfiguredServer, tool: ListedTool): Rule | undefined;
  /** Whether a call needs its definition known, since the policy may block it. */
  readonly isStrict: boolean;
}

export interface ListedTool {
  readonly name: string;
  readonly hash: string;
  readonly state: DefinitionState;
  /** As listed, verbatim; needed where the checks may block. */
  readonly bytes?: Buffer;
}

/** What the composition root asks. */
export interface ApplicationGovernance extends GatewayGovernance {
  /** For the audit log: each approval, refusal and change. */
  readonly onDidRecord: Event<CapturedEvent>;
}
