// The test's hand inside the extension host: a loopback socket to which the driver extension connects (again after every
// window reload), and calls of the driver's few operations over it, one JSON text per line.
import { randomUUID } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Operations } from '../../host/driver/operations';
import { startMs, waitFor } from './poll';

type Answer = { id: number; result?: unknown; error?: string };
type OperationName = keyof Operations;

export interface HostRemote {
  readonly address: { readonly port: number; readonly token: string };
  /** Resolves when a driver has connected that was not connected before `since`. */
  connected(since?: number): Promise<void>;
  /** How many drivers have connected so far; one more after each reload. */
  readonly connections: number;
  call<N extends OperationName>(name: N, ...args: Parameters<Operations[N]>): Promise<Awaited<ReturnType<Operations[N]>>>;
  dispose(): void;
}

export async function listenForDriver(): Promise<HostRemote> {
  const token = randomUUID();
  const waiting = new Map<number, (answer: Answer) => void>();
  let socket: Socket | undefined;
  let connections = 0;
  let nextId = 0;

  const server = createServer((candidate) => {
    candidate.on('error', () => candidate.destroy());
    let accepted = false;
    createInterface({ input: candidate }).on('line', (line) => {
      if (accepted) {
        const answer = JSON.parse(line) as Answer;
        waiting.get(answer.id)?.(answer);
        waiting.delete(answer.id);
      } else if (line === token) {
        accepted = true;
        socket = candidate;
        connections++;
      } else {
        candidate.destroy();
      }
    });
    candidate.on('close', () => {
      if (socket !== candidate) return;
      socket = undefined;
      for (const [id, settle] of waiting) settle({ id, error: 'The extension host went away.' });
      waiting.clear();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };

  return {
    address: { port, token },
    get connections() {
      return connections;
    },
    async connected(since = 0) {
      await waitFor('the driver extension to connect', () => (socket && connections > since ? true : undefined), startMs);
    },
    async call(name, ...args) {
      if (!socket) throw new Error(`Cannot call ${name}: no driver is connected.`);
      const id = nextId++;
      const answer = new Promise<Answer>((resolve) => waiting.set(id, resolve));
      socket.write(`${JSON.stringify({ id, name, args })}\n`);
      const { result, error } = await answer;
      if (error !== undefined) throw new Error(`${name} failed in the extension host: ${error}`);
      return result as never;
    },
    dispose() {
      socket?.destroy();
      server.close();
    },
  };
}
