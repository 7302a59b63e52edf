/**
 * Owns planning how routing is taken back. A file that is as MCP Shark left it gets the bytes it had before. One that has
 * been edited since is merged by structure: what we put in is taken out where it is still what we put in, what we took is
 * put back where it stood, and everything else stays as the user left it.
 */
import * as path from 'node:path';
import { decode } from '../import/configFiles';
import type { DocumentFormat } from '../import/document';
import { hashOfValue, reason } from './drafts';
import { DocumentEdit, EditError } from './editor';
import { hashOf, realFileOf, snapshotOf, type RoutingFs, type Snapshot } from './files';
import type { Change, FileState, RecordedFile, RoutingRecord } from './ledger';
import { textOf, type ChangePlan, type PlannedFile, type PlanNote } from './plan';

export interface UndoContext {
  readonly fs: RoutingFs;
  readonly id: string;
  /** Rejects where the backup is gone or damaged. */
  backup(id: string, hash: string): Promise<Uint8Array>;
}

interface State {
  readonly bytes: Uint8Array | undefined;
  readonly mode: number;
  readonly folders: readonly string[];
}

/** `which`: ids of records; `except`: files that are left as they are, with their part of the records. */
export async function planUndo(
  context: UndoContext,
  records: readonly RoutingRecord[],
  which: 'all' | readonly string[],
  except: ReadonlySet<string> = new Set(),
): Promise<ChangePlan> {
  const notes: PlanNote[] = [];
  const problems: PlanNote[] = [];
  const files: PlannedFile[] = [];
  const isChosen = ({ id }: RoutingRecord): boolean => which === 'all' || which.includes(id);
  const chosen = records.filter(isChosen).toReversed();
  const failed = new Set(except);

  for (const file of new Set(chosen.flatMap((record) => record.files.map((recorded) => recorded.file)))) {
    if (failed.has(file)) continue;
    const history = chosen.flatMap((record) => record.files.filter((recorded) => recorded.file === file));
    try {
      const planned = await undoFile(context, file, history, notes);
      if (planned) files.push(planned);
    } catch (error) {
      failed.add(file);
      const hint = error instanceof EditError ? ', or restore it from its backup' : '';
      problems.push({ file, message: `${reason(error)}${hint}.` });
    }
  }
  const undone = { records: chosen.map(({ id }) => id), except: [...failed] };
  return { id: context.id, kind: 'undo', files, notes, problems, servers: [...new Set(chosen.flatMap(({ servers }) => servers))], undone };
}

/** `history`: what was done to the file, newest first. */
async function undoFile(context: UndoContext, file: string, history: readonly RecordedFile[], notes: PlanNote[]): Promise<PlannedFile | undefined> {
  const snapshot = await snapshotOf(context.fs, file);
  let state: State = { bytes: snapshot.kind === 'file' ? snapshot.bytes : undefined, mode: snapshot.kind === 'file' ? snapshot.mode : 0o644, folders: [] };
  for (const recorded of history) {
    if (isUntouched(state, recorded.after)) {
      const bytes = await contentOf(context, recorded.before);
      const mode = recorded.before.kind === 'file' ? recorded.before.mode : state.mode;
      state = { bytes, mode, folders: bytes === undefined ? recorded.folders : [] };
    } else state = await mergeBack(context, recorded, state, notes);
  }
  const [newest] = history;
  if (!newest || isSame(snapshot, state)) return undefined;
  const real = snapshot.kind === 'file' ? await realFileOf(context.fs, file) : file;
  return {
    file,
    ...(path.basename(real) === path.basename(file) ? {} : { linkTo: real }),
    client: newest.client,
    format: newest.format,
    before: textOf(snapshot),
    after: state.bytes && new TextDecoder('utf-8', { ignoreBOM: true }).decode(state.bytes),
    snapshot,
    bytes: state.bytes,
    mode: state.mode,
    changes: [],
    emptyFolders: state.folders,
  };
}

function isUntouched({ bytes }: State, after: FileState): boolean {
  if (after.kind === 'missing' || bytes === undefined) return after.kind === 'missing' && bytes === undefined;
  return hashOf(bytes) === after.hash;
}

function isSame(snapshot: Snapshot, state: State): boolean {
  if (snapshot.kind === 'missing' || state.bytes === undefined) return snapshot.kind === 'missing' && state.bytes === undefined;
  return Buffer.compare(snapshot.bytes, state.bytes) === 0;
}

async function contentOf(context: UndoContext, state: FileState): Promise<Uint8Array | undefined> {
  if (state.kind === 'missing') return undefined;
  if (state.backup === undefined) throw new Error('Its backup was not kept');
  return context.backup(state.backup, state.hash);
}

async function mergeBack(context: UndoContext, recorded: RecordedFile, state: State, notes: PlanNote[]): Promise<State> {
  const { file, format, changes } = recorded;
  const note = (server: string, message: string): void => void notes.push({ file, server, message });
  if (state.bytes === undefined) {
    if (changes.some(({ op }) => op === 'take')) notes.push({ file, message: 'It has been deleted since; it is not made again. Its backup is kept.' });
    return state;
  }
  const edit = open(state.bytes, format);
  const beforeBytes = await contentOf(context, recorded.before);
  const before = beforeBytes && open(beforeBytes, format);
  // Newest first; what we put in goes first, so that its name is free again.
  const puts = changes.filter((change) => change.op === 'put').toReversed();
  const takes = changes.filter((change) => change.op === 'take').toReversed();
  for (const { address, hash } of puts) {
    const present = edit.find(address);
    if (!present) continue;
    if (hashOfValue(present.value) === hash) continue;
    note(address.name, `"${address.name}" has been changed since it was put in: it stays.`);
  }
  // A list must not be without items in between, since some clients cannot read that: what we took comes first there.
  const isList = takes.some(({ address }) => address.by === 'name');
  if (!isList) takeOut(edit, puts);
  // Each after the one it stood behind; those whose neighbour does not come back go to the end.
  const waiting = takes.flatMap(({ address }) => {
    const [fragment, value] = [before?.fragment(address), before?.find(address)];
    return fragment && value ? [{ address, fragment, value: value.value }] : [];
  });
  while (waiting.length > 0) {
    const ready = waiting.findIndex(({ address, fragment }) => edit.hasPlaceFor(address, fragment));
    const [{ address, fragment, value }] = waiting.splice(Math.max(0, ready), 1) as [(typeof waiting)[number]];
    const present = edit.find(address);
    if (!present) edit.put(address, { kind: 'fragment', fragment, value });
    else if (hashOfValue(present.value) !== hashOfValue(value)) {
      note(address.name, `There is another "${address.name}" now: it stays, and the one from before is in the backup only.`);
    }
  }
  if (isList) takeOut(edit, puts);
  if ((recorded.before.kind === 'missing' || recorded.isOurs) && edit.isEmpty) return { ...state, bytes: undefined, folders: recorded.folders };
  return { ...state, bytes: new TextEncoder().encode(edit.text) };
}

/** Takes out what is still as we put it in, and the containers we made for it where they are empty then. */
function takeOut(edit: DocumentEdit, puts: readonly Extract<Change, { op: 'put' }>[]): void {
  for (const { address, hash } of puts) {
    const present = edit.find(address);
    if (present && hashOfValue(present.value) === hash) edit.remove(address);
  }
  for (const { address, made } of puts) {
    if (made === undefined || made < 1) continue;
    const path = address.container.slice(0, made);
    if (edit.isEmptyAt(path) !== true) continue;
    edit.remove({ container: path.slice(0, -1), by: 'key', name: path.at(-1) ?? '' });
  }
}

function open(bytes: Uint8Array, format: DocumentFormat): DocumentEdit {
  const reading = decode(bytes);
  if (reading.kind !== 'text') throw new EditError(reading.kind === 'unreadable' ? reading.message : 'It has gone');
  return new DocumentEdit(reading.text, format);
}
