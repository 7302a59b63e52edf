/**
 * Owns one run of the script: gateway, recorder and store as the extension joins them, server-everything over stdio behind
 * a tee, and in the end what the log holds next to what client and server saw with their own eyes.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createRecorder } from '../../src/extension/capture/recorder';
import type { Recorder } from '../../src/extension/capture/types';
import { systemClock } from '../../src/extension/util/clock';
import { EVERYTHING, startGateway, stdioServer } from '../support/gateway/gatewayFixture';
import { cleanFolders, openTestStore, tempFolder } from '../support/store/storeHarness';
import { STEPS, type Stage } from './script';
import { readClosedStore, type Stored } from './storedFrames';
import type { Chapter } from './transcript';
import { WitnessedClient } from './witnessedClient';

export interface Recording extends Stored {
  readonly chapters: readonly Chapter[];
  /** What the client sent and got, and what the server got and sent: whole messages, byte for byte. */
  readonly seen: {
    readonly byClient: { readonly sent: readonly string[]; readonly received: readonly string[] };
    readonly byServer: { readonly sent: readonly string[]; readonly received: readonly string[] };
  };
  /** Status of the client's DELETE. */
  readonly goodbye: number;
}

const STEP_MS = 10_000;

export const { version: serverVersion } = createRequire(import.meta.url)('@modelcontextprotocol/server-everything/package.json') as { version: string };

/** `prefix`: what the endpoint puts before the names of the server "everything". */
export async function record(endpoint: string, prefix: string): Promise<Recording> {
  const dir = tempFolder();
  const tee = path.join(tempFolder(), 'wire');
  const store = await openTestStore(dir);
  const chapters: Chapter[] = [];
  try {
    let last = 0;
    const inner = createRecorder({ journal: store.journal, clock: systemClock });
    const recorder: Recorder = {
      frame: (frame, send) => (last = inner.frame(frame, send)),
      flush: () => inner.flush(),
      event: (event) => (last = inner.event(event)),
    };
    const server = stdioServer('everything', path.join(import.meta.dirname, 'tee.mjs'), [tee, EVERYTHING, 'stdio']);
    const fixture = await startGateway([server], { recorder, lazyMs: 20 });
    const client = new WitnessedClient(fixture.url + endpoint, fixture.headers);
    let goodbye: number;
    try {
      const stage = { client, name: (own: string) => prefix + own } as Stage;
      for (const { title, run } of STEPS) {
        chapters.push({ title, after: last });
        await withDeadline(title, run(stage));
      }
      chapters.push({ title: 'Goodbye', after: last });
      goodbye = await client.end();
    } finally {
      client.close();
      await fixture.close();
    }
    await store.close();
    const lines = async (side: string): Promise<string[]> => (await readFile(`${tee}.${side}`, 'utf8')).split('\n').filter(Boolean);
    return {
      ...(await readClosedStore(dir)),
      chapters,
      seen: { byClient: client, byServer: { sent: await lines('out'), received: await lines('in') } },
      goodbye,
    };
  } finally {
    await store.close();
    cleanFolders();
  }
}

/** A step that hangs is named, and what it was waiting for ends with the gateway. */
async function withDeadline(title: string, step: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`The step "${title}" did not end within ${STEP_MS} ms`)), STEP_MS);
  });
  await Promise.race([step, late]).finally(() => clearTimeout(timer));
}
