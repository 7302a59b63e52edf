/**
 * Owns what the server of `/mcp/<server>` has asked the client (sampling, elicitation, roots, ping) until it is answered.
 * Questions and answers pass as they are; but a server that was lost hears no answers, and the next process counts its
 * ids from the start. So what was asked is taken back, an answer to what is not open goes no further, and what is asked
 * under an id that the client may still answer for the lost server gets an id of the gateway: consent to one question is
 * never taken for consent to another.
 */
import { canonicalScalar, findMember, rawText, type Edit } from '../mcp/spans';
import { FreshMap } from '../util/freshMap';
import type { ServerFrame } from './connectionTypes';
import { rewritten, verbatim, type Frame, type Outgoing } from './frame';
import type { PostExchange } from './postExchange';
import { MAX_OPEN_QUESTIONS, takenBack } from './questions';

/** Stale ids that are remembered one by one, and how long one may be; beyond that every id is mapped. */
const MAX_STALE = 1000;
const MAX_STALE_LENGTH = 256;

export interface Question {
  /** The server's id, canonical and as JSON text. */
  readonly id: string;
  readonly rawId: string;
  /** Id under which the client knows it, as JSON text; differs from `rawId` where it is mapped. */
  readonly rawExposed: string;
  readonly isMapped: boolean;
  /** The server's progress token, canonical and as JSON text. */
  readonly token: string | undefined;
  readonly rawToken: string | undefined;
  readonly number: number;
  readonly cause: number | undefined;
  readonly exchange: PostExchange | undefined;
}

export class RelayQuestions {
  /** By the id the client knows, canonical. */
  readonly #open = new FreshMap<string, Question>();
  readonly #stale = new Set<string>();
  readonly #staleTokens = new Set<string>();
  #allStale = false;
  #mapped = 0;

  constructor(private readonly server: string) {}

  /** Takes a question in; gives what to send to the client, or `undefined` where too many are open already. */
  ask(frame: ServerFrame): Outgoing | undefined {
    if (this.#open.size >= MAX_OPEN_QUESTIONS) return undefined;
    const { bytes, envelope, number, pending } = frame;
    const id = envelope.id!;
    const isMapped = this.#allStale || this.#stale.has(id);
    const rawId = rawText(bytes, envelope.idSpan!);
    const tokenSpan = findMember(bytes, envelope.params?.meta, 'progressToken');
    const rawExposed = isMapped ? `"mcp-shark/question/${++this.#mapped}"` : rawId;
    this.#open.set(isMapped ? rawExposed : id, {
      id,
      rawId,
      rawExposed,
      isMapped,
      token: tokenSpan && canonicalScalar(bytes, tokenSpan),
      rawToken: tokenSpan && rawText(bytes, tokenSpan),
      number,
      cause: pending?.cause,
      exchange: pending?.exchange,
    });
    if (!isMapped) return verbatim(frame, this.server, pending?.cause);
    const edits: Edit[] = [{ span: envelope.idSpan!, text: rawExposed }];
    if (tokenSpan) edits.push({ span: tokenSpan, text: rawExposed });
    return rewritten(frame, edits, this.server, pending?.cause);
  }

  /** The client's answer for the server; `undefined` where the server does not wait for it. */
  answer(frame: Frame): Outgoing | undefined {
    const { id, idSpan } = frame.envelope;
    // An error that names no request is nobody's answer.
    if (id === undefined) return verbatim(frame, this.server);
    const question = this.#open.get(id);
    if (!question) {
      // It is spent: whatever is asked under this id from now on cannot be answered by it.
      this.#stale.delete(id);
      return undefined;
    }
    this.#open.delete(id);
    if (!question.isMapped) return verbatim(frame, this.server);
    return rewritten(frame, [{ span: idSpan!, text: question.rawId }], this.server, question.cause);
  }

  /** The client's `notifications/progress` for the server; `undefined` where it is about a question of a lost one. */
  progress(frame: Frame): Outgoing | undefined {
    if (this.#staleTokens.size === 0 && this.#mapped === 0 && !this.#allStale) return verbatim(frame, this.server);
    const span = findMember(frame.bytes, frame.envelope.paramsSpan, 'progressToken');
    const token = span && canonicalScalar(frame.bytes, span);
    if (token === undefined) return verbatim(frame, this.server);
    const question = this.#open.get(token);
    if (question?.isMapped && question.rawToken !== undefined) {
      return rewritten(frame, [{ span: span!, text: question.rawToken }], this.server, question.cause);
    }
    return this.#allStale || this.#staleTokens.has(token) ? undefined : verbatim(frame, this.server);
  }

  /** The server's own `notifications/cancelled` for the client. */
  cancelled(frame: ServerFrame): Outgoing {
    const cause = frame.pending?.cause;
    const span = this.#open.size === 0 ? undefined : findMember(frame.bytes, frame.envelope.paramsSpan, 'requestId');
    if (!span) return verbatim(frame, this.server, cause);
    const id = canonicalScalar(frame.bytes, span);
    const plain = this.#open.get(id);
    if (plain && !plain.isMapped) {
      this.#open.delete(id);
      // The client may have answered it just now.
      this.#remember(id, this.#stale);
      return verbatim(frame, this.server, cause);
    }
    for (const [exposed, question] of this.#open) {
      if (!question.isMapped || question.id !== id) continue;
      this.#open.delete(exposed);
      return rewritten(frame, [{ span, text: exposed }], this.server, cause);
    }
    return verbatim(frame, this.server, cause);
  }

  /** Gives up a question that cannot reach the client; `id` as the client would have known it, canonical. */
  giveUp(id: string): Question | undefined {
    const question = this.#open.get(id);
    this.#open.delete(id);
    return question;
  }

  /** The server is lost: gives what tells the client, question by question, that nobody waits for its answer. */
  takeBack(): { readonly out: Outgoing; readonly exchange: PostExchange | undefined }[] {
    const taken = [...this.#open];
    this.#open.clear();
    return taken.map(([id, { isMapped, token, rawExposed, cause, exchange }]) => {
      if (!isMapped) {
        this.#remember(id, this.#stale);
        if (token !== undefined) this.#remember(token, this.#staleTokens);
      }
      return { out: takenBack(this.server, rawExposed, cause), exchange };
    });
  }

  #remember(text: string, set: Set<string>): void {
    if (set.size >= MAX_STALE || text.length > MAX_STALE_LENGTH) this.#allStale = true;
    else set.add(text);
  }
}
