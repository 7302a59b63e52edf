// Stdio for the light client, so that `direct` can be measured without the SDK.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readLines } from '../parts/lines.mjs';
import { waitingRoom } from './waiting.mjs';
import { INITIALIZED } from './wire.mjs';

export function lightStdio({ command, args }) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const room = waitingRoom();
  readLines(child.stdout, (line) => room.answer(line.toString()));
  child.on('exit', () => room.close(new Error('the server ended')));
  const write = (text) => child.stdin.write(`${text}\n`);
  return {
    ask(id, body) {
      const answer = room.wait(id);
      write(body);
      return answer;
    },
    initialized: async () => void write(INITIALIZED),
    async close() {
      child.stdin.end();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}
