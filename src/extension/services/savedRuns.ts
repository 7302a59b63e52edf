/**
 * Owns starting what was saved or recorded: variables are filled in, from the file of the call or by the person, and the run
 * is shown from the moment it is listed, so that one that hangs can be seen and cancelled.
 */
import type { PlaygroundRun, RunRequest, RunStart, RunTarget } from '../contract/playgroundRuns';
import type { Playground } from '../playground/playground';
import type { Person, StartRequest } from '../playground/ports';
import type { SavedCalls } from '../playground/savedCalls';
import { fillJson, fillText, variablesIn } from '../playground/variables';

export interface RunParts {
  readonly playground: Pick<Playground, 'start' | 'open'>;
  readonly saved: Pick<SavedCalls, 'find' | 'files'>;
  readonly person: Pick<Person, 'variable'>;
  /** Shows the view; it draws what `Playground.open` says. Absent: the view itself is asking. */
  readonly editor?: { reveal(): Promise<void> };
}

type Call = Pick<RunRequest, 'target' | 'argumentsText'>;

/** Fills in a saved call's variables, asking for those without a value, and starts it. */
export async function runSaved(parts: RunParts, id: string): Promise<RunStart> {
  const { call, variables } = await parts.saved.find(id);
  const filled = await fill(parts.person, call, variables, call.name);
  return filled ? startShown(parts, { ...filled, sendAnyway: false, asTask: call.asTask === true }, 'saved') : { kind: 'declined' };
}

/** Starts what the view asks for. What was loaded from a saved call has its variables filled in as they are now. */
export async function startRequest({ playground, saved, person }: Omit<RunParts, 'editor'>, { saved: place, ...request }: RunRequest): Promise<RunStart> {
  if (!place) return playground.start(request);
  const file = (await saved.files()).find(({ path }) => path === place.file);
  const filled = await fill(person, request, file?.variables ?? {}, place.name);
  return filled ? playground.start({ ...request, ...filled }, 'saved') : { kind: 'declined' };
}

/** Starts a run and has the view show it, or the arguments that were not sent. */
export async function startShown({ playground, editor }: Pick<RunParts, 'playground' | 'editor'>, request: StartRequest, origin: PlaygroundRun['origin']): Promise<RunStart> {
  const { target, argumentsText } = request;
  const show = async (run?: string): Promise<void> => {
    playground.open(target, argumentsText, run);
    await editor?.reveal();
  };
  const start = await playground.start(request, origin, (run) => void show(run));
  // What does not fit is shown in the form, where it can be corrected.
  if (start.kind === 'invalid') await show();
  return start;
}

/** With values in the place of variables; `undefined`: the person gave none. */
async function fill(person: Pick<Person, 'variable'>, { target, argumentsText }: Call, known: Readonly<Record<string, string>>, call: string): Promise<Call | undefined> {
  const values = new Map<string, string>();
  for (const name of variablesIn(target.server, target.name, argumentsText)) {
    const value = Object.hasOwn(known, name) ? known[name] : await person.variable(name, call);
    if (value === undefined) return undefined;
    values.set(name, value);
  }
  const filled: RunTarget = { ...target, server: fillText(target.server, values), name: fillText(target.name, values) };
  return { target: filled, argumentsText: fillJson(argumentsText, values) };
}
