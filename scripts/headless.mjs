// `npm run -s gateway -- …` and `npm run -s traffic -- …`: the product without VS Code. Builds first when the sources are newer, in
// silence on stdout, which belongs to the program alone (its first line is JSON that other programs read).
import { bootstrap } from './lib/bootstrap.mjs';
import { build, isUpToDate } from './lib/build.mjs';
import { runMain, SetupError } from './lib/errors.mjs';
import { requireNode24, runForeground } from './lib/node24.mjs';
import { inProject } from './lib/paths.mjs';

const programs = ['gateway', 'traffic'];

await runMain(async () => {
  const [name = '', ...args] = process.argv.slice(2);
  if (!programs.includes(name)) throw new SetupError(`Usage: node scripts/headless.mjs ${programs.join('|')} ARGUMENTS…`);
  await bootstrap({ log: (text) => console.error(text) });
  const entry = inProject('dist', 'headless', `${name}.js`);
  if (!isUpToDate(entry)) await build();
  return runForeground(requireNode24(), [entry, ...args]);
});
