// Owns the questions: each asked of the store and of better-sqlite3 in turn, cold (fresh process, files dropped from the
// page cache where the system lets us) and warm; and what the store's process holds in memory after them.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { here, startNode } from '../lib/children.mjs';
import { needle } from './messages.mjs';

const ASK_TIMEOUT_MS = 600_000;
const COLD_STARTS = 3;
/** The room that the extension gives its worker for young objects (`YOUNG_GENERATION_MB` in store/workerPort.ts). */
const AS_SHIPPED = ['--max-semi-space-size=4'];

export const QUESTIONS = {
  newest: 'newest page of 200',
  longer: 'newest page, of a length not asked for before',
  server: 'server filter, newest 200',
  errors: 'errors, newest 200',
  rare: 'rare server and error',
  keyset: 'older page, by keyset',
  toolDay: 'p95 of one tool over 24 h',
  toolsDay: 'p50, p95, p99 of every tool over 24 h',
  sessions: 'groups by session',
  timeline: 'time line, 200 pieces',
  summary: 'counts over everything',
  call: 'one call with its texts',
  text: 'rare text in bodies',
  absent: 'absent text in bodies',
};

/** Gives `{ cold: { store, native }, warm: { store, native }, memory, failures }`; warm values in rounds, in milliseconds. */
export async function askAll({ corpus, files, library, entry, rounds, log }) {
  const subjects = entry ? ['store', 'native'] : ['store'];
  const start = (subject) => {
    const facts = { subject, library, wasmFile: files.wasmFile, folder: corpus.folder, native: corpus.native, entry, endMs: corpus.endMs };
    return startNode(here('asked.mjs', import.meta.url), [JSON.stringify(facts)], { node: subject === 'store' ? AS_SHIPPED : [] });
  };
  const cold = Object.fromEntries(subjects.map((subject) => [subject, []]));
  let isCacheDropped = true;
  for (let turn = 0; turn < COLD_STARTS; turn++) {
    for (const subject of subjects) {
      isCacheDropped = dropCache(subject === 'store' ? readdirSync(corpus.folder).map((name) => path.join(corpus.folder, name)) : [corpus.native]) && isCacheDropped;
      const child = start(subject);
      const { openMs } = JSON.parse(await child.firstLine(120_000));
      const { ms, error } = await child.ask({ kind: 'run', name: 'newest' }, ASK_TIMEOUT_MS);
      if (error) throw new Error(error);
      cold[subject].push({ openMs, newestMs: ms });
      await child.stop();
    }
  }
  const children = {};
  const warm = {};
  for (const subject of subjects) {
    children[subject] = start(subject);
    await children[subject].firstLine(120_000);
    warm[subject] = Object.fromEntries(Object.keys(QUESTIONS).map((name) => [name, []]));
  }
  const memory = [];
  const answers = {};
  let asked = 0;
  // The first round warms up.
  for (let round = -1; round < rounds; round++) {
    for (const name of Object.keys(QUESTIONS)) {
      // What a search found is remembered: each is for a text not asked for before.
      const wanted = needle(asked);
      for (const subject of subjects) {
        const { ms, found, error } = await children[subject].ask({ kind: 'run', name, needle: wanted }, ASK_TIMEOUT_MS);
        if (error) throw new Error(`${subject}, ${name}: ${error}`);
        if (round >= 0) warm[subject][name].push(found?.ms ?? ms);
        ((answers[name] ??= {})[subject] ??= []).push(found);
      }
      if (name === 'text' || name === 'absent') asked++;
    }
    memory.push((await children.store.usage(false)).rss);
    log(`questions, round ${round + 1} of ${rounds}`);
  }
  for (const child of Object.values(children)) await child.stop();
  return { cold, isCacheDropped, warm, memory, wrong: subjects.length > 1 ? differences(answers) : [] };
}

/** A fast wrong answer is worth nothing: both must find the same. Percentiles may differ by what a bucket holds. */
function differences(answers) {
  const wrong = [];
  for (const [name, { store, native }] of Object.entries(answers)) {
    if (name === 'text') continue; // Bodies here, calls there: compared by whether anything was found.
    const facts = (found) => JSON.stringify(found?.rows ?? found?.calls ?? found);
    if (store.some((found, index) => facts(found) !== facts(native[index]))) wrong.push(`${QUESTIONS[name]}: ${JSON.stringify(store[0])} and ${JSON.stringify(native[0])}`);
  }
  if (answers.text.store.some((found, index) => (found > 0) !== answers.text.native[index] > 0)) wrong.push('rare text: one of the two did not find it');
  return wrong;
}

/** Asks the system to forget what it has read of these files; gives whether it could be asked. GNU dd does it without rights. */
function dropCache(names) {
  if (process.platform !== 'linux') return false;
  try {
    for (const name of names) execFileSync('dd', [`if=${name}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
