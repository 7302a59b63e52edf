/**
 * Owns a folder as a store has it after some use: two windows at once, of which one is sealed and the other still writes;
 * conversations, nested calls, a Playground session, notes; and files of the first version of the schema.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { NoteChange } from '../../../src/extension/contract/traffic';
import { JournalWriter } from '../../../src/extension/store/journalWriter';
import { openStoreReader, type RecordedCall, type StoreReader } from '../../../src/extension/store/reader';
import { appendNotes } from '../../../src/extension/store/worker/noteFiles';
import { recordOf } from '../../../src/extension/store/worker/notes';
import { Sealer } from '../../../src/extension/store/worker/sealer';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import type { Clock } from '../../../src/extension/util/clock';
import { toDisposable } from '../../../src/extension/util/lifecycle';
import { nullLogger } from '../../../src/extension/util/logger';
import { Player, tempFolder, wasmFile } from './storeHarness';

/** When the questions are asked. */
export const corpusNow = 1_800_000_000_000;

const fixtures = join(import.meta.dirname, '../../unit/store/fixtures');
const tools = ['create_issue', 'read_file', 'search', 'Grüße_senden', '100%_sure', 'under_score'];

export interface Corpus {
  readonly dir: string;
  readonly reader: StoreReader;
  /** Every call with its texts, newest first. */
  readonly all: readonly RecordedCall[];
}

/** Puts the files that the first version of the schema wrote into a folder. */
export function copyVersion1(dir: string): void {
  for (const name of readdirSync(fixtures)) {
    writeFileSync(join(dir, name.replace(/^version1-(.*)\.gz$/, '$1')), gunzipSync(readFileSync(join(fixtures, name))));
  }
}

export async function makeCorpus(warn: (message: string) => void): Promise<Corpus> {
  const dir = tempFolder();
  let wall = corpusNow - 1_000_000;
  let mono = 0;
  const clock: Clock = { wallMs: () => wall, monotonicUs: () => (mono += 137), timer: () => toDisposable(() => undefined) };
  let seed = 11;
  const random = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;

  const play = (player: Player, count: number, meta: () => Record<string, unknown> | undefined): void => {
    for (let i = 0; i < count; i++) {
      const server = pick(['github', 'files', 'Files']);
      const tool = pick(tools);
      // Many calls in one millisecond, a clock that is set back now and then, and silences.
      if (random() < 0.4) wall += Math.floor(random() * 3000);
      if (random() < 0.02) wall -= 5000;
      if (random() < 0.03) wall += 70_000;
      const asked = player.ask(server, tool, { path: `/tmp/${i}`, note: random() < 0.3 ? 'needle "in" a\nhaystack' : 'straw' }, meta());
      if (random() < 0.1) nest(player, server, asked.request, i);
      mono += Math.floor(random() * 2_000_000);
      const luck = random();
      if (luck < 0.7) player.answer(server, asked, { result: { content: [{ type: 'text', text: `Ergebnis für ${tool} ${i}` }] } });
      else if (luck < 0.8) player.answer(server, asked, { error: { code: -32000 - (i % 3), message: `broken ${i}` } });
      else if (luck < 0.9) player.answer(server, asked, { result: { isError: true, content: [{ type: 'text', text: 'tool says no' }] } });
    }
  };
  const nest = (player: Player, server: string, cause: number, i: number): void => {
    const message = { jsonrpc: '2.0', id: 5000 + i, method: 'sampling/createMessage', params: { messages: [] } };
    const up = player.frame(message, { leg: 'upstream', direction: 'toClient', server, cause });
    player.frame(message, { direction: 'toClient', forwards: up });
    player.frame({ jsonrpc: '2.0', method: 'notifications/progress', params: { progress: i } }, { leg: 'upstream', direction: 'toClient', server, cause });
    mono += 700;
    const answer = { jsonrpc: '2.0', id: 5000 + i, result: { role: 'assistant' } };
    const down = player.frame(answer, {});
    player.frame(answer, { leg: 'upstream', server, forwards: down });
  };

  const journal = (writer: string, pid: number): JournalWriter => new JournalWriter({ dir, writer, clock, logger: nullLogger, pid, host: hostname(), socket: '', rotateBytes: 40_000 });
  const [left, right] = [journal('left', 999_999_999), journal('right', process.pid)];
  const players = [new Player({ journal: left }, 'L', clock), new Player({ journal: right }, 'R', clock), new Player({ journal: right }, 'P', clock)] as const;
  players[2].recorder.event({ type: 'session.opened', session: 'P', data: { playground: true } });
  players[0].initialize('Code');
  players[1].initialize('Claude');
  players[2].initialize('MCP Shark');
  const chats = [undefined, { 'vscode.conversationId': 'c1', 'vscode.requestId': 't1' }, { 'vscode.conversationId': 'c1', 'vscode.requestId': 't2' }, { 'vscode.conversationId': 'C1' }];
  for (let i = 0; i < 12; i++) play(players[i % 2]!, 25, i % 2 === 0 ? () => chats[(i / 2) % chats.length] : () => undefined);
  play(players[2], 10, () => undefined);
  left.close();
  const engine = await SqlEngine.start(wasmFile, dir);
  await new Sealer({ dir, engine, me: 'me', now: Date.now, warn, compressFrom: 10_000, signFrom: 0 }).recover();
  right.close();
  copyVersion1(dir);

  const reader = await openStoreReader({ dir, wasmFile, clock: { ...clock, wallMs: () => corpusNow }, logger: nullLogger });
  const ids = (await readAll(reader)).map(({ id }) => id);
  const change = (id: string, change: NoteChange, t: number): void => appendNotes(dir, 'w', [recordOf(id, change, t, 'w')]);
  ids.forEach((id, index) => {
    if (index % 9 === 0) change(id, { isPinned: true }, index + 1);
    if (index % 11 === 0) change(id, { color: index % 2 ? 'red' : 'blue' }, index + 1);
    if (index % 13 === 0) change(id, { comment: `why so slow? case ${index}` }, index + 1);
    if (index % 27 === 0) change(id, { isPinned: false, comment: null }, index + 10_000);
  });
  return { dir, reader, all: await readAll(reader) };
}

async function readAll(reader: StoreReader): Promise<RecordedCall[]> {
  const calls: RecordedCall[] = [];
  for await (const call of reader.calls()) calls.push(call);
  return calls.reverse();
}
