/**
 * Owns texts of others in VS Code's notifications and in the prompts of its input boxes: there `[label](command:…)` becomes a
 * link that runs a command at one click, and neither a workspace's file nor a server may put one there. And texts of others
 * in dialogs: lines stay, what cannot be seen in them is written out.
 */
import { visible } from '../security/visible';

/** The text with no link in it; nothing else changes. */
export function plainMessage(text: string): string {
  return text.replaceAll('](', '] (');
}

/** Texts of several lines for dialogs. */
export function shownText(text: string): string {
  return text.split('\n').map(visible).join('\n');
}
