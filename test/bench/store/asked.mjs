// The process that is asked: one of the store or one of better-sqlite3, so that the memory of each can be told. Started by
// questions.mjs with a JSON argument; answers `{ kind: 'run', name, needle }` with the time the question took.
import { createRequire } from 'node:module';

const { subject, library, wasmFile, folder, native, entry, endMs } = JSON.parse(process.argv[2]);
const load = createRequire(import.meta.url);
const DAY_MS = 24 * 3600 * 1000;
const WEEK_MS = 7 * DAY_MS;
const PAGE = 200;
const KEYSET_PAGES = 6;

const subjects = { store: openStore, native: openNative };
const began = performance.now();
const questions = await subjects[subject]();
const openMs = performance.now() - began;

process.on('message', async ({ kind, name, needle }) => {
  if (kind !== 'run') return;
  try {
    const from = performance.now();
    const found = await questions[name](needle);
    process.send({ ms: performance.now() - from, found });
  } catch (error) {
    process.send({ error: String(error.stack ?? error) });
  }
});
process.channel.ref();
console.log(JSON.stringify({ openMs }));

/** Far enough from the newest that nothing of it was read before. */
function startOf(total) {
  return Math.min(10_000, Math.floor(total / 3));
}

async function openStore() {
  const { SqlEngine, StoreView } = load(library);
  const engine = await SqlEngine.start(wasmFile, folder);
  const breathe = () => new Promise((resolve) => setImmediate(resolve));
  const view = new StoreView({ dir: folder, engine, now: () => endMs, breathe, warn: (message) => console.error(message), searchBudgetMs: Infinity, rowsBudgetMs: Infinity });
  await view.refresh();
  const page = async (filter, position = { kind: 'newest' }, limit = PAGE) => view.page({ filter, position, limit }, () => 0);
  const count = async (filter) => (await page(filter)).rows.length;
  let id;
  let length = PAGE;
  return {
    newest: async () => {
      const { rows } = await page('');
      id = rows[100]?.id ?? rows[0]?.id;
      return rows.length;
    },
    // What was read for a page of another length is of no use to it.
    longer: async () => (await page('', { kind: 'newest' }, ++length)).rows.length,
    server: () => count('server:filesystem'),
    errors: () => count('status:error'),
    rare: () => count('server:rare status:error'),
    async keyset() {
      const { total } = await page('');
      let { olderCursor } = await page('', { kind: 'offset', offset: startOf(total) });
      const from = performance.now();
      let rows = 0;
      for (let turned = 0; turned < KEYSET_PAGES && olderCursor; turned++) {
        const next = await page('', { kind: 'olderThan', cursor: olderCursor });
        rows += next.rows.length;
        ({ olderCursor } = next);
      }
      return { rows, ms: (performance.now() - from) / KEYSET_PAGES };
    },
    toolDay: async () => {
      const { calls, p95Us } = await view.summary({ filter: 'tool:get_filesystem since:1d' });
      return { calls, p95Us };
    },
    toolsDay: async () => {
      const { rows } = await view.statistics({ by: 'name', fromMs: endMs - DAY_MS }, () => 0);
      return { calls: rows.map(({ name, calls }) => [name, calls]).sort() };
    },
    sessions: async () => ({ calls: (await view.groups({ by: 'session', limit: 100 }, () => 0)).groups.map(({ calls }) => calls) }),
    timeline: async () => ({ calls: (await view.timeline({ fromMs: endMs - WEEK_MS, toMs: endMs, limit: 1, buckets: 200 }, () => 0)).buckets.length }),
    summary: async () => (await view.summary({ filter: '' })).calls,
    call: async () => ((await view.call(id))?.response?.text.length ?? 0) > 0,
    text: async (needle) => (await page(needle)).total,
    absent: async (needle) => (await page(`${needle}Absent`)).total,
  };
}

function openNative() {
  const db = new (load(entry))(native, { readonly: true });
  const columns = `frame, part, time_ms, origin, session, client, server, method, name, detail, status, duration_us, upstream_us,
    request_bytes, response_bytes, error_code`;
  const byTime = 'ORDER BY time_ms DESC, frame DESC, part DESC LIMIT';
  const order = `${byTime} ${PAGE}`;
  const pages = (where) => db.prepare(`SELECT ${columns} FROM call WHERE ${where} ${order}`);
  // What the store's filter `status:error` means.
  const trouble = "status <> 'ok' AND status IN ('error', 'toolError', 'transportError', 'timedOut', 'blocked')";
  const [all, server, errors, rare] = ['1', "server = 'filesystem'", trouble, `server = 'rare' AND ${trouble}`].map(pages);
  const total = db.prepare('SELECT count(*) FROM call').pluck().get();
  const longer = db.prepare(`SELECT ${columns} FROM call ${byTime} ?`);
  const older = pages('(time_ms, frame, part) < (?, ?, ?)');
  const start = db.prepare('SELECT time_ms, frame, part FROM call ORDER BY time_ms DESC, frame DESC, part DESC LIMIT 1 OFFSET ?');
  const durations = db.prepare("SELECT duration_us FROM call WHERE name = 'get_filesystem' AND time_ms >= ? AND duration_us IS NOT NULL ORDER BY duration_us").pluck();
  const summary = db.prepare(`SELECT count(*) AS calls, sum(status IN ('error','toolError','transportError','timedOut','blocked')),
    sum(request_bytes + ifnull(response_bytes, 0)) FROM call`);
  const toolDurations = db.prepare('SELECT name, duration_us FROM call WHERE time_ms >= ? AND name IS NOT NULL ORDER BY name, duration_us').raw();
  const sessions = db.prepare(`SELECT session, count(*) AS calls, sum(${trouble}), sum(size), max(time_ms) AS last FROM call
    GROUP BY session ORDER BY last DESC LIMIT 100`);
  // Written, not bound: a number is bound as a fraction.
  const timeline = db.prepare(`SELECT server, (time_ms - ${endMs - WEEK_MS}) * 200 / ${WEEK_MS + 1} AS piece, count(*), sum(status <> 'ok') FROM call WHERE time_ms BETWEEN ? AND ? GROUP BY 1, 2`);
  const like = db.prepare('SELECT count(*) FROM body WHERE data LIKE ?').pluck();
  const body = db.prepare('SELECT data FROM body WHERE frame = ?').pluck();
  let frame;
  let length = PAGE;
  return {
    newest: () => {
      const rows = all.all();
      frame = (rows[100] ?? rows[0])?.frame;
      return rows.length;
    },
    longer: () => longer.all(++length).length,
    server: () => server.all().length,
    errors: () => errors.all().length,
    rare: () => rare.all().length,
    keyset() {
      let place = start.get(startOf(total) + PAGE - 1);
      const from = performance.now();
      let rows = 0;
      for (let turned = 0; turned < KEYSET_PAGES && place; turned++) {
        const next = older.all(place.time_ms, place.frame, place.part);
        rows += next.length;
        place = next.at(-1);
      }
      return { rows, ms: (performance.now() - from) / KEYSET_PAGES };
    },
    toolDay: () => {
      const all = durations.all(endMs - DAY_MS);
      return { calls: all.length, p95Us: all[Math.ceil(all.length * 0.95) - 1] };
    },
    toolsDay: () => {
      const tools = new Map();
      for (const [name, us] of toolDurations.all(endMs - DAY_MS)) {
        const all = tools.get(name);
        if (all) all.push(us);
        else tools.set(name, [us]);
      }
      const at = (all, part) => all[Math.ceil(all.length * part) - 1];
      return { calls: [...tools].map(([name, all]) => [name, all.length, at(all, 0.5), at(all, 0.95), at(all, 0.99)]).map(([name, calls]) => [name, calls]).sort() };
    },
    sessions: () => ({ calls: sessions.all().map(({ calls }) => calls) }),
    timeline: () => ({ calls: timeline.all(endMs - WEEK_MS, endMs).length }),
    summary: () => summary.get().calls,
    call: () => body.get(frame).length > 0,
    text: (needle) => like.get(`%${needle}%`),
    absent: (needle) => like.get(`%${needle}Absent%`),
  };
}
