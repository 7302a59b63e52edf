// Owns the command line of the store's benchmark.
import { parseArgs } from 'node:util';
import { commonOptions, wholeNumber } from '../lib/options.mjs';

export const USAGE = `usage: npm run bench:store -- [options]
  --messages N      how many messages the questions are asked of (default 100,000, which is 2.2 GB; 1,000,000 takes 42 GB of
                    disk and a good while)
  --rounds N        interleaved rounds (default 5)
  --write-mb N      megabytes written per subject and round (default 48)
  --quick           2,000 messages, 2 rounds, 16 MB: to see that it runs, not to compare
  --dir FOLDER      where the data goes (default: the system's temporary folder); removed at the end
  --out FILE        where the JSON goes (default test-results/bench-store.json)
  --strict          exit with 1 when a target is missed`;

const TYPES = {
  messages: { type: 'string' },
  rounds: { type: 'string' },
  'write-mb': { type: 'string' },
  dir: { type: 'string' },
  ...commonOptions('test-results/bench-store.json'),
};

/** Throws an Error with a sentence for the user. */
export function readOptions(argv) {
  const { values } = parseArgs({ args: argv, options: TYPES });
  const { quick } = values;
  return {
    ...values,
    messages: wholeNumber(values.messages ?? (quick ? '2000' : '100000'), '--messages', 100, 10_000_000),
    rounds: wholeNumber(values.rounds ?? (quick ? '2' : '5'), '--rounds', 1, 100),
    writeMb: wholeNumber(values['write-mb'] ?? (quick ? '16' : '48'), '--write-mb', 4, 100),
  };
}
