// Owns the messages: the text mix of the store's design (60 % under 2 KB, 30 % 2 to 20 KB, 9 % 50 to 200 KB, 1 % about 1 MB,
// 22 KB on average), as tool calls with their answers. The same seed gives the same messages. The texts are cut from the
// documentation of Node's types, so that they compress and search as such texts do.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const MEAN_BYTES = 22_500;
/** Words of which each stands in very few messages; one for each search, since what was found is remembered. */
export const needle = (index) => `Zqx${'bcdfghjkmn'[index % 10]}${index}wvKumquat`;
const NEEDLES = 40;

export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Plain ASCII, escaped for JSON. */
function readPool(root) {
  const dir = path.join(root, 'node_modules/@types/node');
  const names = readdirSync(dir).filter((name) => name.endsWith('.d.ts')).sort();
  const text = names.map((name) => readFileSync(path.join(dir, name), 'utf8')).join('\n').replaceAll(/[^\n -~]/g, '');
  return JSON.stringify(text).slice(1, -1);
}

const logUniform = (random, from, to) => from * (to / from) ** random();

function sizeOf(random) {
  const luck = random();
  if (luck < 0.6) return logUniform(random, 100, 2000);
  if (luck < 0.9) return logUniform(random, 2000, 20_000);
  if (luck < 0.99) return logUniform(random, 50_000, 200_000);
  return logUniform(random, 900_000, 1_100_000);
}

const SERVERS = ['github', 'filesystem', 'postgres', 'browser', 'search', 'memory', 'slack', 'jira'];
const TOOLS = ['list', 'get', 'create', 'update', 'query'];

/**
 * Endless pairs of request and answer: `{ server, tool, outcome, durationUs, request, answer }`. Of `calls` calls, every
 * needle is in three. Bodies are strings of ASCII.
 */
export function* exchanges(root, seed, calls) {
  const pool = readPool(root);
  const random = seeded(seed);
  const text = () => {
    const size = Math.round(sizeOf(random));
    let start = Math.floor(random() * Math.max(1, pool.length - size - 4));
    while (isEscaped(pool, start)) start++;
    let end = Math.min(start + size, pool.length);
    while (isEscaped(pool, end)) end++;
    return pool.slice(start, end);
  };
  const marked = new Map();
  for (let index = 0; index < NEEDLES * 3; index++) marked.set(Math.floor(random() * calls), needle(index % NEEDLES));
  for (let id = 1; ; id++) {
    const server = random() < 0.001 ? 'rare' : SERVERS[Math.floor(random() ** 2 * SERVERS.length)];
    const tool = `${TOOLS[Math.floor(random() * TOOLS.length)]}_${server}`;
    const luck = random();
    const outcome = luck < 0.93 ? 'ok' : luck < 0.97 ? 'error' : 'toolError';
    const mark = marked.get(id - 1);
    const argument = text();
    const said = mark ? `${text()} ${mark}` : text();
    const request = `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"${tool}","arguments":{"text":"${argument}"}}}`;
    const result = `{"content":[{"type":"text","text":"${said}"}]${outcome === 'toolError' ? ',"isError":true' : ''}}`;
    const answer =
      outcome === 'error'
        ? `{"jsonrpc":"2.0","id":${id},"error":{"code":-32000,"message":"it failed","data":"${said}"}}`
        : `{"jsonrpc":"2.0","id":${id},"result":${result}}`;
    yield { id, server, tool, outcome, durationUs: Math.round(logUniform(random, 500, 5_000_000)), request, answer };
  }
}

/** Whether a cut at `at` would part a backslash from what it escapes. */
function isEscaped(pool, at) {
  let backslashes = 0;
  while (pool[at - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 1;
}

/** What the journal keeps of the two messages of an exchange, besides their bytes. */
export function metasOf({ id, server, outcome }, requestBytes, answerBytes) {
  const common = { k: 'frame', leg: 'downstream', s: 's1', srv: server, id: String(id) };
  return [
    { ...common, dir: 'toServer', kind: 'request', method: 'tools/call', size: requestBytes },
    { ...common, dir: 'toClient', kind: outcome === 'error' ? 'error' : 'result', size: answerBytes },
  ];
}

/**
 * What becomes of the row of a call, with its request and with its answer. `frame`: number of the request. Made beforehand: only
 * writing is measured.
 */
export function callOf({ tool, outcome, durationUs }, frame) {
  const failure = outcome === 'error' ? { errorCode: -32000, errorMessage: 'it failed' } : { errorCode: null, errorMessage: null };
  return [
    { frame, name: tool },
    { frame, status: outcome, durationUs, ...failure },
  ];
}
