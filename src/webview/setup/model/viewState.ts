/**
 * Owns what the Setup view remembers while it is hidden, for a diff editor in front of it hides it: what was found and
 * chosen, the preview that is being looked at, what is expanded. Reads any input, since it may come from an older version.
 */
import type { DoctorReport } from '../../../extension/contract/doctor';
import type { Found, PlanRequest, PlanView, TokenPlace } from '../../../extension/contract/setup';

export const VIEW_STATE_VERSION = 1;

/** What became of a plan that was applied. */
export interface Outcome {
  readonly kind: PlanRequest['kind'];
  readonly files: number;
  readonly servers: readonly string[];
  /** The record it left, which can be undone. */
  readonly record?: string;
}

export interface ViewState {
  readonly search: string;
  /** Keys of rows, see `rowKey`. */
  readonly expanded: readonly string[];
  readonly found?: Found;
  /** Ids of places and of clients. */
  readonly chosen: readonly string[];
  readonly otherClients: 'point' | 'leave';
  readonly tokenPlace: TokenPlace;
  readonly preview?: { readonly request: PlanRequest; readonly plan: PlanView };
  readonly outcome?: Outcome;
  readonly reports: readonly (readonly [string, DoctorReport])[];
}

/** What is larger is looked for again instead. */
const MAX_KEPT_GROUPS = 1_000;
const MAX_KEPT_REPORTS = 10;

export const rowKey = {
  server: (id: string): string => `server ${id}`,
  found: (id: string): string => `found ${id}`,
};

export function parseViewState(raw: Readonly<Record<string, unknown>>): ViewState {
  const { found, preview, outcome, reports } = raw;
  return {
    search: typeof raw['search'] === 'string' ? raw['search'] : '',
    expanded: textsOf(raw['expanded']).slice(0, 1_000),
    chosen: textsOf(raw['chosen']),
    otherClients: raw['otherClients'] === 'point' ? 'point' : 'leave',
    tokenPlace: raw['tokenPlace'] === 'variable' ? 'variable' : 'file',
    ...(isFound(found) ? { found } : {}),
    ...(isPreview(preview) ? { preview } : {}),
    ...(isOutcome(outcome) ? { outcome } : {}),
    reports: Array.isArray(reports) ? reports.filter(isReport) : [],
  };
}

/** The state without what is too large to be kept with every change. */
export function withinBounds(state: ViewState): ViewState {
  const { found, ...rest } = state;
  return {
    ...rest,
    ...(found && found.groups.length <= MAX_KEPT_GROUPS ? { found } : {}),
    reports: state.reports.slice(-MAX_KEPT_REPORTS),
  };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []);

const isFound = (value: unknown): value is Found =>
  isObject(value) && Array.isArray(value['groups']) && Array.isArray(value['clients']) && Array.isArray(value['problems']) && typeof value['files'] === 'number';

const isPreview = (value: unknown): value is NonNullable<ViewState['preview']> =>
  isObject(value) && isObject(value['request']) && isObject(value['plan']) && ['files', 'notes', 'problems', 'servers'].every((name) => Array.isArray((value['plan'] as Record<string, unknown>)[name]));

const isOutcome = (value: unknown): value is Outcome => isObject(value) && typeof value['kind'] === 'string' && typeof value['files'] === 'number' && Array.isArray(value['servers']);

const isReport = (value: unknown): value is readonly [string, DoctorReport] =>
  Array.isArray(value) && typeof value[0] === 'string' && isObject(value[1]) && Array.isArray(value[1]['general']) && Array.isArray(value[1]['servers']);
