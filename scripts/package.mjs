// `npm run package`: writes mcp-shark-<version>.vsix and refuses to when anything is in it that does not belong there. vsce runs
// the production build itself, through the vscode:prepublish script.
import { rm } from 'node:fs/promises';
import { bootstrap } from './lib/bootstrap.mjs';
import { runMain } from './lib/errors.mjs';
import { say } from './lib/progress.mjs';
import { packageExtension } from './lib/vsix.mjs';
import { vsixPath } from './lib/paths.mjs';

await runMain(async () => {
  await bootstrap();
  await rm(vsixPath(), { force: true });
  const { files, bytes } = await packageExtension();
  for (const { path, size } of files) console.log(`${String(size).padStart(9)}  ${path}`);
  say(`${vsixPath()}: ${files.length} files, ${(bytes / 1024).toFixed(0)} kB`);
});
