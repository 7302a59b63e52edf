// `npm start`: installs what is missing, builds, and opens a real VS Code on a sample workspace with real MCP servers, so that
// there is something to see. Ctrl+C (or closing the desktop window) ends everything it started.
//   --no-open        prepare and print, but open no desktop window
//   --port N         the port of the browser editor (default: a free one)
//   --servers-only   the sample workspace and its servers alone, for the debugger in .vscode/launch.json, which brings the editor
import { parseArgs } from 'node:util';
import { bootstrap } from './lib/bootstrap.mjs';
import { build } from './lib/build.mjs';
import { cleanUp } from './lib/cleanup.mjs';
import { runMain, SetupError } from './lib/errors.mjs';
import { continueUnderNode24 } from './lib/node24.mjs';
import { say } from './lib/progress.mjs';
import { startEverythingOverHttp } from './lib/realServers.mjs';
import { writeSampleWorkspace } from './lib/sampleWorkspace.mjs';
import { chooseUserEditor, openCodeServer, openDesktop, waitForSignal } from './lib/userEditor.mjs';

await runMain(async () => {
  const { open, port, serversOnly } = readOptions();
  await bootstrap();
  const elsewhere = await continueUnderNode24();
  if (elsewhere !== undefined) return elsewhere;

  if (!serversOnly) {
    say('building');
    await build();
  }
  const editor = serversOnly ? undefined : await chooseUserEditor();
  const http = await startEverythingOverHttp();
  const workspace = await writeSampleWorkspace(http.url);
  say(`the sample workspace is ${workspace}`);
  try {
    if (!editor) await waitForSignal();
    else await (editor.kind === 'desktop' ? openDesktop(editor, workspace, { open }) : openCodeServer(editor, workspace, { port }));
  } finally {
    await cleanUp();
  }
  return 0;
});

function readOptions() {
  const usage = 'Usage: npm start [-- [--no-open] [--port N] [--servers-only]]';
  try {
    const { values } = parseArgs({
      options: {
        'no-open': { type: 'boolean', default: false },
        'servers-only': { type: 'boolean', default: false },
        port: { type: 'string', default: '0' },
      },
    });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new SetupError(`--port is "${values.port}"; it must be a whole number from 0 to 65535. ${usage}`);
    return { open: !values['no-open'], port, serversOnly: values['servers-only'] };
  } catch (error) {
    throw error instanceof SetupError ? error : new SetupError(`${/** @type {Error} */ (error).message}. ${usage}`);
  }
}
