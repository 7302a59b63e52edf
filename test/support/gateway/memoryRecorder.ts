/** Owns a recorder that keeps everything in memory, for tests to look at. Frame bytes are copied: a view may be re-used. */
import { Buffer } from 'node:buffer';
import type { CapturedEvent, CapturedFrame, Recorder } from '../../../src/extension/capture/types';

export type Entry =
  | ({ readonly number: number; readonly entry: 'frame'; readonly text: string } & CapturedFrame)
  | ({ readonly number: number; readonly entry: 'event' } & CapturedEvent);

export class MemoryRecorder implements Recorder {
  readonly entries: Entry[] = [];
  /** Called for each entry right after it is kept. */
  onEntry: ((entry: Entry) => void) | undefined;

  #sends: (() => void)[] = [];

  frame(frame: CapturedFrame, send?: () => void): number {
    const bytes = Buffer.from(frame.bytes);
    const number = this.#keep({ ...frame, entry: 'frame', number: this.entries.length + 1, bytes, text: bytes.toString() });
    // As the real one: once the event loop turns, in order.
    if (send && this.#sends.push(send) === 1) setImmediate(() => this.flush());
    return number;
  }

  flush(): void {
    for (const send of this.#sends.splice(0)) send();
  }

  event(event: CapturedEvent): number {
    return this.#keep({ ...event, entry: 'event', number: this.entries.length + 1 });
  }

  #keep(entry: Entry): number {
    this.entries.push(entry);
    this.onEntry?.(entry);
    return entry.number;
  }

  get frames(): Extract<Entry, { entry: 'frame' }>[] {
    return this.entries.filter((entry) => entry.entry === 'frame');
  }

  events(type?: CapturedEvent['type']): Extract<Entry, { entry: 'event' }>[] {
    return this.entries.filter((entry) => entry.entry === 'event').filter((entry) => !type || entry.type === type);
  }
}
