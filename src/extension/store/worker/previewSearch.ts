/** Owns looking for texts in the previews of a sealed source's calls: calls whose preview fits go into the test's table. */
import type { BodyTest } from './bodyTests';
import type { Source } from './source';

/** Gone through at once. */
const previewFrames = 8192;

/** Takes what it has looked at off the list, from its end; gives false when there is more to do. */
export function searchPreviews(source: Source, { table, fitsPreview }: BodyTest, previews: (readonly [number, number])[], until: number): boolean {
  if (previews.length === 0) return true;
  const select = source.db.prepare(`SELECT frame, part, detail FROM call NOT INDEXED WHERE frame >= ? AND frame < ? AND detail IS NOT NULL LIMIT ${previewFrames}`);
  const insert = source.db.prepare(`INSERT OR IGNORE INTO temp.${table}_call VALUES (?, ?)`);
  try {
    for (let range = previews.pop(); range; range = previews.pop()) {
      select.bind([range[0], Math.min(range[1], Number.MAX_SAFE_INTEGER)]);
      let seen = 0;
      let last = 0;
      while (select.step()) {
        const [frame, part, detail] = select.get() as [number, number, string];
        seen++;
        last = frame;
        if (fitsPreview(detail)) insert.run([frame, part]);
      }
      select.reset();
      // The last frame's calls may not all have been seen: once more from there.
      if (seen === previewFrames) previews.push([last, range[1]]);
      if (performance.now() >= until && previews.length > 0) return false;
    }
  } finally {
    select.free();
    insert.free();
  }
  return true;
}

/** Looks at those of these calls. */
export function keepPreviews({ db }: Source, { table, fitsPreview }: BodyTest, calls: readonly { readonly key: number; readonly part: number; readonly detail: string | null }[]): void {
  const fitting = calls.filter(({ detail }) => detail !== null && fitsPreview(detail));
  if (fitting.length === 0) return;
  const insert = db.prepare(`INSERT OR IGNORE INTO temp.${table}_call VALUES (?, ?)`);
  for (const { key, part } of fitting) insert.run([key, part]);
  insert.free();
}
