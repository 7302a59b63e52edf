// The VS Code window as a person sees and uses it: command palette, status bar, webview, theme, screenshot. Selectors of
// VS Code's own parts live here and nowhere else.
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { HostRemote } from './hostRemote';
import { pollUntil } from './poll';
import { productId } from './runFolder';
import { themes, type ThemeName } from './settings';

const readyTimeoutMs = 60_000;
const actionTimeoutMs = 15_000;

export class Workbench {
  constructor(
    readonly page: Page,
    private readonly host: HostRemote,
  ) {
    page.setDefaultTimeout(actionTimeoutMs);
  }

  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: readyTimeoutMs });
  }

  /** Runs a command by its title, through the command palette. */
  async runCommand(title: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input');
    // Focus that moves at that moment, such as with a panel that closes, shuts the palette again.
    const isWritten = await pollUntil(async () => {
      if (!(await input.isVisible())) await this.page.keyboard.press('F1');
      const done = await input.fill(`>${title}`, { timeout: 1_000 }).then(() => true, () => false);
      return { done, value: done };
    }, readyTimeoutMs);
    if (!isWritten) throw new Error(`The command palette did not open for "${title}".`);
    const entry = this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: title }).first();
    await entry.waitFor({ timeout: 10_000 });
    await entry.click();
    await input.waitFor({ state: 'hidden', timeout: 10_000 });
  }

  /** Starts a reload the way a user does, so that the window saves its layout first. */
  async reloadWindow(): Promise<void> {
    await this.runCommand('Developer: Reload Window');
  }

  /** Answers the question VS Code asks before it runs a tool for an extension. */
  async allowTool(): Promise<void> {
    await this.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Yes' }).click();
  }

  /** The product's entry in the status bar. */
  statusBarEntry(): Locator {
    return this.page.locator(`.part.statusbar .statusbar-item[id^="${productId}"]`).first();
  }

  /** The content of the visible webview: VS Code nests it in two frames. */
  webview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').first().frameLocator('iframe');
  }

  /** Changes the colour theme and waits until the window shows it. */
  async setTheme(name: ThemeName): Promise<void> {
    // Through the API: the web workbench does not watch the settings file.
    await this.host.call('updateUserSetting', 'workbench.colorTheme', themes[name]);
    const className = { dark: 'vs-dark', light: 'vs', highContrast: 'hc-black', highContrastLight: 'hc-light' }[name];
    await this.page.locator(`.monaco-workbench.${className}`).waitFor({ timeout: 15_000 });
  }

  async screenshot(path: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await this.page.screenshot({ path });
  }
}
