/**
 * Owns a Playground for tests: real gateway, real servers, a person who answers as told, memory that lasts as long as the
 * test. `settled` and `until` wait for what the state says.
 */
import type { PlaygroundState } from '../../../src/extension/contract/playground';
import type { ServerRequest } from '../../../src/extension/contract/playgroundRequests';
import type { PlaygroundRun, RunRequest, RunTarget } from '../../../src/extension/contract/playgroundRuns';
import { createRedactor } from '../../../src/extension/capture/redactor';
import { Playground } from '../../../src/extension/playground/playground';
import type { Confirmation, Person, PlaygroundOptions, WorldServer } from '../../../src/extension/playground/ports';
import { PlaygroundTap } from '../../../src/extension/playground/tap';
import type { ConfiguredServer } from '../../../src/extension/servers/types';
import { systemClock } from '../../../src/extension/util/clock';
import { Emitter } from '../../../src/extension/util/event';
import { nullLogger } from '../../../src/extension/util/logger';
import { check } from '../../../src/extension/validation/check';
import { startGateway, type GatewayFixture } from '../gateway/gatewayFixture';
import { MemoryRecorder } from '../gateway/memoryRecorder';
import { eventually } from '../gateway/waiting';

export const PLAYGROUND_TOKEN = 'a-token-of-the-playground';

export class FakePerson implements Person {
  readonly asked: Confirmation[] = [];
  readonly opened: string[] = [];
  confirmation: 'once' | 'always' | 'no' = 'once';
  opensUrls = true;
  readonly values = new Map<string, string>();

  async confirm(question: Confirmation): Promise<'once' | 'always' | 'no'> {
    this.asked.push(question);
    return this.confirmation;
  }
  async models(): Promise<[]> {
    return [];
  }
  async ask(): Promise<never> {
    throw new Error('There is no model.');
  }
  async openUrl(_server: string, url: string): Promise<boolean> {
    if (this.opensUrls) this.opened.push(url);
    return this.opensUrls;
  }
  async variable(name: string): Promise<string | undefined> {
    return this.values.get(name);
  }
}

export interface PlaygroundFixture {
  readonly playground: Playground;
  readonly person: FakePerson;
  readonly recorder: MemoryRecorder;
  readonly memory: Map<string, unknown>;
  readonly gateway: GatewayFixture;
  /** Servers as the Playground sees them; changed by `setServers`. */
  setServers(servers: readonly ConfiguredServer[], unavailable?: Readonly<Record<string, WorldServer['unavailable']>>): void;
  /** As `setServers`, but who follows the world has not heard of it before `tell`. */
  changeServers(servers: readonly ConfiguredServer[]): void;
  /** Has the endpoint come or go; who follows the world hears of it with `tell`, as late as the test likes. */
  setListening(on: boolean): void;
  tell(): void;
  /** Connects and waits until the lists are read. */
  connect(server: string): Promise<void>;
  until<T>(what: string, look: (state: PlaygroundState) => T | undefined | false): Promise<T>;
  /** Starts a run; fails where it is not started. */
  start(target: RunTarget, args?: unknown, more?: Partial<RunRequest>): Promise<string>;
  /** Starts a run and waits for its end. */
  run(target: RunTarget, args?: unknown, more?: Partial<RunRequest>): Promise<PlaygroundRun>;
  settled(run: string): Promise<PlaygroundRun>;
  /** The result of a settled run, parsed. */
  result(run: string): Promise<Record<string, unknown>>;
  request<K extends ServerRequest['kind']>(kind: K): Promise<Extract<ServerRequest, { kind: K }>>;
  close(): Promise<void>;
}

export async function startPlayground(servers: readonly ConfiguredServer[], options: Partial<PlaygroundOptions> = {}): Promise<PlaygroundFixture> {
  const tap = new PlaygroundTap();
  const recorder = new MemoryRecorder();
  const gateway = await startGateway(servers, { playgroundToken: PLAYGROUND_TOKEN, recorder: tap.wrap(recorder), lazyMs: 20 });
  const changed = new Emitter<void>();
  let seen: readonly WorldServer[] = servers;
  let isListening = true;
  const person = new FakePerson();
  const memory = new Map<string, unknown>();
  const redactor = createRedactor();
  const playground = new Playground(
    {
      world: {
        get endpoint() {
          return isListening ? { url: `${gateway.url}/mcp`, token: PLAYGROUND_TOKEN } : undefined;
        },
        obstacle: undefined,
        get servers() {
          return seen;
        },
        onDidChange: changed.event,
      },
      calls: { callId: async (frame) => `writer/${frame}`, row: async () => undefined, lastUses: async () => [], onDidRecord: () => ({ dispose: () => undefined }) },
      person,
      memory: { get: (key) => memory.get(key), set: async (key, value) => void memory.set(key, value) },
      checkSchema: async (schema, value) => check(schema, value),
      confirmPolicy: () => 'destructive',
      redact: (text) => Buffer.from(redactor.body(Buffer.from(text)).bytes).toString(),
      folders: () => [{ uri: 'file:///project', name: 'project' }],
      version: '9.9.9',
      clock: systemClock,
      logger: nullLogger,
      ...options,
    },
    tap,
  );
  playground.viewOpened();
  const until: PlaygroundFixture['until'] = (what, look) => eventually(what, () => look(playground.state), 20_000);
  const settled = (id: string): Promise<PlaygroundRun> =>
    until(`the end of ${id}`, ({ runs }) => runs.find((run) => run.id === id && run.status !== 'running'));
  const start: PlaygroundFixture['start'] = async (target, args, more = {}) => {
    const argumentsText = args === undefined ? '' : typeof args === 'string' ? args : JSON.stringify(args);
    const started = await playground.start({ target, argumentsText, sendAnyway: false, asTask: false, ...more });
    if (started.kind !== 'started') throw new Error(`The run was not started: ${JSON.stringify(started)}`);
    return started.run;
  };
  return {
    playground,
    person,
    recorder,
    memory,
    gateway,
    setServers(next, unavailable = {}) {
      seen = next.map((server) => ({ ...server, ...(unavailable[server.name] ? { unavailable: unavailable[server.name] } : {}) }));
      gateway.gateway.setServers(next);
      changed.fire();
    },
    changeServers(next) {
      seen = next;
      gateway.gateway.setServers(next);
    },
    setListening: (on) => void (isListening = on),
    tell: () => changed.fire(),
    async connect(server) {
      await playground.connect(server);
      await until(`the lists of ${server}`, ({ servers: list }) => list.some(({ name, revision, connection }) => name === server && (revision > 0 || connection.kind === 'failed')));
    },
    until,
    start,
    settled,
    run: async (target, args, more) => settled(await start(target, args, more)),
    result: async (run) => JSON.parse((await playground.result(run))?.text ?? 'null') as Record<string, unknown>,
    request: async (kind) => (await until(`a ${kind} request`, ({ requests }) => requests.find((one) => one.kind === kind))) as never,
    async close() {
      playground.dispose();
      await gateway.close();
    },
  };
}

/** All text contents of a result. */
export function textsOf(result: Record<string, unknown>): string {
  const blocks = (result['content'] ?? []) as { text?: string }[];
  return blocks.map(({ text }) => text ?? '').join('\n');
}

export const tool = (server: string, name: string): RunTarget => ({ server, kind: 'tool', name });
