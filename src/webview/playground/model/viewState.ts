/**
 * Owns what the Playground remembers between being hidden and shown: what is looked at, drafts of arguments, the layout;
 * never results. Reads any input, since it may come from an older version.
 */
import { isRaw, RUN_KINDS, type RunTarget, type SavedPlace } from '../../../extension/contract/playgroundRuns';
import { parseExtras, type Extras } from './extras';
import { parseAnswers, type HalfAnswer } from './requestDrafts';

export const VIEW_STATE_VERSION = 1;

export type Selection = { readonly kind: 'target'; readonly target: RunTarget } | { readonly kind: 'server'; readonly server: string } | { readonly kind: 'roots' };

export const sidePages = ['catalog', 'saved', 'history'] as const;
export type SidePage = (typeof sidePages)[number];
export const narrowPages = ['side', 'arguments', 'result'] as const;
export type NarrowPage = (typeof narrowPages)[number];
export const argumentForms = ['form', 'json'] as const;
export type ArgumentForm = (typeof argumentForms)[number];
export const resultForms = ['rendered', 'tree', 'raw', 'logs'] as const;
export type ResultForm = (typeof resultForms)[number];

/** Key (`draftKey`), arguments as text, the saved call they were loaded from, and what is sent beside them. */
export type SavedDraft = readonly [key: string, text: string | null, saved?: SavedPlace | null, extras?: Extras];

export interface ViewState {
  readonly selection?: Selection;
  /** The ones used last at the end. */
  readonly drafts: readonly SavedDraft[];
  readonly search: string;
  readonly closed: readonly string[];
  readonly openBranches: readonly string[];
  readonly side: SidePage;
  readonly page: NarrowPage;
  readonly form: ArgumentForm;
  readonly resultForm: ResultForm;
  /** Width of the catalogue, pixels. */
  readonly sideWidth: number;
  readonly splitRight: number;
  readonly splitBelow: number;
  /** Last opening from elsewhere that was acted on. */
  readonly opened: number;
  readonly run?: string;
  readonly beside?: string;
  /** Half-written answers to requests of servers. */
  readonly answers?: readonly HalfAnswer[];
}

export const SIDE_WIDTH = 240;
export const MIN_SIDE = 140;
export const MAX_SIDE = 600;
export const MAX_DRAFTS = 40;
export const MAX_DRAFT_TEXT = 100_000;

export function draftKey({ server, kind, name }: RunTarget): string {
  // Of raw JSON-RPC one draft a server.
  return JSON.stringify([server, isRaw(kind) ? 'raw' : kind, isRaw(kind) ? '' : name]);
}

export function parseViewState(raw: Readonly<Record<string, unknown>>): ViewState {
  const selection = selectionOf(raw['selection']);
  const drafts = Array.isArray(raw['drafts']) ? raw['drafts'].flatMap(draftOf) : [];
  const { run, beside } = raw;
  const answers = parseAnswers(raw['answers']);
  return {
    ...(selection ? { selection } : {}),
    drafts: drafts.slice(-MAX_DRAFTS),
    search: typeof raw['search'] === 'string' ? raw['search'] : '',
    closed: keysOf(raw['closed']),
    openBranches: keysOf(raw['openBranches']),
    side: sidePages.find((page) => page === raw['side']) ?? 'catalog',
    page: narrowPages.find((page) => page === raw['page']) ?? 'side',
    form: argumentForms.find((form) => form === raw['form']) ?? 'form',
    resultForm: resultForms.find((form) => form === raw['resultForm']) ?? 'rendered',
    sideWidth: within(raw['sideWidth'], MIN_SIDE, MAX_SIDE, SIDE_WIDTH),
    splitRight: within(raw['splitRight'], 0.15, 0.85, 0.5),
    splitBelow: within(raw['splitBelow'], 0.15, 0.85, 0.5),
    opened: within(raw['opened'], 0, Number.MAX_SAFE_INTEGER, 0),
    ...(typeof run === 'string' ? { run } : {}),
    ...(typeof beside === 'string' ? { beside } : {}),
    ...(answers.length > 0 ? { answers } : {}),
  };
}

function draftOf(raw: unknown): readonly SavedDraft[] {
  if (!Array.isArray(raw)) return [];
  const [key, text, saved, beside] = raw as readonly unknown[];
  const extras = parseExtras(beside);
  if (typeof key !== 'string' || !(typeof text === 'string' || (text === null && extras))) return [];
  const { file, folder, name } = (saved ?? {}) as Partial<Record<keyof SavedPlace, unknown>>;
  const place = typeof file === 'string' && typeof folder === 'string' && typeof name === 'string' ? { file, folder, name } : undefined;
  if (extras) return [[key, text, place ?? null, extras]];
  return [place ? [key, text, place] : [key, text]];
}

function keysOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((key) => typeof key === 'string').slice(0, 1_000) : [];
}

function selectionOf(raw: unknown): Selection | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { kind, server, target } = raw as Partial<Record<'kind' | 'server' | 'target', unknown>>;
  if (kind === 'roots') return { kind };
  if (kind === 'server' && typeof server === 'string') return { kind, server };
  if (kind !== 'target' || typeof target !== 'object' || target === null) return undefined;
  const of = target as Partial<Record<keyof RunTarget, unknown>>;
  const known = RUN_KINDS.find((one) => one === of.kind);
  return known && typeof of.server === 'string' && typeof of.name === 'string' ? { kind, target: { server: of.server, kind: known, name: of.name } } : undefined;
}

function within(value: unknown, least: number, most: number, fallback: number): number {
  return typeof value === 'number' && value >= least && value <= most ? value : fallback;
}
