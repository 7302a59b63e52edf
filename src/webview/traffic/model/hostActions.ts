/** Owns what the view asks the host to do. An action that fails says so in `failure`; none ever throws. */
import { signal } from '@preact/signals';
import type { CopyForm, ExportFormat, PayloadPart, PayloadRef } from '../../../extension/contract/trafficApi';
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

  copyText(text: string): void {
    void this.#run(() => this.host.copyText(text));
  }

  copyCall(id: string, form: CopyForm): void {
    void this.#run(() => this.host.copyCall(id, form));
  }

  compare(left: PayloadRef, right: PayloadRef): void {
    void this.#run(() => this.host.comparePayloads(left, right));
  }

  export(filter: string, format: ExportFormat): void {
    void this.#run(() => this.host.exportCalls(filter, format));
  }

  /** Says why something was not even tried. */
  refuse(error: unknown): void {
    this.failure.value = error;
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
