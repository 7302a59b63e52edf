// `npm run crash`: the long run of the crash experiment, 1,000 kills or as many as the first argument says. It is the test
// that `npm test` runs with fewer; see killedWriters.ts.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const kills = Number(process.argv[2] ?? 1000);
if (!Number.isInteger(kills) || kills < 2) {
  console.error(`usage: npm run crash -- [kills], a whole number from 2 on, not ${process.argv[2]}`);
  process.exit(2);
}
const root = path.resolve(import.meta.dirname, '../..');
const withNode = path.join(root, 'scripts/with-node.mjs');
const test = ['vitest', 'run', '--project', 'crash', 'test/unit/store/recovery.test.ts', '-t', 'loses and doubles nothing'];
const env = { ...process.env, MCP_SHARK_KILLS: String(kills) };
const { status, error } = spawnSync(process.execPath, [withNode, ...test], { cwd: root, env, stdio: 'inherit' });
if (error) throw error;
process.exit(status ?? 1);
