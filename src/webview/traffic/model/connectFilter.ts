/** Owns joining the filter to what answers it: list and numbers are asked for together, completion knows what is loaded. */
import type { Clock } from '../../../extension/util/clock';
import type { CallFeed } from './callFeed';
import { FilterModel } from './filterModel';
import type { ListQuery } from './listQuery';
import type { SummaryFeed } from './summaryFeed';
import type { TrafficHost } from './trafficHost';
import { TrafficValues } from './trafficValues';
import type { ViewSettings } from './viewSettings';

export interface FilterSinks {
  readonly feed: CallFeed;
  readonly summaryFeed: SummaryFeed;
  /** Scope and order are asked for with the filter. */
  readonly settings: ViewSettings;
  readonly servers: () => readonly string[];
}

export function connectFilter(host: TrafficHost, clock: Clock, { feed, summaryFeed, settings, servers }: FilterSinks): FilterModel {
  const ask = (filter: string, anew: boolean): void => {
    const sort = settings.sort.peek();
    const query: ListQuery = { filter, scope: settings.scope.peek(), ...(sort ? { sort } : {}) };
    if (anew) feed.restart(query);
    else feed.setQuery(query);
    summaryFeed.setQuery(query);
  };
  const values = new TrafficValues(host, clock, { rows: () => feed.rows(), servers });
  return new FilterModel({ ask, rejection: feed.filterFailure, values }, clock);
}
