/** Owns reading the corpus: the attack samples by category, and the recorded definitions of real servers. */
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { ServerDefinitions } from '../../../../src/extension/contract/findings';
import { encoded } from './attacks/encoded';
import { hidden } from './attacks/hidden';
import { mismatch } from './attacks/mismatch';
import { poisoning } from './attacks/poisoning';
import { secrets } from './attacks/secrets';
import { shadowing } from './attacks/shadowing';
import { terminal } from './attacks/terminal';
import { wild } from './attacks/wild';
import type { SampleSet } from './sample';

export type Part = 'seen' | 'held';

export const ATTACKS: Readonly<Record<string, SampleSet>> = { hidden, terminal, encoded, secrets, shadowing, poisoning, mismatch, wild };

export interface BenignServer extends ServerDefinitions {
  readonly package: string;
  readonly licence: string;
  readonly part: Part;
  readonly tools: readonly unknown[];
  readonly prompts: readonly unknown[];
  readonly resources: readonly unknown[];
  readonly templates: readonly unknown[];
}

const folder = path.join(__dirname, 'benign');

export const BENIGN: readonly BenignServer[] = readdirSync(folder).map((file) => {
  const recorded = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Omit<BenignServer, 'server'>;
  return { ...recorded, server: recorded.package.replace(/^@/, '').replace(/@[^@]*$/, '') };
});
