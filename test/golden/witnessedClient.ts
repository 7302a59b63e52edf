/** Owns a raw client that remembers every message it has sent and got, byte for byte, to hold the log against. */
import { RawClient, type RawStream } from '../support/gateway/rawClient';

export class WitnessedClient extends RawClient {
  readonly sent: string[] = [];
  readonly #streams: RawStream[] = [];

  override async stream(method: string, body: string | Buffer | undefined, headers?: Record<string, string>): Promise<RawStream> {
    if (body !== undefined) this.sent.push(body.toString());
    const stream = await super.stream(method, body, headers);
    this.#streams.push(stream);
    return stream;
  }

  /** In the order of the streams they came on. */
  get received(): string[] {
    return this.#streams.flatMap(({ messages }) => messages);
  }

  /** Says goodbye. */
  async end(): Promise<number> {
    const { status, ended } = await super.stream('DELETE', undefined);
    await ended;
    return status;
  }
}
