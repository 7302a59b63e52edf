// `npm test`: installs what is missing, then runs every suite in order of speed and stops at the first that fails. The last
// line is "N passed, N failed", over all suites. A step that cannot run is a failure; nothing is skipped.
//   --only check|unit|webview|servers|editor …   runs just that (repeatable); editor packages first, since it tests the package
import { mkdir, rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { bootstrap } from './lib/bootstrap.mjs';
import { cleanUp } from './lib/cleanup.mjs';
import { runMain, SetupError } from './lib/errors.mjs';
import { continueUnderNode24 } from './lib/node24.mjs';
import { testResultsFolder } from './lib/paths.mjs';
import { formatElapsed, say } from './lib/progress.mjs';
import { steps } from './lib/testSteps.mjs';

await runMain(async () => {
  const names = [...new Set(steps.map(({ group }) => group))];
  const only = readOptions(names);
  await bootstrap();
  const elsewhere = await continueUnderNode24();
  if (elsewhere !== undefined) return elsewhere;

  await rm(`${testResultsFolder}/failures`, { recursive: true, force: true });
  await mkdir(testResultsFolder, { recursive: true });
  const chosen = steps.filter(({ group }) => only.length === 0 || only.includes(group));
  const startedAt = performance.now();
  const total = { passed: 0, failed: 0 };
  let ok = true;
  for (const [index, step] of chosen.entries()) {
    const title = `${index + 1}/${chosen.length} ${step.title}`;
    const stepStartedAt = performance.now();
    say(title);
    const outcome = await attempt(step);
    total.passed += outcome.passed;
    total.failed += outcome.failed;
    const counts = outcome.passed + outcome.failed > 0 ? `${outcome.passed} passed, ${outcome.failed} failed, ` : '';
    say(`${title}: ${outcome.ok ? 'ok' : 'FAILED'} (${counts}${formatElapsed(performance.now() - stepStartedAt)})`);
    ok = outcome.ok;
    if (!ok) {
      const left = chosen.slice(index + 1).map(({ title: skipped }) => skipped);
      if (left.length > 0) say(`not run because of that: ${left.join(', ')}`);
      break;
    }
  }
  await cleanUp();
  say(`total ${formatElapsed(performance.now() - startedAt)}`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return ok ? 0 : 1;
});

/**
 * @param {import('./lib/testSteps.mjs').Step} step
 * @returns {Promise<import('./lib/testSteps.mjs').Outcome>} a step that throws has failed, and counts as one failure
 */
async function attempt(step) {
  try {
    return await step.run();
  } catch (error) {
    console.error(error instanceof SetupError ? error.message : error);
    return { ok: false, passed: 0, failed: 1 };
  }
}

/** @param {string[]} names */
function readOptions(names) {
  const usage = `Usage: npm test [-- --only ${names.join('|')}]`;
  try {
    const { values } = parseArgs({ options: { only: { type: 'string', multiple: true, default: [] } } });
    const unknown = values.only.filter((name) => !names.includes(name));
    if (unknown.length > 0) throw new SetupError(`There is no suite "${unknown[0]}". ${usage}`);
    return values.only;
  } catch (error) {
    throw error instanceof SetupError ? error : new SetupError(`${/** @type {Error} */ (error).message}. ${usage}`);
  }
}
