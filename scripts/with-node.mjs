// Runs a program from node_modules/.bin under the project's Node 24, on a machine with any Node:
//   node scripts/with-node.mjs vitest run --project unit
import { bootstrap } from './lib/bootstrap.mjs';
import { runMain, SetupError } from './lib/errors.mjs';
import { requireNode24, runForeground } from './lib/node24.mjs';
import { programEntry } from './lib/programs.mjs';

await runMain(async () => {
  const [program, ...args] = process.argv.slice(2);
  if (!program) throw new SetupError('Usage: node scripts/with-node.mjs PROGRAM ARGUMENTS…');
  await bootstrap({ log: (text) => console.error(text) });
  return runForeground(requireNode24(), [programEntry(program), ...args]);
});
