/**
 * Owns where the programs are that come with Windows. Always by their whole path: a bare name is looked for in the current
 * folder first, where anybody may have put one of the same name.
 */
import { win32 } from 'node:path';

/** Absolute path of a program below `%SystemRoot%\System32`. */
export function windowsTool(tool: string, env: Readonly<Record<string, string | undefined>> = process.env): string {
  // On Windows the environment is read whatever the case; a copy of it is not.
  const root = env.SystemRoot ?? env.SYSTEMROOT;
  return win32.join(root !== undefined && /^[A-Za-z]:[\\/]/.test(root) ? root : 'C:\\Windows', 'System32', tool);
}
