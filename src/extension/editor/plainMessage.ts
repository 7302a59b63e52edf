/**
 * Owns texts of others in VS Code's notifications: there `[label](command:…)` becomes a link that runs a command at one
 * click, and neither a workspace's file nor a server may put one there.
 */

/** The text with no link in it; nothing else changes. */
export function plainMessage(text: string): string {
  return text.replaceAll('](', '] (');
}
