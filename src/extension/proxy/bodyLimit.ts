/** Owns how large a message of a client may be, and what a limit may be set to. */

export const DEFAULT_MAX_BODY_BYTES = 64 * 1024 * 1024;
/** What a limit may be set to, megabytes (2^20 bytes). */
export const MIN_BODY_MB = 1;
export const MAX_BODY_MB = 512;

/** The limit in bytes that `megabytes` stands for: within what is possible, or the default where it is no number. */
export function maxBodyBytesOf(megabytes: unknown): number {
  if (typeof megabytes !== 'number' || Number.isNaN(megabytes)) return DEFAULT_MAX_BODY_BYTES;
  return Math.round(Math.min(Math.max(megabytes, MIN_BODY_MB), MAX_BODY_MB) * 1024 * 1024);
}
