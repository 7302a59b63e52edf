/** Owns `logging/setLevel` on the aggregate: told to all servers that log, now or later, and answered as they answer. */
import { INVALID_PARAMS, METHOD_NOT_FOUND } from '../mcp/messages';
import { decodeString, findMember, rawText } from '../mcp/spans';
import type { Clock } from '../util/clock';
import type { AggregateServers } from './aggregateServers';
import { verbatim, type Frame } from './frame';
import { settledWithin, type Grace } from './grace';
import type { Pending } from './inFlight';
import type { OpenRequest, OpenRequests } from './openRequests';
import type { UpstreamConnection } from './upstreamConnection';

/** MCP 2025-11-25, logging: the levels of RFC 5424. */
const LEVELS: ReadonlySet<string | undefined> = new Set(['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']);

export interface LogLevelDeps {
  readonly servers: AggregateServers;
  readonly open: OpenRequests;
  readonly grace: Grace;
  readonly clock: Clock;
  readonly pending: (request: OpenRequest, onAnswer: Pending['onAnswer'], onLost: Pending['onLost']) => Pending;
  /** Sends the request to one server, whose answer is the client's. */
  readonly forward: (request: OpenRequest, connection: UpstreamConnection, accept: (answer: Frame) => boolean) => void;
}

export async function setLogLevel(request: OpenRequest, deps: LogLevelDeps): Promise<void> {
  const { servers, open } = deps;
  const { frame } = request;
  const { bytes, envelope } = frame;
  const targets = servers.connections.filter((one) => one.isReady && one.hasCapability('logging'));
  if (targets.length === 0) {
    const level = decodeString(bytes, findMember(bytes, envelope.paramsSpan, 'level'));
    // It may be declared for servers that are not there yet.
    if (!servers.declares('logging')) open.fail(frame, METHOD_NOT_FOUND, 'No server sends log messages');
    else if (!LEVELS.has(level)) open.fail(frame, INVALID_PARAMS, `Unknown log level: ${level ?? 'none'}`);
    else {
      servers.logLevel = rawText(bytes, envelope.paramsSpan!);
      open.answerOwn(frame, '{}');
    }
    return;
  }
  // At once: a server that comes while the others are being told must hear it too.
  const before = servers.logLevel;
  const now = envelope.paramsSpan && rawText(bytes, envelope.paramsSpan);
  servers.logLevel = now;
  const isRefused = (): void => {
    if (servers.logLevel === now) servers.logLevel = before;
  };
  if (targets.length === 1) {
    deps.forward(request, targets[0]!, (answer) => {
      if (answer.envelope.kind === 'error') isRefused();
      return true;
    });
    return;
  }
  const told = new Set(targets);
  request.onCancelled = (cancelled) => {
    for (const connection of told) {
      connection.send(verbatim(cancelled, connection.name, frame.number));
      connection.forget(envelope.id!);
    }
  };
  const jobs = targets.map(
    (connection) =>
      new Promise<Frame>((resolve, reject) => {
        const isTold = (): void => void told.delete(connection);
        const pending = deps.pending(
          request,
          (answer) => {
            isTold();
            resolve(answer);
          },
          (message) => {
            isTold();
            reject(new Error(message));
          },
        );
        connection.send(verbatim(frame, connection.name), pending);
      }),
  );
  const answers = await settledWithin(jobs, deps.grace, deps.clock);
  const refusing = answers.findIndex((answer) => answer !== undefined);
  if (refusing < 0 || answers.some((answer) => answer?.envelope.kind === 'result')) {
    open.answerOwn(frame, '{}');
    return;
  }
  isRefused();
  open.answer(frame, verbatim(answers[refusing]!, targets[refusing]!.name));
}
