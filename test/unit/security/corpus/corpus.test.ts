// How well the rules tell attacks from the definitions of real servers: recall and false positives by tier, on the part
// that rules were written against and on the part that was held back.
import { describe, expect, it } from 'vitest';
import type { Finding, FindingTier } from '../../../../src/extension/contract/findings';
import { createScanner } from '../../../../src/extension/security/scanner';
import { configs, type ConfigSample } from './attacks/config';
import { ATTACKS, BENIGN, type Part } from './corpus';
import type { DefinitionSample } from './sample';

const PARTS: readonly Part[] = ['seen', 'held'];
const TIERS: readonly FindingTier[] = ['structural', 'phrase'];

interface Row {
  readonly name: string;
  readonly hits: number;
  readonly of: number;
  readonly which: readonly string[];
}

function isFound({ tier, servers }: DefinitionSample): boolean {
  return createScanner().scan(servers).some((finding) => tier === 'phrase' || finding.tier === 'structural');
}

function recall(name: string, samples: readonly DefinitionSample[]): Row {
  const missed = samples.filter((sample) => !isFound(sample)).map(({ id }) => id);
  return { name, hits: samples.length - missed.length, of: samples.length, which: missed };
}

function configRow(name: string, samples: readonly ConfigSample[]): Row {
  const wrong = samples.filter(({ config, rule, id }) => {
    const rules = createScanner().config({ name: id, config, file: '/w/mcp-shark.json', line: 1, fingerprint: '' }).map((finding) => finding.rule);
    return rule === undefined ? rules.length > 0 : !rules.includes(rule);
  });
  return { name, hits: samples.length - wrong.length, of: samples.length, which: wrong.map(({ id }) => id) };
}

/** All real servers at once: the hardest case for what compares servers. */
const onBenign: readonly Finding[] = createScanner().scan(BENIGN);

/** What is found in honest tools (`kinds`: or in anything else that is defined). */
function falsePositives(tier: FindingTier, part: Part, isTool: boolean): Row {
  const servers = BENIGN.filter((server) => server.part === part);
  const names = new Set(servers.map(({ server }) => server));
  const found = new Map<string, string>();
  for (const { place, tier: its, rule, excerpt } of onBenign) {
    if (place.in !== 'definition' || its !== tier || !names.has(place.server) || (place.kind === 'tool') !== isTool) continue;
    found.set(`${place.server} ${place.kind} ${place.name}`, `${rule} ${excerpt ?? ''}`);
  }
  const of = servers.reduce((sum, { tools, prompts, resources, templates, instructions }) => {
    const others = prompts.length + resources.length + templates.length + 1 + (instructions === undefined ? 0 : 1);
    return sum + (isTool ? tools.length : others);
  }, 0);
  return { name: `${tier} ${isTool ? 'tools' : 'other definitions'} ${part}`, hits: found.size, of, which: [...found].map(([where, what]) => `${where}: ${what}`) };
}

function share({ hits, of }: Row): number {
  return of === 0 ? 0 : hits / of;
}

function print(title: string, rows: readonly Row[]): void {
  const lines = rows.map((row) => `${row.name.padEnd(36)}${String(row.hits).padStart(5)} / ${String(row.of).padEnd(5)}${(share(row) * 100).toFixed(1).padStart(6)} %  ${row.which.slice(0, 6).join('; ').slice(0, 400)}`);
  console.log([title, ...lines].join('\n'));
}

describe('the corpus', () => {
  it('has at least 120 attacks of many kinds and the tools of at least twelve real servers', () => {
    const samples = Object.values(ATTACKS).flatMap((set) => [...set.seen, ...set.held]);
    expect(samples.length).toBeGreaterThanOrEqual(120);
    expect(new Set(samples.map(({ id }) => id)).size).toBe(samples.length);
    expect(BENIGN.filter(({ tools }) => tools.length > 0).length).toBeGreaterThanOrEqual(12);
    expect(BENIGN.flatMap(({ tools }) => tools).length).toBeGreaterThanOrEqual(300);
    for (const { package: name, licence } of BENIGN) expect([name, licence]).toEqual([expect.stringMatching(/^.+@\d/), expect.stringMatching(/MIT|Apache/)]);
  });
});

describe.each(PARTS)('on the part that was %s', (part) => {
  it('at least 95 % of the attacks of either tier are found', () => {
    const all = Object.values(ATTACKS).flatMap((set) => set[part]);
    const byTier = TIERS.map((tier) => recall(`attacks ${tier} ${part}`, all.filter((sample) => sample.tier === tier)));
    print(`Recall (${part})`, [...Object.entries(ATTACKS).map(([name, set]) => recall(name, set[part])), ...byTier]);
    for (const row of byTier) expect(share(row)).toBeGreaterThanOrEqual(0.95);
  });

  it('at least 95 % of the configuration entries are judged right', () => {
    const row = configRow(`configuration ${part}`, configs[part]);
    print(`Configuration (${part})`, [row]);
    expect(share(row)).toBeGreaterThanOrEqual(0.95);
  });

  it('at most 1 % of the tools of real servers are found to be anything', () => {
    const rows = TIERS.map((tier) => falsePositives(tier, part, true));
    print(`False positives (${part})`, [...rows, ...TIERS.map((tier) => falsePositives(tier, part, false))]);
    for (const row of rows) expect(share(row)).toBeLessThanOrEqual(0.01);
  });
});
