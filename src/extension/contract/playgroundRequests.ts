/**
 * Owns what host and webview agree on about requests of servers in the Playground: sampling and elicitation that wait for the
 * person, and the answers. Pure types and a limit. Params cross as JSON text.
 */

/** Characters of a server's request that the state holds. */
export const MAX_SHOWN_PARAMS = 100_000;

interface ServerRequestBase {
  readonly id: string;
  readonly server: string;
  /** The run in whose course it came, where known. */
  readonly run?: string;
  readonly receivedMs: number;
  /** The request's params as they came, JSON text; the first `MAX_SHOWN_PARAMS` characters. */
  readonly paramsText: string;
}

export type ServerRequest =
  | (ServerRequestBase & {
      readonly kind: 'sampling';
      /** Characters of all texts in the messages and the system prompt. */
      readonly size: number;
    })
  | (ServerRequestBase & {
      readonly kind: 'form';
      readonly message: string;
      /** JSON text of the schema of what is asked for. */
      readonly schema: string;
    })
  | (ServerRequestBase & {
      readonly kind: 'url';
      readonly message: string;
      /** Whole; shown before it is opened. */
      readonly url: string;
      /** Host as the browser will read it (punycode where it is not ASCII); absent where the URL is none that can be opened. */
      readonly host?: string;
      /** Agreed and opened; the server has not yet said that it is complete. */
      readonly isOpened: boolean;
    });

export interface LanguageModel {
  readonly id: string;
  readonly name: string;
  readonly vendor: string;
  readonly maxInputTokens: number;
}

/** What a language model would be sent; shown before it is. */
export interface SamplingPreview {
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly text: string; readonly images: number }[];
  /** What of the request cannot be passed on, in words (audio, tools, temperature …). */
  readonly notes: readonly string[];
  /** An estimate. */
  readonly tokens: number;
}

/** What a person or a model has answered, before it is sent. */
export interface SamplingDraft {
  readonly text: string;
  readonly model: string;
  readonly stopReason: string;
}

/** `result`: the whole result as JSON text, for what a text cannot say. */
export type SamplingAnswer =
  | { readonly kind: 'text'; readonly draft: SamplingDraft }
  | { readonly kind: 'result'; readonly text: string }
  | { readonly kind: 'decline' };

export type FormAnswer =
  | { readonly kind: 'accept'; readonly contentText: string; readonly sendAnyway: boolean }
  | { readonly kind: 'decline' }
  | { readonly kind: 'cancel' };
