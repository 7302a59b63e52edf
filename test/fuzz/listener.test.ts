/**
 * A hundred thousand malformed requests at the real listener: each complete one is answered, nothing crashes, memory
 * does not grow with them, and afterwards the gateway serves as before. `MCP_SHARK_FUZZ_SEED` runs a failure again,
 * `MCP_SHARK_FUZZ_REQUESTS` asks for more.
 */
import { createConnection, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Recorder } from '../../src/extension/capture/types';
import { httpServer, startGateway, stdioServer, EVERYTHING, TOKEN, type GatewayFixture } from '../support/gateway/gatewayFixture';
import { MalformedRequests } from './malformedRequests';

const TOTAL = Number(process.env['MCP_SHARK_FUZZ_REQUESTS'] ?? 100_000);
const SEED = Number(process.env['MCP_SHARK_FUZZ_SEED'] ?? Date.now() % 1_000_000);
const LANES = 24;
const ANSWER_WITHIN_MS = 20_000;
/** Allowed between a quarter of the way and its end; a leak of 1 kB a request would be 75 MB. */
const MAX_GROWTH_BYTES = 25 * 1024 * 1024;

let fixture: GatewayFixture;
let refused = 0;
/** Events written down of them: a flood is summed up. */
let written = 0;

/** Counts instead of keeping, so that only the gateway's own memory is measured. */
const recorder: Recorder = {
  frame: (_frame, send) => {
    send?.();
    return 1;
  },
  flush: () => undefined,
  event: ({ type, data }) => {
    if (type === 'http.rejected') {
      written++;
      refused += typeof data.count === 'number' ? data.count : 1;
    }
    return 1;
  },
};

beforeAll(async () => {
  // Nobody listens on port 1: sessions that a mutated `initialize` happens to open end by themselves.
  fixture = await startGateway([httpServer('dead', 'http://127.0.0.1:1/mcp')], { recorder, maxSessions: 32, idleSessionMs: 100 });
});
afterAll(() => fixture?.close());

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** A connection that is used again for as long as the server leaves it open. */
class Lane {
  #socket: Socket | undefined;

  constructor(
    private readonly port: number,
    private readonly requests: MalformedRequests,
  ) {}

  async send(): Promise<void> {
    const { bytes, wantsAnswer, abandons } = this.requests.next();
    const socket = (this.#socket ??= await connect(this.port));
    if (abandons) {
      this.#socket = undefined;
      await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
      socket.destroy();
      return;
    }
    const outcome = await new Promise<'answered' | 'closed' | 'nothing'>((resolve) => {
      const timer = setTimeout(() => done('nothing'), wantsAnswer ? ANSWER_WITHIN_MS : 40);
      const onData = (): void => done('answered');
      const onClose = (): void => done('closed');
      const done = (what: 'answered' | 'closed' | 'nothing'): void => {
        clearTimeout(timer);
        socket.off('data', onData);
        socket.off('close', onClose);
        resolve(what);
      };
      socket.on('data', onData);
      socket.on('close', onClose);
      socket.write(bytes);
    });
    if (wantsAnswer && outcome !== 'answered') {
      throw new Error(`${outcome} (seed ${SEED}): ${bytes.toString('latin1', 0, 600)}`);
    }
    // What is left half said would mix with the next request.
    if (!wantsAnswer || socket.destroyed || !socket.writable) this.close();
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }
}

function connect(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
  });
}

it(`answers ${TOTAL} malformed requests without a crash, a hang or a leak (seed ${SEED})`, { timeout: 300_000 }, async () => {
  const port = Number(new URL(fixture.url).port);
  const requests = new MalformedRequests(SEED, `127.0.0.1:${port}`, TOKEN);
  const lanes = Array.from({ length: LANES }, () => new Lane(port, requests));
  let sent = 0;
  const upTo = (count: number): Promise<unknown> =>
    Promise.all(
      lanes.map(async (lane) => {
        while (sent < count) {
          sent++;
          await lane.send();
        }
      }),
    );
  await upTo(Math.ceil(TOTAL / 4));
  const before = heapBytes();
  await upTo(TOTAL);
  for (const lane of lanes) lane.close();
  expect(heapBytes() - before).toBeLessThan(MAX_GROWTH_BYTES);
  fixture.gateway.setServers([stdioServer('everything', EVERYTHING, ['stdio'])]);
  // Sessions that were opened by accident make room once they are idle.
  const { client } = await vi.waitFor(() => fixture.connect(), { timeout: 10_000, interval: 100 });
  const answer = await client.callTool({ name: 'everything__echo', arguments: { message: 'still here' } });
  expect(answer.content).toEqual([{ type: 'text', text: 'Echo: still here' }]);

  await client.close();
  await fixture.close();
  expect(refused).toBeGreaterThan(TOTAL / 4);
  expect(written).toBeLessThan(TOTAL / 10);
});
