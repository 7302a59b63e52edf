/**
 * Owns running the official suite: finding it, asking which scenarios it has, running all of them against one URL in one
 * process of the suite's own CLI, reading the checks it saves, and printing several runs side by side. A scenario passes
 * when none of its checks failed **or warned**: the suite's exit code ignores warnings, but those are what a missing event
 * store or `retry` shows up as.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runProgram } from './processes';

export const SPEC_VERSION = '2025-11-25';

/** Of the whole suite against one URL; it takes about 1.5 s, and 15 s more for each scenario that hangs. */
const RUN_TIMEOUT_MS = 120_000;
const SCENARIO_TIMEOUT_MS = 15_000;

export interface Suite {
  readonly dir: string;
  readonly version: string;
}

export interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'INFO' | 'SKIPPED';
  readonly description: string;
  readonly errorMessage?: string;
}

export interface ScenarioResult {
  readonly scenario: string;
  readonly verdict: 'pass' | 'warn' | 'fail';
  readonly checks: readonly Check[];
}

export interface ConformanceRun {
  readonly title: string;
  readonly results: ReadonlyMap<string, ScenarioResult>;
  readonly durationMs: number;
}

/** The suite in MCP_CONFORMANCE_DIR (a package folder), else the installed one. */
export async function findSuite(): Promise<Suite> {
  const name = '@modelcontextprotocol/conformance';
  let file: string;
  try {
    const given = process.env['MCP_CONFORMANCE_DIR'];
    file = given ? path.resolve(given, 'package.json') : createRequire(import.meta.url).resolve(`${name}/package.json`);
    const { version } = JSON.parse(await readFile(file, 'utf8')) as { version: string };
    return { dir: path.dirname(file), version };
  } catch (error) {
    throw new Error(`${name} was not found: run "npm ci", or point MCP_CONFORMANCE_DIR at its package folder.`, { cause: error });
  }
}

function cli(suite: Suite): string {
  return path.join(suite.dir, 'dist/index.js');
}

/** The names of the scenarios for servers at `specVersion`, in the suite's order; without it, of all there are. */
export async function listScenarios(suite: Suite, specVersion?: string): Promise<string[]> {
  const filter = specVersion === undefined ? [] : ['--spec-version', specVersion];
  const { how, stdout, stderr } = await runProgram([cli(suite), 'list', '--server', ...filter], RUN_TIMEOUT_MS);
  const names = Array.from(stdout.matchAll(/^ +- (\S+)/gm), ([, name]) => name as string);
  if (names.length === 0) throw new Error(`The suite lists no scenarios (${how})\n${stdout}\n${stderr}`);
  return names;
}

/** Runs every scenario of the revision against `url`, one after the other as the suite does. */
export async function runConformance({ title, url, suite }: { title: string; url: string; suite: Suite }): Promise<ConformanceRun> {
  const output = await mkdtemp(path.join(tmpdir(), 'mcp-conformance-'));
  const began = performance.now();
  try {
    const which = ['--suite', 'all', '--spec-version', SPEC_VERSION, '--timeout', String(SCENARIO_TIMEOUT_MS)];
    const args = [cli(suite), 'server', '--url', url, ...which, '--output-dir', output];
    const { how, stdout, stderr } = await runProgram(args, RUN_TIMEOUT_MS);
    const results = new Map<string, ScenarioResult>();
    for (const folder of await readdir(output)) {
      const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(folder)?.[1];
      if (scenario) results.set(scenario, await readResult(scenario, path.join(output, folder)));
    }
    if (results.size === 0) throw new Error(`The suite saved no results for ${url} (${how})\n${stdout.slice(-2000)}\n${stderr}`);
    return { title, results, durationMs: Math.round(performance.now() - began) };
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}

async function readResult(scenario: string, folder: string): Promise<ScenarioResult> {
  let checks: readonly Check[];
  try {
    checks = JSON.parse(await readFile(path.join(folder, 'checks.json'), 'utf8')) as Check[];
  } catch {
    // The folder is made before the scenario runs and filled after.
    checks = [{ id: scenario, status: 'FAILURE', description: 'the scenario ends', errorMessage: 'it threw or ran out of time' }];
  }
  const has = (status: Check['status']): boolean => checks.some((check) => check.status === status);
  const verdict = has('FAILURE') ? 'fail' : has('WARNING') || !has('SUCCESS') ? 'warn' : 'pass';
  return { scenario, verdict, checks };
}

/** Checks that were a success in `direct` and are not in `through`, with what became of them. */
export function weakerChecks(direct: ScenarioResult, through: ScenarioResult): { readonly id: string; readonly became: string }[] {
  const idsOf = (result: ScenarioResult, wanted: boolean): Set<string> =>
    new Set(result.checks.filter(({ status }) => (status === 'SUCCESS') === wanted).map(({ id }) => id));
  const succeeded = idsOf(through, true);
  return [...idsOf(direct, true)]
    .filter((id) => !succeeded.has(id))
    .map((id) => ({ id, became: through.checks.find((check) => check.id === id)?.status ?? 'absent' }));
}

/** One line per check that failed or warned. */
export function describeProblems({ scenario, checks }: ScenarioResult): string {
  return checks
    .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
    .map(({ id, status, description, errorMessage }) => `${scenario}: ${status} ${id}: ${errorMessage ?? description}`)
    .join('\n');
}

/** A row per scenario and a column per run: `ok`, or what is wrong, with the number of successful checks. */
export function formatTable(scenarios: readonly string[], runs: readonly ConformanceRun[]): string {
  const cell = ({ results }: ConformanceRun, scenario: string): string => {
    const result = results.get(scenario);
    if (!result) return 'MISSING';
    const count = result.checks.filter(({ status }) => status === 'SUCCESS').length;
    return `${{ pass: 'ok', warn: 'WARN', fail: 'FAIL' }[result.verdict]} ${count}`;
  };
  const passed = ({ results }: ConformanceRun): number => scenarios.filter((name) => results.get(name)?.verdict === 'pass').length;
  const rows = [
    ['scenario', ...runs.map(({ title }) => title)],
    ...scenarios.map((name) => [name, ...runs.map((run) => cell(run, name))]),
    [`passed of ${scenarios.length}`, ...runs.map((run) => String(passed(run)))],
    ['seconds', ...runs.map(({ durationMs }) => (durationMs / 1000).toFixed(1))],
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string => `| ${row.map((text, column) => text.padEnd(widths[column]!)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const [head, ...body] = rows;
  return [line(head!), rule, ...body.map(line)].join('\n');
}
