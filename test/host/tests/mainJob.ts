// The main job: VS Code's own MCP client calls tools of real servers, over stdio and over Streamable HTTP, through the one
// endpoint of MCP Shark; the calls are on disk, readable with sqlite3, within 30 s of quiet; the Traffic view opens.
import assert from 'node:assert/strict';
import { pollUntil, soonMs, waitFor } from '../../support/editor/poll';
import { readRecordedCalls, type RecordedCall } from '../../support/editor/recordedCalls';
import { operations } from '../driver/operations';
import { test } from '../harness';
import { readHarness, showTraffic, waitForTools } from '../product';

const overStdio = { server: 'everything', message: 'hello over stdio' };
const overHttp = { server: 'remote', message: 'hello over HTTP' };
const quietMs = 30_000;

for (const { server, message } of [overStdio, overHttp]) {
  test(`VS Code calls a tool of "${server}" through MCP Shark and gets the server's answer`, async () => {
    const [name] = await waitForTools([`${server}__echo`]);
    assert.ok(name);
    const { text } = await operations.invokeTool(name, { message });
    assert.match(text, new RegExp(`Echo: ${message}`));
  });
}

test('an error that a tool reports reaches VS Code', async () => {
  const [name] = await waitForTools(['everything__echo']);
  assert.ok(name);
  const outcome = await operations.invokeTool(name, { message: { not: 'a string' } }).then(({ text }) => text, (error: Error) => error.message);
  assert.doesNotMatch(outcome, /Echo: \[object/);
  assert.match(outcome, /invalid|expected|string/i);
});

test('both calls are in a SQLite file within 30 s of quiet, with request, response, session, duration and status', async () => {
  const { globalStorage } = readHarness();
  const calls = await pollUntil(async () => {
    const recorded = await readRecordedCalls(globalStorage);
    return { done: [overStdio, overHttp].every((call) => findCall(recorded, call)), value: recorded };
  }, quietMs, 500);
  for (const wanted of [overStdio, overHttp]) {
    const call = findCall(calls, wanted);
    assert.ok(call, `no tools/call of echo on ${wanted.server} with "${wanted.message}" among ${calls.length} recorded calls`);
    assert.equal(call.method, 'tools/call');
    assert.equal(call.status, 'ok');
    assert.ok(call.session, 'the session is missing');
    assert.ok(Number(call.duration_us) > 0, 'the duration is missing');
    assert.match(String(call.response), new RegExp(`Echo: ${wanted.message}`));
  }
});

test('"MCP Shark: Show Traffic" opens the Traffic view', async () => {
  await operations.executeCommand(showTraffic);
  await waitFor('a webview tab', () => operations.openTabs().find((tab) => tab.viewType?.includes('mcpShark')), soonMs, () => JSON.stringify(operations.openTabs()));
});

function findCall(calls: readonly RecordedCall[], { server, message }: { server: string; message: string }): RecordedCall | undefined {
  return calls.find((call) => call.server === server && call.name === 'echo' && String(call.request).includes(message));
}
