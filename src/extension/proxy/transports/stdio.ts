/**
 * Owns one server process and its pipes (MCP 2025-11-25, transports, "stdio"): frames out as lines on stdin, frames in as
 * lines of stdout, stderr as text. Never uses a shell. The process leads its own group, so that its children end with it.
 */
import { Buffer } from 'node:buffer';
import type { ChildProcess } from 'node:child_process';
import spawn from 'cross-spawn';
import type { Envelope } from '../../mcp/envelope';
import type { ResolvedServer } from '../../servers/types';
import type { Clock } from '../../util/clock';
import { messageOf } from '../../util/errors';
import { explainCommandNotFound } from './commandNotFound';
import type { Release } from './letGo';
import { MAX_MESSAGE_BYTES } from './limits';
import { LineSplitter } from './lines';
import { endProcessTree, endWithThisProcess } from './processTree';
import type { TransportEvents, UpstreamTransport } from './types';

const MAX_STDERR_LINE_BYTES = 8 * 1024;
/** From here on joining message and line end costs more than a second write. */
const JOIN_LIMIT_BYTES = 16 * 1024;
/** What may wait for a server that does not read its stdin before its client is held back, and before it is told so. */
const HELD_FROM_BYTES = 1024 * 1024;
const MAX_UNREAD_BYTES = 64 * 1024 * 1024;
const NEWLINE = Buffer.from('\n');

/**
 * A frame as one line. White space between JSON tokens may hold line ends (inside strings it may not); they become
 * spaces, since a line end would end the message. Gives `bytes` itself where there are none.
 */
export function asOneLine(bytes: Buffer): Buffer {
  if (bytes.indexOf(0x0a) < 0 && bytes.indexOf(0x0d) < 0) return bytes;
  const line = Buffer.from(bytes);
  for (let i = 0; i < line.length; i++) if (line[i] === 0x0a || line[i] === 0x0d) line[i] = 0x20;
  return line;
}

export class StdioTransport implements UpstreamTransport {
  readonly isShared = true;
  readonly #child: ChildProcess;
  readonly #events: TransportEvents;
  readonly #clock: Clock;
  readonly #name: string;
  #closed = false;
  #closing: Promise<void> | undefined;
  /** Who waits for the server to read. */
  #held: (() => void)[] = [];
  readonly #uncork = (): void => this.#child.stdin?.uncork();

  constructor(
    server: Extract<ResolvedServer, { type: 'stdio' }>,
    events: TransportEvents,
    clock: Clock,
    private readonly maxUnreadBytes = MAX_UNREAD_BYTES,
  ) {
    this.#events = events;
    this.#clock = clock;
    this.#name = server.name;
    const { env } = server;
    const child = spawn(server.command, [...server.args], {
      cwd: server.cwd,
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
      shell: false,
    });
    this.#child = child;
    endWithThisProcess(child);

    child.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'ENOENT' || error.code === 'ENOTDIR'
          ? explainCommandNotFound(server.command, env, server.cwd)
          : error.code === 'EACCES'
            ? `"${server.command}" may not be executed (permission denied)`
            : messageOf(error);
      this.#end(`Server "${server.name}" cannot be started: ${why}`, true);
    });
    // 'close' comes when the process has ended and its pipes are drained, so the last words of stderr are in.
    child.once('close', (code, signal) => {
      const how = signal ? `was ended by ${signal}` : `exited with code ${code ?? 'unknown'}`;
      this.#end(`Server "${server.name}" ${how}`, true);
    });
    // A child of the server may hold the pipes open after the server itself has gone.
    child.once('exit', (code, signal) => {
      const how = signal ? `was ended by ${signal}` : `exited with code ${code ?? 'unknown'}`;
      const timer = clock.timer(500, () => this.#end(`Server "${server.name}" ${how}`, true));
      child.once('close', () => timer.dispose());
    });

    const lines = new LineSplitter(
      (line) => {
        if (!this.#closed) events.onMessage(line, undefined);
      },
      MAX_MESSAGE_BYTES,
      () => {
        events.onStderr([`[MCP Shark] a message of more than ${MAX_MESSAGE_BYTES} bytes was dropped`]);
      },
    );
    child.stdout?.on('data', (chunk: Buffer) => lines.push(chunk));
    child.stdout?.on('end', () => lines.end());

    let errorLines: string[] = [];
    const errors = new LineSplitter(
      (line) => errorLines.push(line.toString('utf8', 0, MAX_STDERR_LINE_BYTES)),
      MAX_STDERR_LINE_BYTES * 8,
      () => undefined,
    );
    const flushErrors = (): void => {
      if (errorLines.length === 0) return;
      const taken = errorLines;
      errorLines = [];
      events.onStderr(taken);
    };
    child.stderr?.on('data', (chunk: Buffer) => {
      errors.push(chunk);
      flushErrors();
    });
    child.stderr?.on('end', () => {
      errors.end();
      flushErrors();
    });
    // EPIPE when the process has gone: 'close' tells.
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.on('error', () => undefined);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  encode(bytes: Buffer): Buffer {
    return asOneLine(bytes);
  }

  send(bytes: Buffer, envelope: Envelope, release?: Release): void {
    const stdin = this.#child.stdin;
    if (!stdin?.writable) return;
    const unread = stdin.writableLength;
    if (unread > this.maxUnreadBytes) {
      const id = envelope.kind === 'request' ? envelope.id : undefined;
      const message = `Server "${this.#name}" does not read what it is sent (${Math.round(unread / 1e6)} MB wait for it): this message was not sent`;
      // Told later, as all failures of sending are.
      queueMicrotask(() => this.#events.onSendFailed(id, message));
      return;
    }
    // What is sent in one job goes out in one write.
    if (stdin.writableCorked === 0) {
      stdin.cork();
      process.nextTick(this.#uncork);
    }
    if (bytes.length <= JOIN_LIMIT_BYTES) {
      const line = Buffer.allocUnsafe(bytes.length + 1);
      bytes.copy(line);
      line[bytes.length] = 0x0a;
      stdin.write(line);
      return;
    }
    stdin.write(bytes, release);
    stdin.write(NEWLINE);
  }

  held(): ((goOn: () => void) => void) | undefined {
    const stdin = this.#child.stdin;
    if (!stdin || stdin.writableLength < HELD_FROM_BYTES) return undefined;
    return (goOn) => {
      if (this.#held.push(goOn) > 1) return;
      const letThrough = (): void => {
        stdin.off('drain', letThrough);
        stdin.off('close', letThrough);
        const due = this.#held;
        this.#held = [];
        for (const one of due) one();
      };
      stdin.on('drain', letThrough);
      stdin.on('close', letThrough);
    };
  }

  handshakeDone(): void {
    // stdio has nothing to settle.
  }

  pause(paused: boolean): void {
    if (paused) this.#child.stdout?.pause();
    else this.#child.stdout?.resume();
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      this.#child.stdout?.resume();
      await endProcessTree(this.#child, this.#clock);
      this.#end(`Server "${this.#name}" was stopped`, false);
    })();
    return this.#closing;
  }

  #end(message: string, unexpected: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    const stopping = this.#closing !== undefined;
    // Whatever the server has left behind must not outlive it.
    if (!stopping) void this.close();
    this.#events.onClose({ message, unexpected: unexpected && !stopping });
  }
}
