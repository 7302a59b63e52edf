/**
 * Owns a running `codex app-server`: newline-delimited JSON-RPC on its stdio, requests with a deadline each. Its stdin is
 * its lifeline: the server ends when it closes, as it does when the tests die; `close()` also kills what is left.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { killTree } from '../../scripts/lib/processTree.mjs';
import { endOf, textOf } from './processes';
import { clientEntry, type World } from './world';

const ANSWER_MS = 30_000;
const END_MS = 10_000;

export interface AppServer {
  /** Rejects with the server's error, or when no answer comes in time. */
  request<T>(method: string, params: object): Promise<T>;
  /** Lets it end by itself; gives the manner of its end. */
  close(): Promise<string>;
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

export async function startAppServer(world: World, env: Readonly<Record<string, string>>): Promise<AppServer> {
  const child = spawn(process.execPath, [clientEntry('codex'), 'app-server'], {
    cwd: world.workspace,
    env: { ...world.env, ...env },
    stdio: 'pipe',
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  const stderr = textOf(child.stderr);
  const ended = endOf(child);
  const waiting = new Map<number, (answer: Answer | string) => void>();
  let last = 0;
  child.stdin.on('error', () => undefined);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as Answer;
    if (answer.id !== undefined && answer.method === undefined) waiting.get(answer.id)?.(answer);
  });
  void ended.then((how) => {
    for (const settle of waiting.values()) settle(`it ended (${how})`);
  });
  const send = (message: object): void => void child.stdin.write(`${JSON.stringify(message)}\n`);

  const server: AppServer = {
    request<T>(method: string, params: object) {
      const id = ++last;
      return new Promise<T>((resolve, reject) => {
        const deadline = setTimeout(() => waiting.get(id)?.(`no answer within ${ANSWER_MS} ms`), ANSWER_MS);
        waiting.set(id, (answer) => {
          clearTimeout(deadline);
          waiting.delete(id);
          const problem = typeof answer === 'string' ? answer : answer.error?.message;
          if (problem === undefined) resolve((answer as Answer).result as T);
          else reject(new Error(`codex app-server, ${method}: ${problem}\n${stderr()}`));
        });
        send({ id, method, params });
      });
    },
    async close() {
      const deadline = setTimeout(() => killTree(child.pid, 'SIGKILL'), END_MS);
      child.stdin.end();
      const how = await ended;
      clearTimeout(deadline);
      killTree(child.pid, 'SIGKILL');
      return how;
    },
  };
  try {
    await server.request('initialize', { clientInfo: { name: 'mcp-shark-tests', title: 'MCP Shark', version: '1' }, capabilities: { experimentalApi: true } });
    send({ method: 'initialized' });
    return server;
  } catch (error) {
    await server.close();
    throw error;
  }
}
