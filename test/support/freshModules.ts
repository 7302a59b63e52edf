/**
 * Owns what makes each file of the unit suite start as if it were alone, though files share processes (a process of its own
 * for each costs more than most of the tests): modules of the project are new, with what was mocked for the last file gone;
 * timers and globals are real. Runs before every file.
 */
import { vi } from 'vitest';

vi.resetModules();
vi.useRealTimers();
vi.unstubAllGlobals();
vi.unstubAllEnvs();
