// Owns standing where the server stands: runs `node SCRIPT ARGS…` and keeps a copy of every byte that crosses its stdin and
// stdout in LOG.in and LOG.out, before passing it on. Usage: node tee.mjs LOG SCRIPT ARGS…
import { spawn } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';

const [log = '', ...command] = process.argv.slice(2);
const server = spawn(process.execPath, command, { stdio: ['pipe', 'pipe', 'inherit'] });
for (const side of ['in', 'out']) writeFileSync(`${log}.${side}`, '');

process.stdin.on('data', (bytes) => {
  appendFileSync(`${log}.in`, bytes);
  server.stdin.write(bytes);
});
process.stdin.on('end', () => server.stdin.end());
server.stdout.on('data', (bytes) => {
  appendFileSync(`${log}.out`, bytes);
  process.stdout.write(bytes);
});
server.on('exit', (code) => process.exit(code ?? 1));
server.stdin.on('error', () => {});
process.stdout.on('error', () => server.kill());
