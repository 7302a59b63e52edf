// The VS Code window as a person sees and uses it: command palette, status bar, webview, theme, screenshot. Selectors of
// VS Code's own parts live here and nowhere else.
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { HostRemote } from './hostRemote';
import { pollUntil, waitFor } from './poll';
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
    await this.#chooseCommand(title);
    await this.#quickInput.waitFor({ state: 'hidden', timeout: 10_000 });
  }

  /** Runs a command that asks for more, and chooses an entry of its first list. */
  async runCommandAndPick(title: string, entry: string): Promise<void> {
    await this.#chooseCommand(title);
    await this.#quickEntry(entry).click();
  }

  /** Answers what a command asks for in a line of text. */
  async answerPrompt(prompt: string, answer: string): Promise<void> {
    await this.page.locator('.quick-input-widget').filter({ hasText: prompt }).waitFor();
    await this.#quickInput.fill(answer);
    await this.press('Enter');
  }

  get #quickInput(): Locator {
    return this.page.locator('.quick-input-widget input');
  }

  #quickEntry(text: string): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text }).first();
  }

  async #chooseCommand(title: string): Promise<void> {
    const input = this.#quickInput;
    // Focus that moves at that moment, such as with a panel that closes, shuts the palette again.
    const isWritten = await pollUntil(async () => {
      if (!(await input.isVisible())) await this.page.keyboard.press('F1');
      const done = await input.fill(`>${title}`, { timeout: 1_000 }).then(() => true, () => false);
      return { done, value: done };
    }, readyTimeoutMs);
    if (!isWritten) throw new Error(`The command palette did not open for "${title}".`);
    const entry = this.#quickEntry(title);
    await entry.waitFor({ timeout: 10_000 });
    await entry.click();
  }

  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** The question that stands over the window. */
  get dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  /** Presses a button of the question, and waits until it has gone. */
  async answerDialog(button: string): Promise<void> {
    await this.dialog.getByRole('button', { name: button, exact: true }).click();
    await this.dialog.waitFor({ state: 'hidden' });
  }

  get diffEditor(): Locator {
    return this.page.locator('.monaco-diff-editor');
  }

  async tabLabels(): Promise<string[]> {
    return (await this.host.call('openTabs')).map(({ label }) => label);
  }

  /** Waits for the tab of an editor: what it is called, or what is in its name. */
  async tabWith(label: string): Promise<void> {
    await waitFor(`the tab "${label}"`, async () => ((await this.tabLabels()).some((one) => one.includes(label)) ? true : undefined), actionTimeoutMs);
  }

  async closeEditor(): Promise<void> {
    await this.host.call('executeCommand', 'workbench.action.closeActiveEditor');
  }

  /** In the notification centre: a toast may have gone again, or wait for the window to be looked at. */
  async notificationWith(text: string): Promise<Locator> {
    const notification = this.page.locator('.notifications-center .notification-list-item').filter({ hasText: text });
    await waitFor(`a notification with ${text}`, async () => {
      await this.host.call('executeCommand', 'notifications.showList');
      return (await notification.isVisible()) || undefined;
    }, actionTimeoutMs);
    return notification;
  }

  async dismissNotifications(): Promise<void> {
    await this.host.call('executeCommand', 'notifications.clearAll');
  }

  /** Starts a reload the way a user does, so that the window saves its layout first. */
  async reloadWindow(): Promise<void> {
    await this.runCommand('Developer: Reload Window');
  }

  /** Answers the question VS Code asks before it runs a tool for an extension. */
  async allowTool(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Yes' }).click();
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
