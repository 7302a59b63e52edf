/** Owns reading a recorded text however long: part by part, from its beginning to its end. */
import type { BodyPart } from '../contract/traffic';
import type { PayloadRef } from '../contract/trafficApi';

/** What is read of the store. */
export interface BodySource {
  body(ref: PayloadRef, fromByte: number, limit: number, signal?: AbortSignal): Promise<BodyPart>;
}

/** `limit`: bytes asked for at once. */
export async function* bodyParts(source: BodySource, ref: PayloadRef, limit: number, signal?: AbortSignal): AsyncGenerator<BodyPart> {
  for (let at = 0; ; ) {
    const part = await source.body(ref, at, limit, signal);
    yield part;
    if (part.toByte >= part.totalBytes || part.toByte <= at) return;
    at = part.toByte;
  }
}
