/**
 * Owns the doctor's look at the way to an HTTP server, step by step and without speaking MCP: name, port, TLS. What is
 * sent is a connection, nothing else; a proxy in between is named, not gone through.
 */
import { lookup } from 'node:dns/promises';
import * as net from 'node:net';
import * as tls from 'node:tls';
import { failed, ok, type Finding } from './checkList';

const CONNECT_MS = 5000;

export async function checkName(host: string): Promise<Finding> {
  if (net.isIP(host) !== 0) return ok(`${host} is an address.`);
  try {
    const addresses = await lookup(host, { all: true });
    return ok(`${host} is ${addresses.map(({ address }) => address).join(', ')}.`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return failed(
      code === 'ENOTFOUND'
        ? `No address is known for "${host}". Check the spelling in "url", the network and, where there is one, the VPN.`
        : `"${host}" could not be looked up (${code ?? 'unknown'}). Check the network and its name servers.`,
    );
  }
}

export async function checkPort(host: string, port: number): Promise<Finding> {
  const { socket, error } = await connected(net.connect({ host, port }), 'connect');
  socket.destroy();
  if (!error) return ok(`${host} takes connections on port ${port}.`);
  return failed(
    error.code === 'ECONNREFUSED'
      ? `Nothing listens on port ${port} of ${host}. Start the server, or correct the port in "url".`
      : `${host} does not answer on port ${port} (${error.code ?? error.message}). A firewall or VPN may stand between.`,
  );
}

export async function checkTls(host: string, port: number): Promise<Finding> {
  const servername = net.isIP(host) === 0 ? host : '';
  const { socket, error } = await connected(tls.connect({ host, port, servername, rejectUnauthorized: true }), 'secureConnect');
  const { valid_to: until } = (socket as tls.TLSSocket).getPeerCertificate?.() ?? {};
  socket.destroy();
  if (!error) return ok(until ? `The certificate is good until ${until}.` : 'The certificate is good.');
  return failed(
    `The certificate of ${host} is not accepted (${error.code ?? error.message}). For an authority of your own, set NODE_EXTRA_CA_CERTS before VS Code starts; do not turn checking off.`,
  );
}

function connected(socket: net.Socket, event: string): Promise<{ socket: net.Socket; error?: NodeJS.ErrnoException }> {
  return new Promise((resolve) => {
    socket.setTimeout(CONNECT_MS, () => {
      socket.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }));
    });
    socket.once(event, () => resolve({ socket }));
    // Stays: a socket may fail after it was connected, while it is being destroyed.
    socket.on('error', (error: NodeJS.ErrnoException) => resolve({ socket, error }));
    socket.once('close', () => resolve({ socket, error: Object.assign(new Error('closed'), { code: 'ECONNRESET' }) }));
  });
}
