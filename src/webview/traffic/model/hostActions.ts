/** Owns what the view asks the host to do. An action that fails says so in `failure`; none ever throws. */
import { signal } from '@preact/signals';
import type { CopyForm, ExportFormat, ExportSelection, PayloadPart, PayloadRef } from '../../../extension/contract/trafficApi';
import type { NoteChange } from '../../../extension/contract/traffic';
import type { Clock } from '../../../extension/util/clock';
import { answered } from '../../platform/answered';
import type { TrafficHost } from './trafficHost';

export class HostActions {
  readonly failure = signal<unknown>(undefined);

  constructor(
    private readonly host: TrafficHost,
    private readonly clock: Clock,
  ) {}

  setRouting(on: boolean): void {
    void this.#run(() => this.host.setRouting(on));
  }

  setRecording(on: boolean): void {
    void this.#run(() => this.host.setRecording(on));
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

  export(selection: ExportSelection, format: ExportFormat): void {
    void this.#run(() => this.host.exportCalls(selection, format));
  }

  /** Gives whether the notes were changed. */
  annotate(ids: readonly string[], change: NoteChange): Promise<boolean> {
    return this.#run(() => this.host.annotate(ids, change));
  }

  /** The host may ask the user first, who may take any time. */
  resend(id: string): void {
    void this.#run(() => this.host.resend(id), false);
  }

  openDefinition(id: string): void {
    void this.#run(() => this.host.openDefinition(id));
  }

  compareDefinition(id: string): void {
    void this.#run(() => this.host.compareDefinition(id));
  }

  openInPlayground(id: string): void {
    void this.#run(() => this.host.openInPlayground(id));
  }

  /** The host asks where to; see `resend`. */
  openContent(ref: PayloadRef, pointer: string, how: 'open' | 'save'): void {
    void this.#run(() => this.host.openContent(ref, pointer, how), false);
  }

  /** The host asks first; see `resend`. */
  openLink(url: string): void {
    void this.#run(() => this.host.openLink(url), false);
  }

  /** Says why something was not even tried. */
  refuse(error: unknown): void {
    this.failure.value = error;
  }

  async #run(action: () => Promise<void>, isPrompt = true): Promise<boolean> {
    try {
      await (isPrompt ? answered(action(), this.clock) : action());
      this.failure.value = undefined;
      return true;
    } catch (error) {
      this.failure.value = error;
      return false;
    }
  }
}
