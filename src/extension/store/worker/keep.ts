/**
 * Owns that what users put a note on stays: before segments go because they are old or too much, such calls are copied to
 * a file of their own, with their messages on both legs, the calls nested in them, and what their servers wrote meanwhile.
 * The file takes the place of the segments, as a merged one does, so a call is never there twice, nor not at all.
 */
import { keptName } from '../fileNames';
import { freeNumber, putTogether } from './merger';
import type { NoteBook } from './notes';
import { writerFactor } from './schema';
import type { Segment } from './segment';
import { rows } from './source';
import type { SqlEngine } from './sqlEngine';

/** How many calls of a segment stay: those with a note, and those nested in them. */
export function keptCalls(segment: Segment, notes: NoteBook): number {
  return fillKept(segment, notes) ? (rows(segment.db, 'SELECT count(*) FROM temp.kept')[0]![0] as number) : 0;
}

/** Copies what stays of these segments to a new file; gives the names of those it takes the place of. Throws I/O errors. */
export function keepNoted(dir: string, engine: SqlEngine, me: string, sources: readonly Segment[], notes: NoteBook): string[] {
  const select = (source: Segment): Record<string, string> => {
    if (!fillKept(source, notes)) return { call: '0', frame: '0', event: '0', session: '0', body: '0' };
    // What a server wrote is told by its time, since nothing says what it was about.
    const meanwhile = `type IN ('server.stderr', 'server.strayStdout') AND EXISTS (SELECT 1 FROM temp.kept k JOIN call c ON c.frame = k.frame AND c.part = k.part
      WHERE c.server = event.server AND event.us BETWEEN c.start_us AND c.start_us + ifnull(c.duration_us, 0) AND event.frame / ${writerFactor} = c.frame / ${writerFactor})`;
    return {
      call: '(frame, part) IN (SELECT frame, part FROM temp.kept)',
      frame: 'frame IN (SELECT frame FROM temp.kept_frame)',
      event: `frame IN (SELECT frame FROM temp.kept) OR (${meanwhile})`,
      session: 'id IN (SELECT session FROM call WHERE (frame, part) IN (SELECT frame, part FROM temp.kept))',
      body: 'frame IN (SELECT body FROM frame WHERE frame IN (SELECT frame FROM temp.kept_frame))',
    };
  };
  const name = keptName(me, freeNumber(dir, (k) => keptName(me, k)));
  return putTogether({ dir, engine, me, name, sources, compress: false, select });
}

/** Makes tables of the calls that stay and of their messages; false where there are none. */
function fillKept({ db, writers }: Segment, notes: NoteBook): boolean {
  const placed = writers.flatMap((writer, w) => notes.of(writer).map(({ n, part }) => [w * writerFactor + n, part] as const));
  if (placed.length === 0) return false;
  db.run('CREATE TEMP TABLE IF NOT EXISTS kept(frame INTEGER, part INTEGER, PRIMARY KEY(frame, part)) WITHOUT ROWID');
  db.run('CREATE TEMP TABLE IF NOT EXISTS kept_frame(frame INTEGER PRIMARY KEY)');
  db.run('DELETE FROM temp.kept');
  db.run('DELETE FROM temp.kept_frame');
  const insert = db.prepare('INSERT INTO temp.kept SELECT frame, part FROM call WHERE frame = ? AND part = ?');
  for (const place of placed) insert.run([...place]);
  insert.free();
  db.run('INSERT OR IGNORE INTO temp.kept SELECT frame, part FROM call WHERE parent_frame IN (SELECT frame FROM temp.kept)');
  db.run(`INSERT OR IGNORE INTO temp.kept_frame
    SELECT f.frame FROM frame f JOIN temp.kept k ON f.call = k.frame AND ifnull(f.call_part, 0) = k.part
    UNION SELECT frame FROM temp.kept
    UNION SELECT c.response_frame FROM call c JOIN temp.kept k ON c.frame = k.frame AND c.part = k.part WHERE c.response_frame IS NOT NULL
    UNION SELECT c.other_request_frame FROM call c JOIN temp.kept k ON c.frame = k.frame AND c.part = k.part WHERE c.other_request_frame IS NOT NULL
    UNION SELECT c.other_response_frame FROM call c JOIN temp.kept k ON c.frame = k.frame AND c.part = k.part WHERE c.other_response_frame IS NOT NULL`);
  return (rows(db, 'SELECT count(*) FROM temp.kept')[0]![0] as number) > 0;
}
