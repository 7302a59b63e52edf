// Owns the command line of the Traffic view's benchmark.
import { parseArgs } from 'node:util';
import { commonOptions, wholeNumber } from '../lib/options.mjs';

export const USAGE = `usage: npm run bench:traffic -- [options]
  --calls N         how many calls the audit log holds (default 1,000,000: about 1.5 GB of disk while it runs)
  --rounds N        how often each thing is measured (default 5)
  --live S          seconds of live traffic at 1,000 frames per second (default 10)
  --quick           20,000 calls, 2 rounds, 2 s: to see that it runs, not to compare
  --dir FOLDER      where the data goes (default: the system's temporary folder); removed at the end
  --out FILE        where the JSON goes (default test-results/bench-traffic.json)
  --strict          exit with 1 when a target is missed`;

const TYPES = {
  calls: { type: 'string' },
  rounds: { type: 'string' },
  live: { type: 'string' },
  dir: { type: 'string' },
  ...commonOptions('test-results/bench-traffic.json'),
};

/** Throws an Error with a sentence for the user. */
export function readOptions(argv) {
  const { values } = parseArgs({ args: argv, options: TYPES });
  const { quick } = values;
  return {
    ...values,
    calls: wholeNumber(values.calls ?? (quick ? '20000' : '1000000'), '--calls', 1_000, 10_000_000),
    rounds: wholeNumber(values.rounds ?? (quick ? '2' : '5'), '--rounds', 1, 100),
    live: wholeNumber(values.live ?? (quick ? '2' : '10'), '--live', 1, 600),
  };
}
