/** Owns a redactor that follows its settings: what passes after they changed is redacted by what they say now. */
import { createRedactor, type Redactor } from './redactor';
import { readRedactionOptions, type RedactionSettings } from './redactionOptions';

export interface LiveRedactor {
  readonly redactor: Redactor;
  /** Reads the settings again; gives what is wrong with them, in sentences. What is right is used all the same. */
  update(): readonly string[];
}

/** Call `update` once before use, to hear what is wrong with the settings; until then nothing is added or off. */
export function createLiveRedactor(read: () => RedactionSettings): LiveRedactor {
  let current = createRedactor();
  return {
    redactor: {
      body: (bytes) => current.body(bytes),
      headers: (headers) => current.headers(headers),
      find: (bytes) => current.find(bytes),
      get isLocal() {
        return current.isLocal;
      },
    },
    update() {
      const { options, problems } = readRedactionOptions(read());
      current = createRedactor(options);
      return problems;
    },
  };
}
