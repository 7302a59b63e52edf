/**
 * Owns planning how routing is taken back. A file that is as MCP Shark left it gets the bytes it had before. One that has
 * been edited since is merged by structure: what we put in is taken out where it is still what we put in, what we took is
 * put back where it stood, and everything else stays as the user left it. No server is lost on the way: a file that has
 * gone is made again for what is still routed, and what no file takes back stays routed.
 */
import * as path from 'node:path';
import { decode } from '../import/configFiles';
import type { DocumentFormat } from '../import/document';
import type { Address } from '../import/types';
import { inputIdsIn } from '../variables';
import { hashOfValue, reason } from './drafts';
import { DocumentEdit, EditError } from './editor';
import { hashOf, realFileOf, snapshotOf, type RoutingFs, type Snapshot } from './files';
import type { Change, FileState, RecordedFile, RoutedTo, RoutingRecord } from './ledger';
import { textOf, type ChangePlan, type PlannedFile, type PlanNote } from './plan';
import { ownKeysOf, withoutOwnKeys } from './targetEntry';

export interface UndoContext {
  readonly fs: RoutingFs;
  readonly id: string;
  /** Rejects where the backup is gone or damaged. */
  backup(id: string, hash: string): Promise<Uint8Array>;
}

type Take = Extract<Change, { op: 'take' }>;
type Put = Extract<Change, { op: 'put' }>;

/** What is worked out while a plan is made. */
interface Undoing extends UndoContext {
  readonly notes: PlanNote[];
  /** Routed servers that no file takes back, see `keyOf`. */
  readonly stays: Set<string>;
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
  const undoing: Undoing = { ...context, notes, stays: new Set() };

  const recorded = new Map<string, RecordedFile[]>();
  for (const one of chosen.flatMap((record) => record.files)) recorded.set(one.file, [...(recorded.get(one.file) ?? []), one]);
  const isOrigin = ([, history]: readonly [string, readonly RecordedFile[]]): boolean => history.some(({ changes }) => changes.some(({ op }) => op === 'take'));
  // Where servers came from comes first: what cannot go back there must not be taken out of where it is.
  for (const [file, history] of [...recorded].toSorted((one, other) => Number(isOrigin(other)) - Number(isOrigin(one)))) {
    if (failed.has(file)) continue;
    try {
      const planned = await undoFile(undoing, file, history);
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
async function undoFile(context: Undoing, file: string, history: readonly RecordedFile[]): Promise<PlannedFile | undefined> {
  const snapshot = await snapshotOf(context.fs, file);
  let state: State = { bytes: snapshot.kind === 'file' ? snapshot.bytes : undefined, mode: snapshot.kind === 'file' ? snapshot.mode : 0o644, folders: [] };
  for (const recorded of history) {
    const isWhole = !recorded.changes.some(({ op, address }) => op === 'put' && isStaying(context, file, address));
    if (isWhole && isUntouched(state, recorded.after)) {
      const bytes = await contentOf(context, recorded.before);
      const mode = recorded.before.kind === 'file' ? recorded.before.mode : state.mode;
      state = { bytes, mode, folders: bytes === undefined ? recorded.folders : [] };
    } else state = await mergeBack(context, recorded, state);
  }
  const [newest] = history;
  if (!newest || isSame(snapshot, state)) return undefined;
  const real = await realFileOf(context.fs, file);
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

async function mergeBack(context: Undoing, recorded: RecordedFile, state: State): Promise<State> {
  const { file, format, changes } = recorded;
  // Newest first; what we put in goes first, so that its name is free again.
  const puts = changes.filter((change) => change.op === 'put').toReversed();
  const takes = changes.filter((change) => change.op === 'take').toReversed();
  if (state.bytes === undefined) return takes.length > 0 ? remade(context, recorded, takes, state) : state;
  const note = (server: string, message: string, rest: Pick<PlanNote, 'backup'> = {}): void => void context.notes.push({ file, server, message, ...rest });
  const edit = open(state.bytes, format);
  const beforeBytes = await contentOf(context, recorded.before);
  const before = beforeBytes && open(beforeBytes, format);
  const ours = puts.filter(({ address }) => !isStaying(context, file, address));
  for (const put of ours) {
    const { name } = put.address;
    const present = edit.find(put.address);
    if (!present || hashOfValue(present.value) === put.hash) continue;
    const written = ownKeysOf(present.value);
    if (!isOurs(present.value, put)) note(name, `"${name}" has been changed since it was put in: it stays.`);
    else if (written.length > 0) note(name, `"${name}" goes, and what is written about it here goes with it: ${written.join(', ')}.`);
  }
  // A list must not be without items in between, since some clients cannot read that: what we took comes first there.
  const isList = takes.some(({ address }) => address.by === 'name');
  if (!isList) takeOut(edit, ours);
  for (const { address, to } of before ? putBack(edit, before, takes) : []) {
    const isKept = to !== undefined && (await isRouted(context, to));
    if (isKept) context.stays.add(keyOf(to));
    const where = isKept ? `stays in ${path.basename(to.file)}` : 'is in the backup only';
    note(address.name, `There is another "${address.name}" now: it stays, and the one from before ${where}.`, backupOf(recorded));
  }
  if (isList) takeOut(edit, ours);
  if ((recorded.before.kind === 'missing' || recorded.isOurs) && edit.isEmpty) return { ...state, bytes: undefined, folders: recorded.folders };
  return { ...state, bytes: new TextEncoder().encode(edit.text) };
}

/** A file that has gone: as it was, where it held no other servers, else with those alone that are still routed. */
async function remade(context: Undoing, recorded: RecordedFile, takes: readonly Take[], state: State): Promise<State> {
  const { file, format, before } = recorded;
  const wanted: Take[] = [];
  for (const take of takes) if (take.to === undefined || (await isRouted(context, take.to))) wanted.push(take);
  const bytes = await contentOf(context, before);
  if (wanted.length === 0 || bytes === undefined) {
    context.notes.push({ file, message: 'It has been deleted since; it is not made again. Its backup is kept.', ...backupOf(recorded) });
    return state;
  }
  const mode = before.kind === 'file' ? before.mode : state.mode;
  const rest = open(bytes, format);
  for (const { address } of takes) rest.remove(address);
  if (wanted.length === takes.length && wanted.every(({ address }) => rest.isEmptyAt(address.container) !== false)) {
    context.notes.push({ file, message: 'It has been deleted since: it is made again, as it was.' });
    return { bytes, mode, folders: [] };
  }
  const [edit, old] = [new DocumentEdit('', format), open(bytes, format)];
  putBack(edit, old, wanted);
  for (const { address } of wanted) {
    const inputs = [...address.container.slice(0, -1), 'inputs'];
    for (const name of inputIdsIn(old.find(address)?.value)) {
      const input = { container: inputs, by: 'id', name } as const;
      const definition = old.find(input);
      if (definition && !edit.find(input)) edit.put(input, { kind: 'value', value: definition.value });
    }
  }
  const names = wanted.map(({ address }) => `"${address.name}"`).toReversed().join(', ');
  context.notes.push({ file, message: `It has been deleted since: it is made again with ${names}. What else it held is in its backup.`, ...backupOf(recorded) });
  return { bytes: new TextEncoder().encode(edit.text), mode, folders: [] };
}

/** Each after the one it stood behind; those whose neighbour does not come back go to the end. Gives those in whose place another one stands. */
function putBack(edit: DocumentEdit, before: DocumentEdit, takes: readonly Take[]): readonly Take[] {
  const waiting = takes.flatMap((take) => {
    const [fragment, found] = [before.fragment(take.address), before.find(take.address)];
    return fragment && found ? [{ take, fragment, value: found.value }] : [];
  });
  const barred: Take[] = [];
  while (waiting.length > 0) {
    const ready = waiting.findIndex(({ take, fragment }) => edit.hasPlaceFor(take.address, fragment));
    const [{ take, fragment, value }] = waiting.splice(Math.max(0, ready), 1) as [(typeof waiting)[number]];
    const present = edit.find(take.address);
    if (!present) edit.put(take.address, { kind: 'fragment', fragment, value });
    else if (hashOfValue(present.value) !== hashOfValue(value)) barred.push(take);
  }
  return barred;
}

/** Takes out what is still as we put it in, and the containers we made for it where they are empty then. */
function takeOut(edit: DocumentEdit, puts: readonly Put[]): void {
  // Servers before the inputs that they use: one that another server uses stays.
  for (const put of puts.toSorted((one, other) => Number(one.address.by === 'id') - Number(other.address.by === 'id'))) {
    const { address } = put;
    const present = edit.find(address);
    const isUsed = address.by === 'id' && edit.text.includes(`\${input:${address.name}}`);
    if (present && !isUsed && isOurs(present.value, put)) edit.remove(address);
  }
  for (const { address, made } of puts) {
    if (made === undefined || made < 1) continue;
    const path = address.container.slice(0, made);
    if (edit.isEmptyAt(path) !== true) continue;
    edit.remove({ container: path.slice(0, -1), by: 'key', name: path.at(-1) ?? '' });
  }
}

/** Is it what we put in? What was written about it since, and whether it was switched off, does not count. */
function isOurs(value: unknown, { hash, core }: Put): boolean {
  return hashOfValue(value) === hash || (core !== undefined && hashOfValue(withoutOwnKeys(value)) === core);
}

/** A file that cannot be looked at is left as it is by the undo: what was routed still stands in it. */
async function isRouted({ fs }: UndoContext, { file, name }: RoutedTo): Promise<boolean> {
  try {
    const snapshot = await snapshotOf(fs, file);
    return snapshot.kind === 'file' && open(snapshot.bytes, 'jsonc').find({ container: ['servers'], by: 'key', name }) !== undefined;
  } catch {
    return true;
  }
}

const keyOf = ({ file, name }: RoutedTo): string => `${file}\0${name}`;

function isStaying({ stays }: Undoing, file: string, { by, name }: Address): boolean {
  return by === 'key' && stays.has(keyOf({ file, name }));
}

function backupOf({ before }: RecordedFile): Pick<PlanNote, 'backup'> {
  return before.kind === 'file' && before.backup !== undefined ? { backup: before.backup } : {};
}

function open(bytes: Uint8Array, format: DocumentFormat): DocumentEdit {
  const reading = decode(bytes);
  if (reading.kind !== 'text') throw new EditError(reading.kind === 'unreadable' ? reading.message : 'It has gone');
  return new DocumentEdit(reading.text, format);
}
