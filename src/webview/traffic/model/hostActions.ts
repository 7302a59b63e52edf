/** Owns what the view asks the host to do. An action that fails says so in `failure`; none ever throws. */
import { signal } from '@preact/signals';
import type { PayloadPart } from '../../../extension/contract/trafficApi';
import type { Clock } from '../../../extension/util/clock';
import { answered, type TrafficHost } from './trafficHost';

export class HostActions {
  readonly failure = signal<unknown>(undefined);

  constructor(
    private readonly host: TrafficHost,
    private readonly clock: Clock,
  ) {}

  setRouting(on: boolean): void {
    void this.#run(() => this.host.setRouting(on));
  }

  openConfig(line?: number): void {
    void this.#run(() => this.host.openConfig(line));
  }

  showLog(): void {
    void this.#run(() => this.host.showLog());
  }

  openPayload(id: string, part: PayloadPart): void {
    void this.#run(() => this.host.openPayload(id, part));
  }

  /** Gives whether it was copied. */
  copyPayload(id: string, part: PayloadPart): Promise<boolean> {
    return this.#run(() => this.host.copyPayload(id, part));
  }

  async #run(action: () => Promise<void>): Promise<boolean> {
    try {
      await answered(action(), this.clock);
      this.failure.value = undefined;
      return true;
    } catch (error) {
      this.failure.value = error;
      return false;
    }
  }
}
