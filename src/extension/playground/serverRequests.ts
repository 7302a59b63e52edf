/**
 * Owns what servers ask of the client: sampling and elicitation wait for the person, everything else is answered at once.
 * Invariants: every request is answered exactly once, or not at all where the server took it back; no more than a bounded
 * number waits; nothing waits once nobody can answer it.
 */
import type { Root } from '../contract/playground';
import type { FormAnswer, SamplingAnswer, ServerRequest } from '../contract/playgroundRequests';
import type { ArgumentCheck } from '../contract/playgroundRuns';
import { MAX_SHOWN_PARAMS } from '../contract/playgroundRequests';
import { INVALID_PARAMS, METHOD_NOT_FOUND } from '../mcp/messages';
import type { Clock } from '../util/clock';
import { AppError } from '../util/errors';
import { checkSyntax, fromSchemaCheck } from './arguments';
import { ClientTasks, type Reply } from './clientTasks';
import { memberElements, memberString, memberText } from './jsonText';
import type { CheckSchema, Person } from './ports';
import { samplingPromptOf, samplingResult, sizeOf } from './sampling';
import type { PlaygroundSession, ReceivedRequest } from './session';

/** Waiting requests of one server; a server that asks for more is refused. */
const MAX_WAITING = 20;
const REFUSED = -1;
const MAX_TEXT = 10_000;
const MAX_URL = 10_000;

interface Waiting {
  card: ServerRequest;
  /** Of `sampling/createMessage`, whole. */
  readonly params: string;
  /** JSON-RPC id; absent where the server does not wait (a URL that an error asked for). */
  readonly rpcId: string | undefined;
  readonly elicitationId: string | undefined;
  readonly reply: (reply: Reply) => void;
  isAnswered: boolean;
}

export interface RequestContext {
  readonly server: string;
  readonly session: () => PlaygroundSession | undefined;
  /** The run that this request of ours belongs to. */
  readonly runOf: (stream: string | undefined) => string | undefined;
}

export interface ServerRequestsOptions {
  readonly clock: Clock;
  readonly checkSchema: CheckSchema;
  readonly person: Pick<Person, 'openUrl'>;
  readonly roots: () => readonly Root[];
  readonly onChange: () => void;
}

/** What all servers ask, oldest first. */
export class ServerRequests {
  readonly #waiting = new Map<string, Waiting>();
  readonly #tasks = new WeakMap<PlaygroundSession, ClientTasks>();
  #number = 0;

  constructor(private readonly options: ServerRequestsOptions) {}

  get cards(): readonly ServerRequest[] {
    return [...this.#waiting.values()].map(({ card }) => card);
  }

  /** Params of a sampling request that waits. Throws `notFound`. */
  samplingParams(id: string): string {
    return this.#find(id, 'sampling').params;
  }

  receive(context: RequestContext, request: ReceivedRequest): void {
    const session = context.session();
    if (!session) return;
    const { id, method, params } = request;
    const respond = (reply: Reply): void => {
      if ('result' in reply) session.respond(id, reply.result);
      else session.respondError(id, reply.code, reply.message);
    };
    switch (method) {
      case 'ping':
        respond({ result: '{}' });
        return;
      case 'roots/list':
        respond({ result: JSON.stringify({ roots: this.options.roots() }) });
        return;
      case 'sampling/createMessage':
      case 'elicitation/create':
        this.#ask(context, session, request, respond);
        return;
      default:
        if (this.#tasksOf(session).answer(method, params, respond)) return;
        respond({ code: METHOD_NOT_FOUND, message: `The Playground does not know "${method.slice(0, 200)}".` });
    }
  }

  #tasksOf(session: PlaygroundSession): ClientTasks {
    let tasks = this.#tasks.get(session);
    if (!tasks) this.#tasks.set(session, (tasks = new ClientTasks(this.options.clock)));
    return tasks;
  }

  #ask(context: RequestContext, session: PlaygroundSession, request: ReceivedRequest, respond: (reply: Reply) => void): void {
    const { id: rpcId, method, params } = request;
    if (this.#waitingOf(context.server).length >= MAX_WAITING) {
      respond({ code: REFUSED, message: `Too many requests wait for the user (${MAX_WAITING}).` });
      return;
    }
    const base = this.#base(context, request);
    const card = method === 'elicitation/create' ? elicitationCard(base, params) : samplingCard(base, params);
    if (!card) {
      respond({ code: INVALID_PARAMS, message: `The params of ${method} are not as the specification says.` });
      return;
    }
    let reply = respond;
    const ttl = memberText(params, 'task');
    if (ttl !== undefined) {
      const tasks = this.#tasksOf(session);
      const task = tasks.create(Number(memberText(params, 'task', 'ttl') ?? Number.NaN), () => this.#drop(card.id));
      if (!task) {
        respond({ code: REFUSED, message: 'Too many tasks are open.' });
        return;
      }
      respond({ result: task.result });
      reply = (given) => tasks.finish(task.id, given);
    }
    const elicitationId = memberString(params, 'elicitationId');
    this.#waiting.set(card.id, { card, params, rpcId, elicitationId, reply, isAnswered: false });
    this.options.onChange();
  }

  #base(context: RequestContext, { params, stream }: Pick<ReceivedRequest, 'params' | 'stream'>): Base {
    const run = context.runOf(stream);
    return {
      id: `request-${++this.#number}`,
      server: context.server,
      ...(run === undefined ? {} : { run }),
      receivedMs: this.options.clock.wallMs(),
      paramsText: params.slice(0, MAX_SHOWN_PARAMS),
    };
  }

  /** URLs that an error asks to be opened before the call is made again (URLElicitationRequiredError, -32042). */
  urlsRequired(context: RequestContext, errorJson: string, stream: string | undefined): void {
    for (const params of memberElements(errorJson, 'data', 'elicitations').slice(0, MAX_WAITING)) {
      if (this.#waitingOf(context.server).length >= MAX_WAITING) return;
      const card = elicitationCard(this.#base(context, { params, stream }), params);
      if (card?.kind !== 'url') continue;
      const elicitationId = memberString(params, 'elicitationId');
      this.#waiting.set(card.id, { card, params, rpcId: undefined, elicitationId, reply: () => undefined, isAnswered: false });
      this.options.onChange();
    }
  }

  /** `notifications/cancelled` of the server: it wants no answer any more. */
  cancelledByServer(server: string, params: string): void {
    const rpcId = memberText(params, 'requestId');
    for (const { card, rpcId: own } of this.#waitingOf(server)) if (own !== undefined && own === rpcId) this.#drop(card.id);
  }

  /** `notifications/elicitation/complete`: what the URL was for is done. */
  completed(server: string, params: string): void {
    const id = memberString(params, 'elicitationId');
    for (const { card, elicitationId, isAnswered } of this.#waitingOf(server)) {
      if (id !== undefined && elicitationId === id && isAnswered) this.#drop(card.id);
    }
  }

  async answerSampling(id: string, answer: SamplingAnswer): Promise<ArgumentCheck> {
    const waiting = this.#find(id, 'sampling');
    switch (answer.kind) {
      case 'decline':
        this.#answer(waiting, { code: REFUSED, message: 'User rejected sampling request' });
        return { kind: 'ok' };
      case 'text':
        this.#answer(waiting, { result: samplingResult(answer.draft) });
        return { kind: 'ok' };
      case 'result': {
        const check = checkSyntax(answer.text);
        if (check.kind === 'ok') this.#answer(waiting, { result: answer.text });
        return check;
      }
    }
  }

  async answerForm(id: string, answer: FormAnswer): Promise<ArgumentCheck> {
    const waiting = this.#find(id, 'form');
    if (answer.kind !== 'accept') {
      this.#answer(waiting, { result: `{"action":"${answer.kind}"}` });
      return { kind: 'ok' };
    }
    const syntax = checkSyntax(answer.contentText);
    if (syntax.kind !== 'ok') return syntax;
    if (!answer.sendAnyway && waiting.card.kind === 'form') {
      const check = fromSchemaCheck(await this.options.checkSchema(waiting.card.schema, answer.contentText));
      if (check.kind === 'problems') return check;
    }
    // It may have been taken back while it was checked.
    if (this.#waiting.has(id)) this.#answer(waiting, { result: `{"action":"accept","content":${answer.contentText}}` });
    return { kind: 'ok' };
  }

  async answerUrl(id: string, answer: 'open' | 'decline' | 'cancel'): Promise<void> {
    const waiting = this.#find(id, 'url');
    const { card } = waiting;
    if (card.kind !== 'url') return;
    if (answer !== 'open' || card.isOpened) {
      if (card.isOpened) this.#drop(id);
      else this.#answer(waiting, { result: `{"action":"${answer}"}` });
      return;
    }
    if (card.host === undefined) throw new AppError('query.invalid', 'Only http and https addresses are opened; decline this one.');
    // While the person was asked it may have been taken back, or opened by a second press.
    if (!(await this.options.person.openUrl(card.server, card.url, card.message)) || !this.#waiting.has(id) || waiting.isAnswered) return;
    waiting.isAnswered = true;
    waiting.card = { ...card, isOpened: true };
    waiting.reply({ result: '{"action":"accept"}' });
    this.options.onChange();
  }

  /** Nobody will answer: the view is closed, the run was cancelled, the session is over (then nothing is sent). */
  cancelAll(matches: (card: ServerRequest) => boolean, isSessionOver = false): void {
    for (const waiting of [...this.#waiting.values()]) {
      if (!matches(waiting.card)) continue;
      if (isSessionOver || waiting.isAnswered) this.#drop(waiting.card.id);
      else if (waiting.card.kind === 'sampling') this.#answer(waiting, { code: REFUSED, message: 'User rejected sampling request' });
      else this.#answer(waiting, { result: '{"action":"cancel"}' });
    }
  }

  #answer(waiting: Waiting, reply: Reply): void {
    this.#drop(waiting.card.id);
    waiting.reply(reply);
  }

  #drop(id: string): void {
    if (this.#waiting.delete(id)) this.options.onChange();
  }

  #waitingOf(server: string): Waiting[] {
    return [...this.#waiting.values()].filter(({ card }) => card.server === server);
  }

  #find(id: string, kind: ServerRequest['kind']): Waiting {
    const waiting = this.#waiting.get(id);
    if (!waiting || waiting.card.kind !== kind) throw new AppError('notFound', 'The server no longer waits for this answer.');
    return waiting;
  }
}

type Base = Pick<ServerRequest, 'id' | 'server' | 'run' | 'receivedMs' | 'paramsText'>;

function samplingCard(base: Base, params: string): ServerRequest | undefined {
  if (memberText(params, 'messages') === undefined) return undefined;
  return { ...base, kind: 'sampling', size: sizeOf(samplingPromptOf(params).messages) };
}

function elicitationCard(base: Base, params: string): ServerRequest | undefined {
  const message = memberString(params, 'message')?.slice(0, MAX_TEXT) ?? '';
  if (memberString(params, 'mode') === 'url') {
    const url = memberString(params, 'url');
    if (url === undefined || url.length > MAX_URL) return undefined;
    const host = hostOf(url);
    return { ...base, kind: 'url', message, url, ...(host === undefined ? {} : { host }), isOpened: false };
  }
  const schema = memberText(params, 'requestedSchema');
  // A form is drawn from the whole schema or not at all.
  return schema === undefined || schema.length > MAX_SHOWN_PARAMS ? undefined : { ...base, kind: 'form', message, schema };
}

/** The host a browser would go to; `undefined` where the URL is none that is opened. */
export function hostOf(url: string): string | undefined {
  const parsed = URL.parse(url);
  return parsed && (parsed.protocol === 'https:' || parsed.protocol === 'http:') ? parsed.host : undefined;
}
