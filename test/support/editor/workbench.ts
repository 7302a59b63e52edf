// The VS Code window as a person sees and uses it: command palette, status bar, webview, theme, screenshot. Selectors of
// VS Code's own parts live here and nowhere else.
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { HostRemote } from './hostRemote';
import { pollUntil, soonMs, startMs, waitFor } from './poll';
import { productId } from './runFolder';
import { themes, type ThemeName } from './settings';

export class Workbench {
  constructor(
    readonly page: Page,
    private readonly host: HostRemote,
  ) {
    page.setDefaultTimeout(soonMs);
  }

  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: startMs });
  }

  /** Runs a command by its title, through the command palette. */
  async runCommand(title: string): Promise<void> {
    await this.#chooseCommand(title);
    await this.#quickInput.waitFor({ state: 'hidden' });
  }

  /** Runs a command that asks for more, and chooses an entry of its first list. */
  async runCommandAndPick(title: string, entry: string): Promise<void> {
    await this.#chooseCommand(title);
    await this.#quickEntry(entry).click();
  }

  /** Answers what a command asks for in a line of text. */
  async answerPrompt(prompt: string, answer: string): Promise<void> {
    const question = this.page.locator('.quick-input-widget').filter({ hasText: prompt });
    await question.waitFor();
    await this.#quickInput.fill(answer);
    await this.#quickInput.press('Enter');
    await question.waitFor({ state: 'hidden' });
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
    const isChosen = await pollUntil(async () => {
      if (!(await input.isVisible())) await this.page.keyboard.press('F1');
      const done = await input.fill(`>${title}`, { timeout: 1_000 }).then(() => this.#quickEntry(title).click({ timeout: 5_000 })).then(() => true, () => false);
      return { done, value: done };
    }, startMs);
    if (!isChosen) throw new Error(`The command palette did not offer "${title}".`);
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
    await waitFor(`the tab "${label}"`, async () => ((await this.tabLabels()).some((one) => one.includes(label)) ? true : undefined), soonMs);
  }

  /** Opens the context menu of something of VS Code's own, and chooses an entry. */
  async chooseFromMenu(of: Locator, entry: string): Promise<void> {
    const item = this.page.locator('.monaco-menu').getByText(entry);
    // A menu that has only just opened takes no click: it could belong to the one before. And where the focus moves, it closes.
    const isChosen = await pollUntil(async () => {
      if (!(await item.isVisible())) await of.click({ button: 'right' });
      const isClicked = await item.click({ timeout: 2_000 }).then(() => true, () => false);
      const done = isClicked && (await item.waitFor({ state: 'hidden', timeout: 2_000 }).then(() => true, () => false));
      return { done, value: done };
    }, soonMs);
    if (!isChosen) throw new Error(`The entry "${entry}" could not be chosen.`);
  }

  /** Trusts the folder, in the editor for workspace trust, which is open. It draws its buttons anew as it learns more. */
  async trustFolder(): Promise<void> {
    const trust = this.page.getByRole('button', { name: 'Trust', exact: true }).first();
    await trust.waitFor();
    const isTrusted = await pollUntil(async () => {
      await trust.click({ timeout: 2_000 }).catch(() => {});
      const done = await trust.waitFor({ state: 'hidden', timeout: 2_000 }).then(() => true, () => false);
      return { done, value: done };
    }, soonMs);
    if (!isTrusted) throw new Error('The folder could not be trusted.');
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
    }, soonMs);
    return notification;
  }

  async dismissNotifications(): Promise<void> {
    await this.host.call('executeCommand', 'notifications.clearAll');
  }

  /** Starts a reload the way a user does, so that the window saves its layout first. */
  async reloadWindow(): Promise<void> {
    await this.runCommand('Developer: Reload Window');
  }

  /** Answers the question VS Code asks before it runs a tool for an extension, if it asks, until the tool `hasAnswered`. */
  async allowTool(hasAnswered: () => boolean): Promise<void> {
    const yes = this.dialog.getByRole('button', { name: 'Yes' }).first();
    await pollUntil(async () => {
      // Where several are asked for at once, another may have answered meanwhile.
      if (await yes.isVisible().catch(() => false)) await yes.click({ timeout: 1_000 }).catch(() => {});
      return { done: hasAnswered(), value: undefined };
    }, Infinity);
  }

  /** The product's entry in the status bar. */
  statusBarEntry(): Locator {
    return this.page.locator(`.part.statusbar .statusbar-item[id^="${productId}"]`).first();
  }

  /** The content of the visible webview: VS Code nests it in two frames, the inner one not seen before it is loaded. */
  webview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').first().frameLocator('iframe#active-frame');
  }

  /** Changes the colour theme and waits until the window shows it. */
  async setTheme(name: ThemeName): Promise<void> {
    // Through the API: the web workbench does not watch the settings file.
    await this.host.call('updateUserSetting', 'workbench.colorTheme', themes[name]);
    const className = { dark: 'vs-dark', light: 'vs', highContrast: 'hc-black', highContrastLight: 'hc-light' }[name];
    await this.page.locator(`.monaco-workbench.${className}`).waitFor();
  }

  async screenshot(path: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await this.page.screenshot({ path });
  }
}
