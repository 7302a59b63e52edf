/** Owns joining the filter to what answers it: list and numbers are asked for together, completion knows what is loaded. */
import type { Clock } from '../../../extension/util/clock';
import type { CallFeed } from './callFeed';
import { FilterModel } from './filterModel';
import type { SummaryFeed } from './summaryFeed';
import type { TrafficHost } from './trafficHost';
import { TrafficValues } from './trafficValues';

export function connectFilter(host: TrafficHost, clock: Clock, feed: CallFeed, summaryFeed: SummaryFeed, servers: () => readonly string[]): FilterModel {
  const ask = (filter: string, anew: boolean): void => {
    if (anew) feed.restart(filter);
    else feed.setFilter(filter);
    summaryFeed.setFilter(filter);
  };
  const values = new TrafficValues(host, clock, { rows: () => feed.rows(), servers });
  return new FilterModel({ ask, rejection: feed.filterFailure, values }, clock);
}
