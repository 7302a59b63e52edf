/**
 * Owns the process that crash tests kill: one window with a store, recording calls on both legs the way the gateway does,
 * as fast as it is told to, and saying on stdout which ones it has recorded, where the gateway would send the answer.
 * Bundled and started by killedWriters.ts.
 */
import { writeSync } from 'node:fs';
import { openStore } from '../../src/extension/store/client';
import { createRecorder } from '../../src/extension/capture/recorder';
import { systemClock } from '../../src/extension/util/clock';
import { nullLogger } from '../../src/extension/util/logger';

const [dir = '', workerFile = '', wasmFile = '', name = '', rotateBytes = '0', pauseMs = '2'] = process.argv.slice(2);

const server = 'everything';

/** The pipe may be full for a moment; what is not said was not acknowledged. */
function acknowledge(tool: string): void {
  const line = Buffer.from(`${tool}\n`);
  for (let done = 0; done < line.length; ) {
    try {
      done += writeSync(1, line, done);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

async function main(): Promise<void> {
  const store = await openStore({
    dir,
    workerFile,
    wasmFile,
    clock: systemClock,
    logger: nullLogger,
    randomId: () => `${name}${process.pid}`,
    rotateBytes: Number(rotateBytes),
    snapshotQuietMs: 30,
    pollMs: 50,
  });
  const recorder = createRecorder({ journal: store.journal, clock: systemClock });
  let i = 0;
  const tick = (): void => {
    for (let burst = 0; burst < 5; burst++) {
      const tool = `${name}-${process.pid}-${i++}`;
      const id = String(i);
      // Every third is passed on under its server's own name, as on `/mcp`; of the large ones only that is kept.
      const isRenamed = i % 3 === 0;
      const filler = 'x'.repeat(isRenamed ? (i * 37) % 9000 : (i * 37) % 3000);
      const text = JSON.stringify({ jsonrpc: '2.0', id: i, method: 'tools/call', params: { name: tool, arguments: { filler } } });
      const passed = Buffer.from(text);
      const request = isRenamed ? Buffer.from(text.replace(`"${tool}"`, `"${server}__${tool}"`)) : passed;
      const start = text.indexOf(`"${tool}"`);
      const way = isRenamed ? { edited: { from: request, places: [{ start, end: start + tool.length + 2 }] } } : { unchanged: true };
      const answer = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: i, result: { content: [{ type: 'text', text: `answer to ${tool}` }] } }));
      const ask = { direction: 'toServer', session: name, envelope: { kind: 'request', id, method: 'tools/call' } } as const;
      const reply = { direction: 'toClient', envelope: { kind: 'result', id }, bytes: answer } as const;
      // As the gateway does: what has only arrived waits for what is passed on, and that is sent when it is written.
      const asked = recorder.frame({ leg: 'downstream', ...ask, bytes: request, arrived: true });
      recorder.frame({ leg: 'upstream', server, ...ask, bytes: passed, forwards: asked, ...way });
      const answered = recorder.frame({ leg: 'upstream', session: name, server, ...reply, arrived: true });
      const send = (): void => acknowledge(tool);
      const passedOn = { leg: 'downstream', session: name, ...reply, forwards: answered, unchanged: true } as const;
      // Both ways of passing on: at once, and together with what else comes in the same turn.
      if (i % 2 === 0) recorder.frame(passedOn, send);
      else {
        recorder.frame(passedOn);
        send();
      }
    }
    setTimeout(tick, Number(pauseMs));
  };
  tick();
}

void main();
