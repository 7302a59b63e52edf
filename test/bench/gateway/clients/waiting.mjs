// Owns requests that wait for an answer with their id, where answers come on one stream.
import { ANSWER_TIMEOUT_MS } from './wire.mjs';

const asText = (text) => text;

export function waitingRoom() {
  const waiting = new Map();
  return {
    wait: (id) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_TIMEOUT_MS} ms`)), ANSWER_TIMEOUT_MS);
        waiting.set(id, { resolve, reject, timer });
      }),
    answer(text) {
      const { id } = JSON.parse(text);
      const waiter = waiting.get(id);
      if (!waiter) return;
      waiting.delete(id);
      clearTimeout(waiter.timer);
      waiter.resolve({ bytes: text, read: asText });
    },
    close(error) {
      for (const { reject, timer } of waiting.values()) {
        clearTimeout(timer);
        reject(error);
      }
      waiting.clear();
    },
  };
}
