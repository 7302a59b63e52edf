// Owns the command line of the Traffic view's benchmark.
import { parseArgs } from 'node:util';

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
  quick: { type: 'boolean', default: false },
  dir: { type: 'string' },
  out: { type: 'string', default: 'test-results/bench-traffic.json' },
  strict: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
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

function wholeNumber(text, what, least, most) {
  const value = Number(String(text).replaceAll(/[,_]/g, ''));
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`${what} is a whole number from ${least} to ${most}, not ${text}`);
}
