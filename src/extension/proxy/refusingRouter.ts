/** Owns a session on `/mcp/<server>` with a server that may not run: every request is answered with why. */
import type { Recorder } from '../capture/types';
import { BLOCKED_BY_POLICY, errorFrame } from '../mcp/messages';
import { rawText } from '../mcp/spans';
import type { DownstreamSession, SessionRouter } from './downstreamSession';
import { ownMessage, type Frame } from './frame';
import type { PostExchange } from './postExchange';

export class RefusingRouter implements SessionRouter {
  constructor(
    private readonly session: DownstreamSession,
    private readonly server: string,
    private readonly message: string,
    private readonly recorder: Recorder,
  ) {}

  receive(frame: Frame, exchange: PostExchange | undefined): void {
    const { envelope } = frame;
    if (envelope.kind !== 'request' || !exchange) return;
    const { server, message, session } = this;
    this.recorder.event({
      type: 'policy.blocked',
      session: session.storeId,
      server,
      data: { method: envelope.method?.slice(0, 200), rule: 'server', frame: frame.number },
    });
    const data = { blockedBy: 'mcp-shark', rule: 'server', server };
    const bytes = errorFrame(rawText(frame.bytes, envelope.idSpan!), BLOCKED_BY_POLICY, message, data);
    session.answer(exchange, envelope.id!, ownMessage(bytes, server, frame.number));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
