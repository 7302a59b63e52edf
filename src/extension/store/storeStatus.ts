/** Owns what is said of the store's state: the worst first, in words for the status bar, the doctor and the traffic view. */
import type { StoreState } from '../contract/status';
import type { Missing } from './worker/salvage';
import type { UnreadableFile } from './worker/storeFolder';

export interface StoreCondition {
  /** What is not being kept now. */
  readonly trouble: { readonly reason: string; readonly missing: number } | undefined;
  /** Why the disk does not confirm what was written, where it does not. */
  readonly unsynced: string | undefined;
  readonly isSlow: boolean;
  readonly queries: WorkerCondition;
  readonly files: WorkerCondition;
  readonly unreadable: readonly UnreadableFile[];
}

/** `lost`: given up for a while. */
export type WorkerCondition = 'opening' | 'ready' | 'lost';

const mostNames = 3;

export function stateOf({ trouble, unsynced, isSlow, queries, files, unreadable }: StoreCondition): StoreState {
  if (trouble) return { kind: 'degraded', message: `Traffic is not being kept: ${trouble.reason}`, missingFrames: trouble.missing };
  if (unsynced !== undefined) {
    return { kind: 'degraded', message: `The disk does not confirm what is written to it, so a power cut can lose the last of it: ${unsynced}`, missingFrames: 0 };
  }
  if (isSlow) return { kind: 'degraded', message: 'The disk is slow: traffic is passed on before it is written down, so a crash can lose the last of it.', missingFrames: 0 };
  const kept = [
    ...(queries === 'lost' ? ['Traffic is being kept, but only the latest of this window is shown, from memory: a background thread failed twice. What is older cannot be shown until it is started again, in five minutes or when the window is reloaded.'] : []),
    ...(files === 'lost'
      ? ['Traffic is being kept, but only in journals, which grow: the helper that makes SQLite files of them and removes old ones failed twice. It is started again in five minutes, and when the window is reloaded.']
      : []),
    ...unreadableWords(unreadable),
  ];
  if (kept.length > 0) return { kind: 'degraded', message: kept.join(' '), missingFrames: 0, isKept: true };
  return queries === 'ready' ? { kind: 'ok' } : { kind: 'opening' };
}

function unreadableWords(files: readonly UnreadableFile[]): string[] {
  const damaged = files.filter(({ isNewer, missing }) => !isNewer && !missing).map(({ name }) => name);
  const salvaged = files.filter(({ missing }) => missing);
  const newer = files.filter(({ isNewer }) => isNewer).map(({ name }) => name);
  return [
    ...(damaged.length > 0 ? [`Left out of what is shown, because ${damaged.length === 1 ? 'it is' : 'they are'} damaged: ${listed(damaged)}. Move ${damaged.length === 1 ? 'it' : 'them'} out of the store's folder to go on without.`] : []),
    ...(salvaged.length > 0 ? [`Damaged, and shown as far as ${salvaged.length === 1 ? 'it' : 'they'} can be read: ${listed(salvaged.map(({ name }) => name))}. ${missingWords(salvaged.flatMap(({ missing }) => missing ?? []))}`] : []),
    ...(newer.length > 0 ? [`Left out of what is shown, because a newer MCP Shark wrote ${newer.length === 1 ? 'it' : 'them'}: ${listed(newer)}. Update MCP Shark to see what is in there.`] : []),
  ];
}

/** What is not shown of damaged files, all together. */
export function missingWords(all: readonly Missing[]): string {
  const [calls, texts] = [all.reduce((sum, each) => sum + each.calls, 0), all.reduce((sum, each) => sum + each.texts, 0)];
  const [moreCalls, moreTexts] = [all.some((each) => each.callsAtLeast), all.some((each) => each.textsAtLeast)];
  const times = all.filter((each) => each.calls > 0);
  const [from, to] = [Math.min(...times.map(({ fromMs }) => fromMs ?? NaN)), Math.max(...times.map(({ toMs }) => toMs ?? NaN))];
  const when = calls > 0 && !Number.isNaN(from) && !Number.isNaN(to) ? ` of ${new Date(from).toLocaleString()} to ${new Date(to).toLocaleString()}` : '';
  const parts = [
    ...(calls > 0 ? [`${moreCalls ? 'at least ' : ''}${counted(calls, 'call')}${when}`] : []),
    ...(texts > 0 ? [`${moreTexts ? 'at least ' : ''}${counted(texts, 'recorded text')}`] : []),
  ];
  const unknown = [...(moreCalls && calls === 0 ? ['calls'] : []), ...(moreTexts && texts === 0 ? ['texts'] : [])].join(' and ');
  const whole = [...(calls === 0 && !moreCalls ? ['calls'] : []), ...(texts === 0 && !moreTexts ? ['texts'] : [])].join(' and ');
  return [
    ...(parts.length > 0 ? [`Missing: ${parts.join(', and ')}.`] : whole ? [`None of the ${whole} in there is missing.`] : []),
    ...(unknown ? [`How many of the ${unknown} in there are missing, nobody can say.`] : []),
  ].join(' ');
}

const counted = (count: number, noun: string): string => `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

function listed(names: readonly string[]): string {
  const more = names.length - mostNames;
  return names.slice(0, mostNames).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
