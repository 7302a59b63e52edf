// The cheap echo server over stdio. Ends with its stdin.
import { answer } from './echo.mjs';
import { readLines } from './lines.mjs';

readLines(process.stdin, (line) => {
  const reply = answer(JSON.parse(line.toString()));
  if (reply) process.stdout.write(`${JSON.stringify(reply)}\n`);
});
process.stdin.on('end', () => process.exit());
