/**
 * Owns how a run goes: checked, confirmed, sent, followed by progress, ended by its answer, by the person or by the loss
 * of its server. Invariant: a run that was started ends, whatever its server does, at the latest when it is cancelled.
 */
import { isRaw, type ArgumentCheck, type PlaygroundRun, type RunProgress, type RunRequest, type RunStart } from '../contract/playgroundRuns';
import type { CallStatus } from '../contract/traffic';
import { AppError } from '../util/errors';
import { argumentsOf, checkArguments, checkSyntax } from './arguments';
import { errorText } from './catalog';
import type { ServerConnection } from './connection';
import { canonicalText, memberElements, memberString, memberText } from './jsonText';
import { outgoingOf, ownToken } from './messages';
import type { PlaygroundOptions, StartRequest } from './ports';
import { PendingRun } from './pendingRun';
import type { Run, RunList } from './runList';
import type { Answer, PlaygroundSession } from './session';
import { TaskPoller, taskOf } from './taskPoller';

const MAX_MESSAGE = 2_000;
/** Of runs at a time. */
const MAX_ACTIVE = 50;

/** What is in flight for a run. */
interface Flight {
  readonly run: Run;
  readonly connection: ServerConnection;
  readonly session: PlaygroundSession;
  /** Ids of requests sent for it, the first one first. */
  readonly sent: string[];
  token: string | undefined;
  poller: TaskPoller | undefined;
}

export interface RunnerHooks {
  /** The run is over: nobody will answer what the server asked in its course. */
  onSettled(run: Run): void;
  /** The server wants URLs to be opened first (-32042). */
  onUrlsRequired(connection: ServerConnection, error: string, sent: string | undefined): void;
}

export class Runner {
  readonly #flights = new Map<string, Flight>();
  /** Not sent yet. */
  readonly #pending = new Set<PendingRun>();
  /** Definitions the person will not be asked about again. */
  readonly #trusted = new Set<string>();
  /** Ids of requests that the gateway has answered itself. */
  readonly #ownAnswers = new Set<string>();

  constructor(
    private readonly options: PlaygroundOptions,
    private readonly runs: RunList,
    private readonly hooks: RunnerHooks,
  ) {}

  /**
   * Starts a run where everything allows it. Rejects with a user-facing AppError where the server cannot be reached.
   * `onListed`: the run can be seen and cancelled from now on, maybe long before it is sent.
   */
  async start(connection: ServerConnection, request: StartRequest, origin: PlaygroundRun['origin'], onListed: (run: string) => void = () => undefined): Promise<RunStart> {
    const { target, argumentsText } = request;
    const syntax: ArgumentCheck = isRaw(target.kind) && argumentsText.trim() === '' ? { kind: 'ok' } : checkSyntax(argumentsOf(argumentsText), isRaw(target.kind));
    if (syntax.kind !== 'ok') return { kind: 'invalid', check: syntax };
    if (this.#flights.size + this.#pending.size >= MAX_ACTIVE) throw new AppError('query.invalid', `${MAX_ACTIVE} runs are under way; cancel one first.`);
    const pending = new PendingRun(connection, this.runs, request, origin, onListed);
    this.#pending.add(pending);
    try {
      return await this.#begin(pending, request);
    } catch (error) {
      const run = pending.cancelledBy(error);
      if (run === undefined) throw error;
      return { kind: 'started', run };
    } finally {
      this.#pending.delete(pending);
      pending.end();
    }
  }

  async #begin(pending: PendingRun, request: StartRequest): Promise<RunStart> {
    const { connection } = pending;
    const { target, argumentsText, sendAnyway, isAgreed = false } = request;
    const connected = (): Promise<PlaygroundSession> =>
      connection.hasToConnect ? pending.wait('server', connection.connected()) : pending.unlessCancelled(connection.connected());
    await connected();
    const isListNeeded = !isRaw(target.kind) || target.name === 'tools/call';
    if (isListNeeded && !connection.isListed) await pending.wait('lists', connection.listed());
    const definition = isRaw(target.kind) ? undefined : connection.definition(target.kind, target.name);
    if (definition && !sendAnyway) {
      const check = await pending.unlessCancelled(checkArguments(definition.target.kind, argumentsText, definition.inputSchema, this.options.checkSchema));
      if (check.kind === 'problems' || check.kind === 'syntax') return { kind: 'invalid', check };
    }
    if (!isAgreed && !(await pending.unlessCancelled(this.#confirmed(connection, request)))) return { kind: 'declined' };

    // MCP 2025-11-25, tasks: only where the server has said that it may, for calls as such and for this tool.
    const task = connection.can.tasks ? definition?.item.task : undefined;
    const asTask = task === 'required' || (task === 'optional' && request.asTask);
    // Anew: the question may have stood there for a long time.
    const session = await connected();
    const run = pending.send(asTask);
    run.outputSchema = definition?.outputSchema;
    this.#send(run, connection, session);
    return { kind: 'started', run: run.state.id };
  }

  async #confirmed({ name: server, catalog }: ServerConnection, { target, argumentsText }: RunRequest): Promise<boolean> {
    const isRawCall = target.kind === 'request' && target.name === 'tools/call';
    if (target.kind !== 'tool' && !isRawCall) return true;
    const tool = isRawCall ? (memberString(argumentsText, 'name') ?? '') : target.name;
    const entry = catalog.find('tool', tool);
    const hints = entry?.item.hints;
    const policy = this.options.confirmPolicy();
    // What nobody has described may do anything.
    const isDestructive = hints?.isDestructive ?? true;
    const isReadOnly = hints?.isReadOnly ?? false;
    const asks = policy === 'always' || (policy === 'notReadOnly' ? !isReadOnly : isDestructive);
    // A changed definition is another tool.
    const key = JSON.stringify([server, tool, entry?.text ?? '']);
    if (!asks || this.#trusted.has(key)) return true;
    const why = isDestructive ? 'destructive' : isReadOnly ? 'always' : 'notReadOnly';
    const choice = await this.options.person.confirm({ server, tool, argumentsText: argumentsOf(argumentsText), why });
    if (choice === 'always') this.#trusted.add(key);
    return choice !== 'no';
  }

  #send(run: Run, connection: ServerConnection, session: PlaygroundSession): void {
    const { request, state } = run;
    const flight: Flight = { run, connection, session, sent: [], token: JSON.stringify(state.id), poller: undefined };
    this.#flights.set(state.id, flight);
    try {
      const out = outgoingOf(request, flight.token!);
      if (request.target.kind === 'notification') {
        session.notify(out.method, out.params);
        this.#settle(flight, { status: 'ok' });
        return;
      }
      if (request.target.kind === 'request') flight.token = canonicalText(ownToken(out));
      const sent = session.request(out.method, out.params);
      flight.sent.push(sent.id);
      void sent.answer.then((answer) => this.#answered(flight, answer));
    } catch (error) {
      this.#settle(flight, { status: 'error', message: error instanceof Error ? error.message : String(error) });
    }
  }

  #answered(flight: Flight, answer: Answer): void {
    const { run, session } = flight;
    if (run.state.status !== 'running') return;
    const task = run.request.asTask && answer.kind === 'result' ? taskOf(memberText(answer.text, 'task')) : undefined;
    if (!task) {
      this.#ended(flight, answer);
      return;
    }
    const { clock } = this.options;
    const poller = new TaskPoller(task, {
      session,
      clock,
      onStatus: (status) => this.runs.update(run, { task: status }),
      onSent: (id) => flight.sent.push(id),
    });
    flight.poller = poller;
    void poller.follow().then((given) => this.#ended(flight, given));
  }

  #ended(flight: Flight, answer: Answer): void {
    const { connection, run } = flight;
    const { kind, text } = answer;
    if (kind === 'result') {
      const isToolError = run.request.target.kind !== 'prompt' && memberText(text, 'isError') === 'true';
      const message = isToolError ? firstText(text) : undefined;
      this.#settle(flight, { status: isToolError ? 'toolError' : 'ok', ...(message === undefined ? {} : { message }) }, answer);
      return;
    }
    const isOwn = kind === 'error' && flight.sent.some((id) => this.#ownAnswers.delete(id));
    const status: CallStatus = kind === 'lost' || isOwn ? 'transportError' : run.state.task?.status === 'cancelled' ? 'cancelled' : 'error';
    const message = kind === 'lost' ? text.slice(0, MAX_MESSAGE) : errorText(text);
    const stderr = status === 'transportError' && connection.stderr.length > 0 ? { stderr: connection.stderr } : {};
    this.#settle(flight, { status, message, ...stderr }, kind === 'lost' ? undefined : answer);
    if (kind === 'error' && memberText(text, 'code') === '-32042') this.hooks.onUrlsRequired(connection, text, flight.sent.at(0));
  }

  #settle(flight: Flight, change: Partial<PlaygroundRun> & Pick<PlaygroundRun, 'status'>, answer?: Answer): void {
    const { run, poller, sent } = flight;
    poller?.dispose();
    this.#flights.delete(run.state.id);
    for (const id of sent) this.#ownAnswers.delete(id);
    if (this.runs.settle(run, change, answer)) this.hooks.onSettled(run);
  }

  /** Ends a run here at once; the server is told, and whether it listens does not matter. */
  cancel(id: string): void {
    const reason = 'The user cancelled the run.';
    const flight = this.#flights.get(id);
    if (!flight) {
      for (const pending of this.#pending) if (pending.id === id) pending.cancel(reason);
      return;
    }
    const { session, sent, poller } = flight;
    // A task has its own way to be cancelled, and its creation is answered already.
    if (poller) session.forget(session.request('tasks/cancel', JSON.stringify({ taskId: poller.id })).id);
    const last = sent.at(-1);
    if (last !== undefined && !(poller && sent.length === 1)) session.notify('notifications/cancelled', `{"requestId":${last},"reason":${JSON.stringify(reason)}}`);
    for (const request of sent) session.forget(request);
    this.#settle(flight, { status: 'cancelled', message: reason });
  }

  /** The user has ended the connection: what waits for it is not sent by another one. */
  disconnected(connection: ServerConnection): void {
    for (const pending of this.#pending) if (pending.connection === connection) pending.cancel(`The connection to "${connection.name}" was ended before the run was sent.`);
  }

  /** The run a request of ours belongs to; without one, the only run on its server. */
  runOf(server: string, sent: string | undefined): string | undefined {
    const here = [...this.#flights.values()].filter(({ connection }) => connection.name === server);
    if (sent !== undefined) return here.find((flight) => flight.sent.includes(sent))?.run.state.id;
    return here.length === 1 ? here[0]?.run.state.id : undefined;
  }

  progress(connection: ServerConnection, params: string): void {
    const token = canonicalText(memberText(params, 'progressToken'));
    const flight = [...this.#flights.values()].find((one) => one.connection === connection && one.token !== undefined && one.token === token);
    const progress = progressOf(params);
    if (flight && progress) this.runs.update(flight.run, { progress });
  }

  taskStatus(connection: ServerConnection, params: string): void {
    for (const flight of this.#flights.values()) if (flight.connection === connection) flight.poller?.told(params);
  }

  answeredByGateway(id: string): void {
    if ([...this.#flights.values()].some(({ sent }) => sent.includes(id))) this.#ownAnswers.add(id);
  }

  /** The run whose first request has this id. */
  runByRequest(id: string): Run | undefined {
    return [...this.#flights.values()].find(({ sent }) => sent[0] === id)?.run;
  }

  isBusy(connection: ServerConnection): boolean {
    return [...this.#flights.values(), ...this.#pending].some((one) => one.connection === connection);
  }
}

function progressOf(params: string): RunProgress | undefined {
  const number = (name: string): number => Number(memberText(params, name) ?? Number.NaN);
  const progress = number('progress');
  const total = number('total');
  if (!Number.isFinite(progress)) return undefined;
  const message = memberString(params, 'message')?.slice(0, MAX_MESSAGE);
  return { progress, ...(Number.isFinite(total) ? { total } : {}), ...(message === undefined ? {} : { message }) };
}

/** First text content of a tool's result. */
function firstText(result: string): string | undefined {
  for (const block of memberElements(result, 'content')) {
    const text = memberString(block, 'text');
    if (text !== undefined) return text.slice(0, MAX_MESSAGE);
  }
  return undefined;
}
