// Owns the history that the Traffic view is opened on: a month of small calls, written by the store's own writer and sealed
// by its own sealer. The same seed gives the same calls.
import { mkdir } from 'node:fs/promises';
import { seeded } from '../store/messages.mjs';

const MONTH_MS = 30 * 24 * 3600 * 1000;
const PER_TURN = 200;
const SERVERS = ['github', 'filesystem', 'postgres', 'browser', 'search', 'memory', 'slack', 'jira'];
const TOOLS = ['list', 'get', 'create', 'update', 'query'];
/** Calls of one prompt, and prompts of one conversation. */
const PER_PROMPT = 9;
const PER_CONVERSATION = 5;
const PER_SESSION = 2_000;

/** One call, as the journal keeps it: `{ session, metas, bodies, durationUs }`. */
export function callMaker(seed) {
  const random = seeded(seed);
  let id = 0;
  return (name) => {
    id += 1;
    const server = random() < 0.001 ? 'rare' : SERVERS[Math.floor(random() ** 2 * SERVERS.length)];
    const tool = name ?? `${TOOLS[Math.floor(random() * TOOLS.length)]}_${server}`;
    const luck = random();
    const prompt = Math.floor(id / PER_PROMPT);
    const meta = `{"vscode.conversationId":"c${Math.floor(prompt / PER_CONVERSATION)}","vscode.requestId":"r${prompt}"}`;
    const request = `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"${tool}","arguments":{"path":"/src/file${id % 997}.ts","limit":${id % 50}},"_meta":${meta}}}`;
    const text = `Found ${id % 31} matches for number ${id} in file${id % 997}.ts`;
    const answer =
      luck < 0.95
        ? `{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"${text}"}]${luck < 0.92 ? '' : ',"isError":true'}}}`
        : `{"jsonrpc":"2.0","id":${id},"error":{"code":-32000,"message":"it failed: ${text}"}}`;
    const session = `s${Math.floor(id / PER_SESSION) + 1}`;
    const common = { k: 'frame', leg: 'downstream', s: session, srv: server, id: String(id) };
    return {
      metas: [
        { ...common, dir: 'toServer', kind: 'request', method: 'tools/call', size: request.length },
        { ...common, dir: 'toClient', kind: luck < 0.95 ? 'result' : 'error', size: answer.length },
      ],
      bodies: [Buffer.from(request), Buffer.from(answer)],
      durationUs: Math.round(500 * 10_000 ** random()),
    };
  };
}

export async function buildCorpus({ lib, files, folder, calls, log }) {
  await mkdir(folder, { recursive: true });
  const endMs = Date.now() - 60_000;
  const began = performance.now();
  const clock = { wallMs: () => endMs - MONTH_MS, monotonicUs: () => 0, timer: () => ({ dispose() {} }) };
  const warn = (message) => log(`warning: ${message}`);
  const engine = await lib.SqlEngine.start(files.wasmFile, folder);
  const sealer = new lib.Sealer({ dir: folder, engine, me: 'bench', now: () => endMs, warn });
  const writer = new lib.JournalWriter({ dir: folder, writer: 'bench', clock, logger: { ...lib.nullLogger, warn }, pid: process.pid, host: 'bench', socket: '' });
  let rotated = [];
  writer.onDidRotate((k) => rotated.push(k));
  const next = callMaker(7);
  for (let call = 0; call < calls; call += 1) {
    const { metas, bodies, durationUs } = next();
    const share = call / calls;
    const wallMs = Math.floor(endMs - MONTH_MS * (1 - share));
    const us = Math.floor(MONTH_MS * share * 1000);
    writer.append(metas[0], wallMs, us, bodies[0], true);
    writer.append(metas[1], wallMs + Math.round(durationUs / 1000), us + durationUs, bodies[1], true);
    if (call % PER_TURN !== PER_TURN - 1) continue;
    await new Promise((resolve) => setImmediate(resolve));
    for (const k of rotated) sealer.seal(k, 'handOver');
    if (rotated.length > 0) log(`${(call + 1).toLocaleString('en')} of ${calls.toLocaleString('en')} calls`);
    rotated = [];
  }
  const { k } = writer.position;
  writer.close();
  for (const one of rotated) sealer.seal(one, 'handOver');
  sealer.seal(k, 'last');
  return { calls, seconds: (performance.now() - began) / 1000 };
}
