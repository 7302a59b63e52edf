// Owns free TCP ports on loopback, for programs that want to be told one, and waiting until they listen.
import { once } from 'node:events';
import net from 'node:net';

export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves when something accepts on `port`; rejects after `timeoutMs` or when `child` ended. */
export async function listening(port, child, timeoutMs = 20_000) {
  let ended;
  child.exited.then((how) => (ended = how));
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; ) {
    if (ended !== undefined) throw new Error(`ended (${ended}) before it listened. ${child.stderr()}`);
    if (await accepts(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`does not listen after ${timeoutMs} ms. ${child.stderr()}`);
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
