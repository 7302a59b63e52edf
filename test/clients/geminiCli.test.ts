/**
 * Gemini CLI through the gateway: 2025-06-18, a health check that pings, and a session of its own that answers
 * `roots/list`. A scripted model on loopback makes it call a tool without an account.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CLIENTS } from './catalog';
import { answerOf, expectLogToMatchWire, openings, wireStory } from './evidence';
import { startScriptedModel } from './scriptedModel';
import { openWorld, type World } from './world';

const SETTINGS = {
  security: { auth: { selectedType: 'gemini-api-key' } },
  privacy: { usageStatisticsEnabled: false },
  telemetry: { enabled: false },
  general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
};

async function gemini(world: World, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { how, stdout, stderr } = await world.run('gemini', args, { GEMINI_API_KEY: 'none', ...env });
  expect(how, `gemini ${args[0]}: ${stdout}\n${stderr}`).toBe('exit code 0');
  // It prints some of its answers to stderr.
  return stdout + stderr;
}

async function openTrustedWorld(endpoint = '/mcp'): Promise<World> {
  const world = await openWorld();
  const folder = path.join(world.home, '.gemini');
  await mkdir(folder);
  await writeFile(path.join(folder, 'trustedFolders.json'), JSON.stringify({ [world.workspace]: 'TRUST_FOLDER' }));
  await writeFile(path.join(folder, 'settings.json'), JSON.stringify(SETTINGS));
  await gemini(world, ['mcp', 'add', '--scope', 'user', '--transport', 'http', 'shark', world.url.replace(/\/mcp$/, endpoint), '-H', `Authorization: Bearer ${world.token}`]);
  return world;
}

describe('Gemini CLI', () => {
  it.each(['/mcp', '/mcp/everything'])('connects through %s and pings, and the log holds what it sent', async (endpoint) => {
    const world = await openTrustedWorld(endpoint);
    expect(await gemini(world, ['mcp', 'list'])).toMatch(/✓ shark: .* - Connected/);

    const recorded = await world.finish();
    expectLogToMatchWire(world, recorded);
    expect(wireStory(world.tap.exchanges).sort()).toEqual([`GET ${endpoint} 200`, 'POST initialize 200', 'POST notifications/initialized 202', 'POST ping 200']);
    expect(openings(recorded)).toEqual([expect.objectContaining({ protocolVersion: '2025-06-18', clientInfo: { name: 'mcp-test-client', version: '0.0.1' } })]);
    expect(world.sinkhole.asked).toEqual([]);
  });

  it('lists and calls when its model says so, answers roots/list, and the log holds all of it', async () => {
    const world = await openTrustedWorld();
    const model = await startScriptedModel('everything__echo', { message: 'from Gemini CLI' });
    try {
      // A named model, so that it does not ask the scripted one which to take.
      const args = ['--model', 'gemini-2.5-flash', '--approval-mode', 'yolo', '--prompt', 'Call echo.'];
      expect(await gemini(world, args, { GOOGLE_GEMINI_BASE_URL: model.origin })).toContain('done');
      expect(model.offered[0]).toEqual(expect.arrayContaining(['mcp_shark_everything__echo', 'mcp_shark_memory__read_graph']));
    } finally {
      await model.close();
    }

    const recorded = await world.finish();
    expectLogToMatchWire(world, recorded);
    const clientInfo = { name: 'gemini-cli-mcp-client', version: CLIENTS.gemini.version };
    expect(openings(recorded)).toEqual([expect.objectContaining({ protocolVersion: '2025-06-18', clientInfo })]);
    expect(answerOf(recorded, 'everything', 'echo')).toBe('Echo: from Gemini CLI');
    const roots = recorded.calls.filter(({ method }) => method === 'roots/list');
    expect(roots.length).toBeGreaterThan(0);
    for (const call of roots) {
      expect(call).toMatchObject({ origin: 'server', status: 'ok' });
      expect(call.response).toContain(world.workspace);
    }
  });
});
