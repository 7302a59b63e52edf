// What every editor the tests start has in common: the product under test as packaged, and user settings that are quiet,
// offline and the same everywhere.
import { existsSync } from 'node:fs';
import { vsixPath } from '../../../scripts/lib/paths.mjs';

/** The VSIX under test: what `npm run package` wrote, or the file that MCP_SHARK_TEST_VSIX names. */
export function packagedProduct(): string {
  const path = process.env['MCP_SHARK_TEST_VSIX'] || vsixPath();
  if (!existsSync(path)) throw new Error(`${path} does not exist. Run "npm run package" first.`);
  return path;
}

export const themes = {
  dark: 'Dark Modern',
  light: 'Light Modern',
  highContrast: 'Default High Contrast',
  highContrastLight: 'Default High Contrast Light',
} as const;
export type ThemeName = keyof typeof themes;

export const testSettings: Record<string, unknown> = {
  'workbench.colorTheme': themes.dark,
  'window.autoDetectColorScheme': false,
  'workbench.startupEditor': 'none',
  // Dialogs drawn by the workbench, so that a test can answer them on a desktop too.
  'window.dialogStyle': 'custom',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  // Machine scope: suites about other things start their servers unasked.
  'mcpShark.policy.servers': 'allow',
};
