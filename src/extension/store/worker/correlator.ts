/**
 * Owns making calls of frames: which answer belongs to which request, on both legs, and how the call ended. Pure and
 * deterministic: the same journal entries in the same order always give the same calls, so any thread or process may
 * repeat it.
 *
 * Requests are known by session, leg, server, direction and id (ids repeat across all of these); `fwd` ties the legs
 * together exactly, `cause` ties nested messages to the call they came in. What fits nowhere stays a frame.
 */
import { GAP_METHOD, PAUSE_METHOD } from '../../contract/traffic';
import { isJsonObject } from '../../util/json';
import { cancelledStatus, countOf, keyOf, keyText, messages, originOf, reasonOf, statusOf, UNREADABLE_ANSWER } from './callRules';
import type { CallRecord, CorrelatedEvent, CorrelatedFrame, SessionRecord } from './callRecords';
import { FrameOwners } from './frameOwners';
import { answerFacts, answerFactsOf, batchMembers, cancelledId, noError, preview, requestFacts, requestFactsOf, type AnswerFacts, type RequestFacts } from './messageFacts';
import { missingCall, rejectedCall } from './standInCalls';
import { StrayAnswers } from './strayAnswers';

interface Pending {
  readonly call: CallRecord;
  readonly side: 'asking' | 'other';
}

export class Correlator {
  readonly #open = new Map<string, Pending>();
  readonly #running = new Set<CallRecord>();
  readonly #owners = new FrameOwners();
  readonly #strays = new StrayAnswers();
  readonly #sessions = new Map<string, SessionRecord>();
  /** The row of the pause that is going on. */
  #paused: CallRecord | undefined;
  readonly #dirtyCalls = new Set<CallRecord>();
  readonly #dirtySessions = new Set<SessionRecord>();

  /** Files a frame; gives the call it belongs to. */
  frame(entry: CorrelatedFrame): CallRecord | undefined {
    const { meta } = entry;
    this.#session(meta.s, entry.timeMs);
    switch (meta.kind) {
      case 'request':
        return this.#request(entry, 0, meta.id, meta.method ?? '', () => requestFacts(entry.body));
      case 'result':
      case 'error': {
        const kind = meta.kind;
        return this.#answer(entry, meta.id, kind, (method) => answerFacts(kind, entry.body, method === 'initialize'), entry.isLost || meta.same ? 'elsewhere' : 'here');
      }
      case 'notification':
        return this.#notification(entry);
      case 'batch':
        return this.#batch(entry);
      default:
        return this.#attach(entry);
    }
  }

  event(entry: CorrelatedEvent): void {
    const { meta, data, timeMs } = entry;
    switch (meta.type) {
      case 'session.opened':
        if (meta.s === undefined) return;
        if (data['playground'] === true) {
          const opened = this.#session(meta.s, timeMs);
          opened.kind = 'playground';
          this.#dirtySessions.add(opened);
        } else this.#session(meta.s, timeMs);
        return;
      case 'session.closed': {
        if (meta.s === undefined) return;
        const session = this.#session(meta.s, timeMs);
        session.endedMs = timeMs;
        this.#dirtySessions.add(session);
        this.#abandon((call) => call.session === meta.s, reasonOf(data, 'The session ended before the answer came.'));
        this.#sessions.delete(meta.s);
        return;
      }
      case 'server.stopped':
      case 'server.failed':
        if (meta.srv === undefined) return;
        this.#abandon(
          (call) =>
            call.server === meta.srv &&
            (meta.s === undefined || meta.s === call.session) &&
            // Once the server has answered, its end says nothing about this call.
            call.otherResponseFrame === undefined &&
            (call.leg === 'upstream' || call.otherRequestFrame !== undefined),
          reasonOf(data, `The server "${meta.srv}" ended before it answered.`),
          true,
        );
        return;
      case 'gateway.stopped':
        this.#abandon(() => true, reasonOf(data, 'The gateway stopped before the answer came.'));
        return;
      case 'http.rejected':
        this.#dirtyCalls.add(rejectedCall(entry));
        return;
      case 'recording.paused':
        this.#paused = this.#missing(entry, PAUSE_METHOD, 'Recording is paused: what passes is not written down.');
        return;
      case 'recording.ended':
        for (const ref of Array.isArray(data['ended']) ? data['ended'] : []) this.#endUnrecorded(ref);
        return;
      case 'recording.resumed':
        this.#resumed(entry);
        return;
      case 'store.gap':
        this.#missing(entry, GAP_METHOD, `${messages(countOf(data['count']))} ${data['unsynced'] === true ? 'may be lost in a power cut' : 'could not be kept'}: ${reasonOf(data, 'the log could not be written')}.`, {
          durationUs: Math.max(0, countOf(data['toMs']) - countOf(data['fromMs'])) * 1000,
        });
        return;
      default:
    }
  }

  /** The writer is dead: nothing that is still open will ever be answered. */
  writerEnded(): void {
    this.#abandon(() => true, 'MCP Shark ended before the answer came.');
  }

  /** Calls and sessions that changed since the last time this was asked. */
  takeChanges(): { calls: CallRecord[]; sessions: SessionRecord[] } {
    const changes = { calls: [...this.#dirtyCalls], sessions: [...this.#dirtySessions] };
    this.#dirtyCalls.clear();
    this.#dirtySessions.clear();
    return changes;
  }

  /** What the next journal of the same writer must be begun with: unanswered calls' frames, and sessions still open. */
  carry(): { calls: { frame: number; part: number }[]; frames: number[]; sessions: SessionRecord[] } {
    const frames = new Set<number>();
    const calls: { frame: number; part: number }[] = [];
    for (const call of this.#running) {
      if (call.status !== 'running') continue;
      calls.push({ frame: call.frame, part: call.part });
      for (const n of [call.frame, call.otherRequestFrame, call.otherResponseFrame]) if (n !== undefined) frames.add(n);
    }
    return { calls, frames: [...frames].sort((a, b) => a - b), sessions: [...this.#sessions.values()] };
  }

  importSession(session: SessionRecord): void {
    this.#sessions.set(session.id, { ...session });
    this.#dirtySessions.add(this.#sessions.get(session.id)!);
  }

  #session(id: string, timeMs: number): SessionRecord {
    let session = this.#sessions.get(id);
    if (!session) {
      this.#sessions.set(id, (session = { id, startedMs: timeMs }));
      this.#dirtySessions.add(session);
    }
    return session;
  }

  #request(
    entry: CorrelatedFrame,
    part: number,
    id: string | undefined,
    method: string,
    facts: () => RequestFacts,
  ): CallRecord {
    const { n, us, meta } = entry;
    // The gateway's own copies (one handshake to many servers) are exchanges of their own, not the other leg of one.
    const forwarded = meta.fwd === undefined || meta.own ? undefined : this.#ownerOf(meta.fwd, method);
    if (forwarded) {
      const call = forwarded;
      this.#own(n, call);
      this.#open.set(keyOf(meta, meta.dir, id), { call, side: 'other' });
      if (call.otherRequestFrame === undefined) {
        call.otherRequestFrame = n;
        call.otherStartUs = us;
        call.server = meta.srv ?? call.server;
        call.definition = meta.def ?? call.definition;
        // On the way to a server the name is the server's own; on the way to the client it already was.
        const name = meta.same || call.origin === 'server' ? undefined : facts().name;
        if (name !== undefined) call.name = name;
        this.#dirtyCalls.add(call);
      }
      return call;
    }
    const known = facts();
    const session = this.#session(meta.s, entry.timeMs);
    if (method === 'initialize' && meta.leg === 'downstream') {
      session.clientName = known.clientName ?? session.clientName;
      session.clientVersion = known.clientVersion ?? session.clientVersion;
      session.protocolVersion = known.protocolVersion ?? session.protocolVersion;
      this.#dirtySessions.add(session);
    } else if (known.clientName !== undefined && session.clientName === undefined && meta.leg === 'downstream') {
      session.clientName = known.clientName;
      session.clientVersion = known.clientVersion;
      session.protocolVersion = known.protocolVersion;
      this.#dirtySessions.add(session);
    }
    const parent = meta.cause === undefined ? undefined : this.#ownerOf(meta.cause);
    const call: CallRecord = {
      frame: n,
      part,
      timeMs: entry.timeMs,
      startUs: us,
      origin: originOf(meta),
      session: meta.s,
      client: session.clientName,
      server: meta.srv,
      method,
      name: known.name,
      detail: known.detail,
      status: 'running',
      requestBytes: meta.size,
      parentFrame: parent?.frame ?? meta.cause,
      // What is asked in the course of a call belongs to the same turn of the conversation.
      conversation: known.conversation ?? parent?.conversation,
      prompt: known.prompt ?? parent?.prompt,
      traceparent: known.traceparent,
      definition: meta.def,
      leg: meta.leg,
    };
    this.#open.set(keyOf(meta, meta.dir, id), { call, side: 'asking' });
    this.#running.add(call);
    this.#own(n, call);
    this.#dirtyCalls.add(call);
    return call;
  }

  #answer(
    entry: CorrelatedFrame,
    id: string | undefined,
    kind: 'result' | 'error',
    facts: (method: string) => AnswerFacts,
    text: 'here' | 'elsewhere' = 'here',
  ): CallRecord | undefined {
    const { n, us, meta } = entry;
    const key = keyOf(meta, meta.dir === 'toClient' ? 'toServer' : 'toClient', id);
    const pending = this.#open.get(key);
    if (!pending) {
      // The one that passes it on may belong to a call all the same.
      if (text === 'here' && meta.fwd === undefined) this.#strays.keep(n, facts(''));
      return this.#attach(entry);
    }
    const { call, side } = pending;
    this.#open.delete(key);
    this.#own(n, call);
    this.#dirtyCalls.add(call);
    if (side === 'other') {
      if (call.otherResponseFrame !== undefined && call.otherFacts) this.#strays.keep(call.otherResponseFrame, call.otherFacts);
      call.otherResponseFrame = n;
      call.otherFacts = text === 'here' ? facts(call.method) : undefined;
      if (call.origin === 'client' && call.otherStartUs !== undefined) call.upstreamUs = Math.max(0, us - call.otherStartUs);
      return call;
    }
    // Of a lost one, the message that it passes on says how it went; the gateway's own pass on none.
    const said = text === 'here' ? facts(call.method) : entry.isLost && meta.own ? undefined : this.#saidBy(meta.fwd, call);
    const known = said ?? noError;
    call.facts = said;
    call.responseFrame = n;
    call.responseBytes = meta.size;
    call.durationUs = Math.max(0, us - call.startUs);
    if (call.leg === 'upstream' && meta.dir === 'toClient') call.upstreamUs = call.durationUs;
    call.status = statusOf(call, meta, kind, said);
    // Where no server was asked it is known all the same which one it would have been.
    if (meta.own) {
      call.server ??= meta.srv;
      call.name = meta.name ?? call.name;
    }
    call.errorCode = known.errorCode;
    if (!said) {
      call.errorMessage = UNREADABLE_ANSWER;
    } else if (kind === 'error' || known.toolError) {
      call.errorMessage = known.errorMessage ?? call.errorMessage;
      call.detail = preview(call.errorMessage) ?? call.detail;
    } else {
      call.errorMessage = undefined;
    }
    if (call.method === 'initialize' && call.leg === 'downstream' && known.protocolVersion !== undefined) {
      const session = this.#session(meta.s, entry.timeMs);
      session.protocolVersion = known.protocolVersion;
      this.#dirtySessions.add(session);
    }
    this.#settle(call);
    return call;
  }

  /** What an answer says that a message on the other leg passes on; `undefined`: nobody knows. */
  #saidBy(n: number | undefined, call: CallRecord): AnswerFacts | undefined {
    if (n === undefined) return undefined;
    if (n === call.otherResponseFrame) return call.otherFacts;
    const owner = this.#ownerOf(n);
    return owner?.responseFrame === n ? owner.facts : this.#strays.get(n);
  }

  #notification(entry: CorrelatedFrame): CallRecord | undefined {
    const { us, meta } = entry;
    if (meta.method !== 'notifications/cancelled') return this.#attach(entry);
    const { id, reason } = cancelledId(entry.body);
    const pending = id === undefined ? undefined : this.#open.get(keyOf(meta, meta.dir, id));
    if (!pending) return this.#attach(entry);
    const { call, side } = pending;
    this.#owners.remember(entry.n, call);
    // The gateway passes a cancellation on; the call was cancelled by the side that asked.
    if (side === 'asking' && call.status === 'running') {
      call.status = cancelledStatus(reason);
      call.durationUs = Math.max(0, us - call.startUs);
      call.errorMessage = reason;
      this.#dirtyCalls.add(call);
    }
    return call;
  }

  #batch(entry: CorrelatedFrame): CallRecord | undefined {
    let first: CallRecord | undefined;
    let part = 0;
    for (const { kind, id, method, message } of batchMembers(entry.body)) {
      let call: CallRecord | undefined;
      if (kind === 'request') call = this.#request(entry, part++, id, method ?? '', () => requestFactsOf(message));
      else if (kind !== 'notification') call = this.#answer(entry, id, kind, () => answerFactsOf(message));
      first ??= call;
    }
    return first ?? this.#attach(entry);
  }

  /** Ties a frame that neither opens nor answers a call to the one it came in. */
  #attach(entry: CorrelatedFrame): CallRecord | undefined {
    const { fwd, cause } = entry.meta;
    const call = (cause === undefined ? undefined : this.#ownerOf(cause)) ?? (fwd === undefined ? undefined : this.#ownerOf(fwd));
    if (call) this.#owners.remember(entry.n, call);
    return call;
  }

  /** A row that stands for what is not in the log. */
  #missing(entry: CorrelatedEvent, method: string, detail: string, more: Partial<CallRecord> = {}): CallRecord {
    const record = missingCall(entry, method, detail, more);
    this.#dirtyCalls.add(record);
    return record;
  }

  /** The row of the pause gets its length; where it stands in an earlier file, there is a second one. */
  #resumed(entry: CorrelatedEvent): void {
    const durationUs = Math.max(0, entry.timeMs - countOf(entry.data['sinceMs'])) * 1000;
    const detail = `Recording was paused: ${messages(countOf(entry.data['frames']))} not written down.`;
    const row = this.#paused ?? this.#missing(entry, PAUSE_METHOD, detail);
    row.durationUs = durationUs;
    row.errorMessage = detail;
    row.detail = preview(detail);
    this.#dirtyCalls.add(row);
    this.#paused = undefined;
  }

  /** A recorded call ended while recording was paused: how, nobody can say. */
  #endUnrecorded(ref: unknown): void {
    if (!isJsonObject(ref)) return;
    const { leg, dir, s, srv, id } = ref as Partial<Record<string, string>>;
    const end = (key: string, { call, side }: Pending): void => {
      this.#open.delete(key);
      if (side === 'other' || call.status !== 'running') return;
      call.status = 'unrecorded';
      call.errorMessage = 'Recording was paused when this call ended: its answer is not in the log.';
      this.#dirtyCalls.add(call);
      this.#settle(call);
    };
    if (id !== undefined) {
      const key = keyText(leg ?? '', dir ?? '', id, s ?? '', srv);
      const pending = this.#open.get(key);
      if (pending) end(key, pending);
      return;
    }
    for (const [key, pending] of this.#open) if (pending.call.session === s) end(key, pending);
  }

  /** `answerable`: the asking side may still be answered, so its key stays known. */
  #abandon(which: (call: CallRecord) => boolean, reason: string, answerable = false): void {
    for (const call of this.#running) {
      if (!which(call)) continue;
      if (call.status === 'running') {
        call.status = 'transportError';
        call.errorMessage = reason;
        call.detail = preview(reason);
        this.#dirtyCalls.add(call);
      }
      if (!answerable) this.#settle(call);
    }
    if (answerable) return;
    for (const [key, { call }] of this.#open) if (!this.#running.has(call)) this.#open.delete(key);
  }

  #settle(call: CallRecord): void {
    this.#running.delete(call);
    this.#owners.settle(call);
  }

  #own(n: number, call: CallRecord): void {
    if (this.#running.has(call)) this.#owners.hold(n, call);
    else this.#owners.remember(n, call);
  }

  #ownerOf(n: number, method?: string): CallRecord | undefined {
    const call = this.#owners.get(n);
    // A batch is one frame with several calls: the method says which one is passed on.
    if (!call || method === undefined || call.method === method) return call;
    for (const other of this.#running) {
      if (other.frame === n && other.method === method && other.otherRequestFrame === undefined) return other;
    }
    return call;
  }
}
