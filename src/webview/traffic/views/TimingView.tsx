/** Owns the Timing tab: the call's phases as bars on one scale, and what was said in between, with when. */
import type { VNode } from 'preact';
import type { CallDetail, FrameText } from '../../../extension/contract/traffic';
import { formatBytes, formatDuration } from '../../components/format';
import { Icon } from '../../components/Icon';
import { visibleLine } from '../../components/visibleText';
import { timingOf, type Timing } from '../model/timing';
import type { TrafficModel } from '../model/trafficModel';
import { strings } from '../strings';

const words = strings.timing;

export function TimingView({ detail, model }: { readonly detail: CallDetail; readonly model: TrafficModel }): VNode {
  const isRunning = detail.row.status === 'running';
  const timing = timingOf(detail, isRunning ? (model.visible.nowMs.value - detail.row.timeMs) * 1000 : 0);
  return (
    <div class="timing" tabIndex={0} role="region" aria-label={strings.detail.tabs.timing}>
      <table class="phases">
        <thead class="sr-only">
          <tr>
            <th>{words.phase}</th>
            <th />
            <th>{words.time}</th>
          </tr>
        </thead>
        <tbody>
          {timing.phases.map((phase) => (
            <tr key={phase.kind}>
              <th scope="row">{words[phase.kind]}</th>
              <td class="phase-track">
                <span
                  class={`phase-bar ${phase.kind}`}
                  style={{ left: percent(phase.startUs, timing), width: percent(phase.endUs - phase.startUs, timing) }}
                />
                {phase.kind === 'server' && <Marks timing={timing} />}
              </td>
              <td class="phase-time">{formatDuration(phase.endUs - phase.startUs)}</td>
            </tr>
          ))}
          <tr class="phase-total">
            <th scope="row">{isRunning ? words.running : words.total}</th>
            <td />
            <td class="phase-time">{formatDuration(timing.totalUs)}</td>
          </tr>
        </tbody>
      </table>
      {detail.row.upstreamUs === undefined && !detail.upstreamRequest && <p class="dim">{words.unknownSplit}</p>}
      <h3>{words.events}</h3>
      {timing.events.length === 0 ? <p class="dim">{words.noEvents}</p> : <Events events={timing.events} />}
    </div>
  );
}

function Marks({ timing }: { readonly timing: Timing }): VNode {
  return (
    <>
      {timing.events.slice(0, 500).map((frame) => (
        <span
          key={frame.frame}
          class="phase-mark"
          style={{ left: percent(frame.sinceRequestUs, timing) }}
          title={`${words.at(formatDuration(frame.sinceRequestUs))} ${visibleLine(frame.method ?? frame.kind)}`}
        />
      ))}
    </>
  );
}

function Events({ events }: { readonly events: readonly FrameText[] }): VNode {
  return (
    <ul class="events">
      {events.slice(0, 500).map((frame) => (
        <li key={frame.frame} title={visibleLine(frame.text.slice(0, 300))}>
          <span class="event-time">{words.at(formatDuration(frame.sinceRequestUs))}</span>
          <Icon name={frame.direction === 'toServer' ? 'arrow-right' : 'arrow-left'} />
          <span class="event-method">{visibleLine(frame.method ?? frame.kind)}</span>
          <span class="event-size">{formatBytes(frame.bytes)}</span>
        </li>
      ))}
    </ul>
  );
}

function percent(us: number, timing: Timing): string {
  return `${Math.min(100, (us / timing.totalUs) * 100)}%`;
}
