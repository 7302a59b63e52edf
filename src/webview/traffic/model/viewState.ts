/**
 * Owns what the Traffic view remembers between being hidden and shown: how it is set, never calls. Reads any input,
 * since it may come from an older version; what is not understood takes its default.
 */
export const VIEW_STATE_VERSION = 1;

export const detailTabs = ['overview', 'request', 'response', 'timing', 'related'] as const;
export type DetailTab = (typeof detailTabs)[number];
export const bodyForms = ['tree', 'raw', 'rendered', 'hex', 'headers'] as const;
export type BodyForm = (typeof bodyForms)[number];

export interface ViewState {
  readonly filter: string;
  readonly selectedId?: string;
  readonly isDetailOpen: boolean;
  readonly tab: DetailTab;
  readonly bodyForm: BodyForm;
  /** Share of the detail, 0 to 1, by where it stands. */
  readonly splitRight: number;
  readonly splitBelow: number;
  /** Where the list stood, if not at the newest call: its first row, and how many calls there were when the user left. */
  readonly place?: Place;
  /** Keys of the groups that are open. */
  readonly openGroups: readonly string[];
}

export interface Place {
  readonly top: number;
  readonly seen: number;
}

export function parseViewState(raw: Readonly<Record<string, unknown>>): ViewState {
  const selectedId = typeof raw['selectedId'] === 'string' ? raw['selectedId'] : undefined;
  const place = placeOf(raw['place']);
  return {
    filter: typeof raw['filter'] === 'string' ? raw['filter'] : '',
    ...(selectedId === undefined ? {} : { selectedId }),
    isDetailOpen: raw['isDetailOpen'] === true && selectedId !== undefined,
    tab: detailTabs.find((tab) => tab === raw['tab']) ?? 'overview',
    bodyForm: bodyForms.find((form) => form === raw['bodyForm']) ?? 'tree',
    splitRight: share(raw['splitRight'], 0.45),
    splitBelow: share(raw['splitBelow'], 0.5),
    ...(place ? { place } : {}),
    openGroups: keysOf(raw['openGroups']),
  };
}

function keysOf(raw: unknown): readonly string[] {
  if (!Array.isArray(raw)) return [];
  return raw.filter((key): key is string => typeof key === 'string' && key.length <= 1_000).slice(0, 1_000);
}

function placeOf(raw: unknown): Place | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { top, seen } = raw as Partial<Record<keyof Place, unknown>>;
  const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  return isCount(top) && isCount(seen) ? { top, seen } : undefined;
}

function share(value: unknown, fallback: number): number {
  return typeof value === 'number' && value >= 0.1 && value <= 0.9 ? value : fallback;
}
