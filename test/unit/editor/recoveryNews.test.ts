// What is told of an audit log that had to be recovered, or in which something is damaged: what happened, and nothing that did not.
import { describe, expect, it, vi } from 'vitest';
import { recoveryWords } from '../../../src/extension/editor/recoveryNews';
import type { Recovery } from '../../../src/extension/store/types';

vi.mock('vscode', () => ({ l10n: { t: (text: string, ...args: unknown[]) => text.replaceAll(/\{(\d)\}/g, (all, index: string) => String(args[Number(index)] ?? all)) } }));

const nothing: Recovery = { journals: 0, frames: 0, damagedEntries: 0, damagedBytes: 0, tornBytes: 0, quarantined: [] };

describe('what is told of a recovery', () => {
  it.each<[string, Partial<Recovery>, string]>([
    ['a window that was killed', { journals: 1, frames: 12 }, 'A window ended without closing the audit log. 12 messages were recovered.'],
    ['one that was killed while it wrote', { journals: 1, frames: 1, tornBytes: 5 }, 'A window ended without closing the audit log. 1 message was recovered. A last, half-written message had not been passed on and is left out.'],
    [
      'one whose journal is damaged',
      { journals: 1, frames: 3, damagedEntries: 2, damagedBytes: 10, quarantined: ['w-1.jnl'] },
      'A window ended without closing the audit log. 3 messages were recovered. 2 damaged entries can not be read. What could not be read is kept in the folder "quarantine" of the audit log.',
    ],
    [
      'a journal that was closed well, and is damaged',
      { damagedEntries: 1, damagedBytes: 10, quarantined: ['w-1.jnl'] },
      'Some of what was recorded is damaged on disk. 1 damaged entry can not be read. What could not be read is kept in the folder "quarantine" of the audit log.',
    ],
  ])('of %s', (_what, facts, words) => {
    expect(recoveryWords({ ...nothing, ...facts })).toBe(words);
  });
});
