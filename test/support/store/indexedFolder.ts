/**
 * Owns folders of segments with an index (segmentIndex.ts), for tests of it: as a window leaves them, and with an index that says
 * something else.
 */
import { cpSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, gunzipSync } from 'node:zlib';
import type { CallPage } from '../../../src/extension/contract/traffic';
import { segmentIndexName } from '../../../src/extension/store/fileNames';
import { indexVersion, readSegmentIndex, writeSegmentIndex, type IndexedSegment } from '../../../src/extension/store/worker/segmentIndex';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { StoreView } from '../../../src/extension/store/worker/storeView';
import { sealWindows, tempFolder, wasmFile } from './storeHarness';

export const now = 1_800_000_000_000;
export const windows = 12;
export const callsEach = 3;
const fixtures = join(import.meta.dirname, '../../unit/store/fixtures');

let engine: Promise<SqlEngine> | undefined;

export const startEngine = (): Promise<SqlEngine> => (engine ??= SqlEngine.start(wasmFile, tempFolder()));

/** A folder of segments of a few calls each, and two that the first version wrote, with an index. */
export async function indexedFolder(): Promise<string> {
  const dir = tempFolder();
  await sealWindows(dir, await startEngine(), windows, now, (player, window) => {
    for (let i = 0; i < callsEach; i++) player.call('a', `tool${window}`, { i });
  });
  for (const which of ['newer', 'older']) {
    const name = `version1-${which}-1.sqlite`;
    writeFileSync(join(dir, name), gunzipSync(readFileSync(join(fixtures, `${name}.gz`))));
  }
  // Times that a copy keeps to the last digit.
  segmentsIn(dir).forEach((name, at) => utimesSync(join(dir, name), 1_700_000_000, 1_700_000_000 + at));
  await kept(dir);
  return dir;
}

export function copyOf(template: string): string {
  const dir = tempFolder();
  cpSync(template, dir, { recursive: true, preserveTimestamps: true });
  return dir;
}

export interface OpenedView {
  readonly view: StoreView;
  readonly warnings: readonly string[];
}

export async function viewOf(dir: string): Promise<OpenedView> {
  const warnings: string[] = [];
  const view = new StoreView({ dir, engine: await startEngine(), now: () => now, breathe: () => Promise.resolve(), warn: (message) => warnings.push(message), searchBudgetMs: Infinity, rowsBudgetMs: Infinity });
  await view.refresh();
  return { view, warnings };
}

/** Writes the index as the worker does after the start. */
export async function kept(dir: string, writer = 'me'): Promise<void> {
  const { view } = await viewOf(dir);
  await view.openAhead();
  await view.writeIndex(writer);
  view.close();
}

export const newest = (view: StoreView, limit = 1000, filter = ''): Promise<CallPage> => view.page({ filter, position: { kind: 'newest' }, limit }, () => 0);

/** Of questions of every kind. */
export async function answersOf(view: StoreView): Promise<unknown> {
  const { rows, total } = await newest(view);
  const one = await view.call(rows.at(-1)!.id);
  return {
    rows,
    total,
    one,
    found: await newest(view, 5, 'tool7'),
    summary: await view.summary({ filter: '' }),
    statistics: await view.statistics({ by: 'name' }, () => 0),
    timeline: await view.timeline({ fromMs: 0, toMs: now, limit: 10, buckets: 5 }, () => 0),
    unreadable: view.unreadable,
  };
}

export const segmentsIn = (dir: string): string[] => readdirSync(dir).filter((name) => name.endsWith('.sqlite')).sort();
export const indexIn = (dir: string): string => join(dir, segmentIndexName);

/** An index that says something else, and says it well. */
export function said(change: (segments: IndexedSegment[]) => unknown): (dir: string) => Promise<void> {
  return async (dir) => {
    const segments = [...readSegmentIndex(dir).values()];
    await writeSegmentIndex(dir, 'me', (change(segments) as IndexedSegment[] | undefined) ?? segments);
  };
}

/** An index of other bytes. */
export function written(change: (bytes: Buffer) => Buffer): (dir: string) => void {
  return (dir) => writeFileSync(indexIn(dir), change(readFileSync(indexIn(dir))));
}

/** Text under a head that is right for it. */
export const headed = (text: string, version = indexVersion): Buffer => Buffer.from(`#mcp-shark-segments ${version} ${crc32(text).toString(16).padStart(8, '0')}\n${text}`);

export const withParticulars = (segment: IndexedSegment, particulars: Partial<IndexedSegment['particulars']>): IndexedSegment => ({ ...segment, particulars: { ...segment.particulars, ...particulars } });
