/** Owns reading the command line of `npm run traffic`. */
import { parseArgs } from 'node:util';
import type { Scope } from '../contract/traffic';
import { AppError } from '../util/errors';

const USAGE = 'usage: npm run -s traffic -- --store DIR [--filter TEXT] [--scope all|window] [--format jsonl]';

export interface TrafficArguments {
  /** As written. */
  readonly store: string;
  readonly filter: string;
  readonly scope: Scope;
}

/** Throws with what is wrong and how it is done. */
export function trafficArguments(args: readonly string[]): TrafficArguments {
  const { values } = parseArgs({
    args: withFilterJoined(args),
    options: {
      store: { type: 'string' },
      filter: { type: 'string', default: '' },
      scope: { type: 'string', default: 'all' },
      format: { type: 'string', default: 'jsonl' },
    },
  });
  const { store, filter, scope, format } = values;
  if (!store) throw new AppError('config.missing', `--store is needed. ${USAGE}`);
  if (format !== 'jsonl') throw new AppError('query.invalid', `--format ${format} is not known; the only format is jsonl. ${USAGE}`);
  if (scope !== 'all' && scope !== 'window') {
    throw new AppError('query.invalid', `--scope ${scope} is not known; it is all, or window for what passed through the window opened last. ${USAGE}`);
  }
  return { store, filter, scope };
}

/** A filter may begin with a minus, which `parseArgs` would take for an option; what begins with two is one. */
function withFilterJoined(args: readonly string[]): string[] {
  const at = args.indexOf('--filter');
  const text = args[at + 1];
  if (at < 0 || text === undefined || text.startsWith('--')) return [...args];
  return [...args.slice(0, at), `--filter=${text}`, ...withFilterJoined(args.slice(at + 2))];
}
