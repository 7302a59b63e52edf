/**
 * Owns the bodies of a file that is made of several: what is said again is stored once in it (repeats.ts), whichever of them it comes
 * from, and what was so in one of them stays so.
 */
import { encodeBody } from './fileBuilder';
import { leastBytes, rekeyed, Repeats } from './repeats';
import type { Segment } from './segment';
import type { Database, Statement } from './sqlEngine';

interface BodyRow {
  readonly frame: number;
  readonly part: number;
  readonly enc: number;
  readonly bytes: number;
  readonly data: Uint8Array;
  /** Of the message. */
  readonly id: string | undefined;
}

export class MergedBodies {
  readonly #repeats = new Repeats();
  /** Keys of those that are there: what a journal goes on with is in the one before, too. */
  readonly #there = new Set<number>();
  /** Forms of those that are told of others, by key: they may have been told whole where they come from, and others of them. */
  readonly #told = new Map<number, Uint8Array>();
  readonly #insert: Statement;

  constructor(
    to: Database,
    private readonly compress: boolean,
  ) {
    this.#insert = to.prepare('INSERT INTO body VALUES (?,?,?,?,?)');
  }

  /** Copies all bodies of a file, or those that a condition on its table `body` holds for; gives their keys there. */
  copy(source: Segment, rekey: (key: number) => number, where = '1'): Set<number> {
    const copied = new Set<number>();
    const take = (frame: number): void => {
      copied.add(frame);
      this.#there.add(rekey(frame));
    };
    // What repeats others comes after them: by then it is known what has become of those.
    for (const row of rowsOf(source, `enc <> 3 AND (${where})`)) {
      const { frame, part } = row;
      const key = rekey(frame);
      const isTaken = this.#there.has(key) && !copied.has(frame);
      if (isTaken || this.#told.has(key)) continue;
      take(frame);
      const whole = part === 0 ? wholeOf(source, row) : undefined;
      const repeat = whole && this.#repeats.find(key, whole, row.id);
      if (repeat) this.#tell(key, whole.length, repeat);
      else if (row.enc === 0) this.#plain(key, part, Buffer.from(row.data));
      else this.#insert.run([key, part, row.enc, row.bytes, row.data]);
    }
    for (const { frame, bytes, data, id } of rowsOf(source, `enc = 3 AND (${where})`)) {
      const key = rekey(frame);
      if (this.#there.has(key)) continue;
      take(frame);
      // Where only some are taken, what it repeats may not come along: it is written out, unless another that does says the same.
      const body = where === '1' ? undefined : source.body(frame);
      if (!body || source.isDamaged(frame)) {
        this.#tell(key, bytes, rekeyed(data, rekey, this.#told));
        continue;
      }
      const repeat = this.#repeats.find(key, body, id);
      if (repeat) this.#tell(key, body.length, repeat);
      else this.#plain(key, 0, body);
    }
    return copied;
  }

  dispose(): void {
    this.#insert.free();
  }

  #tell(key: number, bytes: number, form: Uint8Array): void {
    this.#told.set(key, form);
    this.#insert.run([key, 0, 3, bytes, form]);
  }

  #plain(key: number, part: number, body: Buffer): void {
    const { enc, data } = encodeBody(body, this.compress);
    this.#insert.run([key, part, enc, body.length, data]);
  }
}

function* rowsOf(source: Segment, where: string): Iterable<BodyRow> {
  const select = source.db.prepare(`SELECT frame, part, enc, bytes, data, (SELECT f.rpc_id FROM frame f WHERE f.frame = body.frame) FROM body WHERE ${where} ORDER BY frame, part`);
  try {
    while (select.step()) {
      const [frame, part, enc, bytes, data, id] = select.get() as [number, number, number, number, Uint8Array, string | null];
      yield { frame, part, enc, bytes, data, id: id ?? undefined };
    }
  } finally {
    select.free();
  }
}

/** A body as it was recorded, where it may be one that is said again; `undefined` where it cannot be, or is damaged. */
function wholeOf(source: Segment, { frame, bytes, id }: BodyRow): Buffer | undefined {
  if (id === undefined || bytes < leastBytes) return undefined;
  const body = source.body(frame);
  return source.isDamaged(frame) ? undefined : body;
}
