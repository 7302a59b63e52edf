// Holds package.json, package.nls.json and the id tables of src/extension/editor/ids.ts together.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import manifest from '../../../package.json';
import strings from '../../../package.nls.json';
import { COMMANDS, PROVIDERS, SETTINGS, WEBVIEWS } from '../../../src/extension/editor/ids';

const { contributes } = manifest;

describe('the manifest', () => {
  test('contributes exactly the commands that the code registers', () => {
    expect(contributes.commands.map(({ command }) => command).toSorted()).toEqual(Object.values(COMMANDS).toSorted());
  });

  test('contributes exactly the settings that the code reads', () => {
    expect(Object.keys(contributes.configuration.properties).toSorted()).toEqual(Object.values(SETTINGS).toSorted());
  });

  test('contributes exactly the MCP providers that the code registers', () => {
    expect(contributes.mcpServerDefinitionProviders.map(({ id }) => id)).toEqual(Object.values(PROVIDERS));
  });

  test('activates for every webview panel that can be restored', () => {
    for (const id of Object.values(WEBVIEWS)) expect(manifest.activationEvents).toContain(`onWebviewPanel:${id}`);
  });

  test('names the first command exactly "MCP Shark: Show Traffic"', () => {
    const command = contributes.commands.find((entry) => entry.command === COMMANDS.trafficShow);
    expect(command?.title).toBe('%command.trafficShow.title%');
    expect(strings['command.trafficShow.title']).toBe('MCP Shark: Show Traffic');
  });

  test('begins every command title with the name of the product, so that the palette groups them', () => {
    for (const [key, text] of Object.entries(strings)) {
      if (/^command\..*\.title$/.test(key)) expect(text).toMatch(/^MCP Shark: \S/);
    }
  });

  test('takes every string from package.nls.json and leaves none there unused', () => {
    const used = [...JSON.stringify(manifest).matchAll(/%([\w.]+)%/g)].map((match) => match[1]);
    expect([...new Set(used)].toSorted()).toEqual(Object.keys(strings).toSorted());
  });

  test('lets nobody but the user change what protects him: no workspace, and no container that a repository describes', () => {
    const guarded = Object.entries(contributes.configuration.properties).filter(([id]) => /^mcpShark\.(?:policy|redaction)\.|^mcpShark\.playground\.confirm$/.test(id));
    expect(guarded.length).toBeGreaterThan(6);
    for (const [id, setting] of guarded) expect([id, setting.scope]).toEqual([id, 'application']);
  });

  test('refers in menus to contributed commands only', () => {
    const commands: string[] = Object.values(COMMANDS);
    for (const entry of Object.values(contributes.menus).flat()) expect(commands).toContain(entry.command);
  });
});

describe('the settings reference', () => {
  test('lists every setting with its default in the README', () => {
    const readme = readFileSync('README.md', 'utf8');
    for (const [id, setting] of Object.entries(contributes.configuration.properties)) {
      expect(readme).toContain(`| \`${id}\` | \`${JSON.stringify(setting.default)}\` |`);
    }
  });
});

describe('editor/', () => {
  test('writes ids in ids.ts only', () => {
    for (const file of readdirSync('src/extension/editor')) {
      if (file === 'ids.ts') continue;
      const text = readFileSync(`src/extension/editor/${file}`, 'utf8');
      for (const id of [...Object.values(COMMANDS), ...Object.values(SETTINGS), ...Object.values(WEBVIEWS)]) {
        expect(text, `${file} writes "${id}"`).not.toContain(`'${id}'`);
      }
    }
  });
});
