/** Owns the Timing tab: the call's phases as bars on one scale, nested calls among them, and what was said in between, with when. */
import type { VNode } from 'preact';
import type { CallDetail, FrameText } from '../../../extension/contract/traffic';
import { formatBytes, formatDuration } from '../../components/format';
import { Icon } from '../../components/Icon';
import { visibleLine } from '../../components/visibleText';
import { timingOf, type NestedSpan, type Phase, type Timing } from '../model/timing';
import type { TrafficModel } from '../model/trafficModel';
import { strings } from '../strings';
import { detailStrings } from './detailStrings';

const words = detailStrings.timing;
const MAX_NESTED = 50;
const MAX_EVENTS = 500;

export interface TimingViewProps {
  readonly detail: CallDetail;
  readonly model: TrafficModel;
  readonly onJump: (id: string) => void;
}

export function TimingView({ detail, model, onJump }: TimingViewProps): VNode {
  const isRunning = detail.row.status === 'running';
  const timing = timingOf(detail, isRunning ? (model.visible.nowMs.value - detail.row.timeMs) * 1000 : 0);
  return (
    <div class="timing" tabIndex={0} role="region" aria-label={strings.detail.tabs.timing}>
      <table class="phases">
        <thead class="sr-only">
          <tr>
            <th>{words.phase}</th>
            <th>{words.bar}</th>
            <th>{words.time}</th>
            <th>{words.share}</th>
          </tr>
        </thead>
        <tbody>
          <tr class="phase-all">
            <th scope="row">{words.all}</th>
            <td class="phase-track">
              {timing.phases.map((phase) => (
                <Bar key={phase.kind} phase={phase} timing={timing} />
              ))}
              <Marks timing={timing} />
            </td>
            <td class="phase-time">{formatDuration(timing.totalUs)}</td>
            <td class="phase-share" />
          </tr>
          {timing.phases.map((phase) => (
            <tr key={phase.kind} title={words.hints[phase.kind]}>
              <th scope="row">{words.phases[phase.kind]}</th>
              <td class="phase-track">
                <Bar phase={phase} timing={timing} />
              </td>
              <td class="phase-time">{formatDuration(phase.endUs - phase.startUs)}</td>
              <td class="phase-share">{share(phase, timing)} %</td>
            </tr>
          ))}
          {timing.nested.slice(0, MAX_NESTED).map((span) => (
            <NestedRow key={span.row.id} span={span} timing={timing} onJump={onJump} />
          ))}
          <tr class="phase-total">
            <th scope="row">{isRunning ? words.running : words.total}</th>
            <td />
            <td class="phase-time">{formatDuration(timing.totalUs)}</td>
            <td class="phase-share" />
          </tr>
        </tbody>
      </table>
      {detail.row.upstreamUs === undefined && !detail.upstreamRequest && <p class="dim">{words.unknownSplit}</p>}
      <h3>{words.events}</h3>
      {timing.events.length === 0 ? <p class="dim">{words.noEvents}</p> : <Events events={timing.events} />}
    </div>
  );
}

function Bar({ phase, timing }: { readonly phase: Phase; readonly timing: Timing }): VNode {
  return (
    <span
      class={`phase-bar ${phase.kind}`}
      title={words.phaseTooltip(words.phases[phase.kind], formatDuration(phase.endUs - phase.startUs), share(phase, timing))}
      style={{ left: percent(phase.startUs, timing), width: percent(phase.endUs - phase.startUs, timing) }}
    />
  );
}

function NestedRow({ span, timing, onJump }: { readonly span: NestedSpan; readonly timing: Timing; readonly onJump: (id: string) => void }): VNode {
  const { row, startUs, endUs } = span;
  const end = endUs ?? timing.totalUs;
  return (
    <tr class="phase-nested">
      <th scope="row">
        <button type="button" class="link-button" title={visibleLine(words.nestedTooltip(row))} onClick={() => onJump(row.id)}>
          {visibleLine(row.name ?? row.method)}
        </button>
      </th>
      <td class="phase-track">
        <span class="phase-bar nested" style={{ left: percent(startUs, timing), width: percent(Math.max(0, Math.min(end, timing.totalUs) - startUs), timing) }} />
      </td>
      <td class="phase-time">{row.durationUs === undefined ? '' : formatDuration(row.durationUs)}</td>
      <td class="phase-share" />
    </tr>
  );
}

function Marks({ timing }: { readonly timing: Timing }): VNode {
  return (
    <>
      {timing.events.slice(0, MAX_EVENTS).map((frame) => (
        <span
          key={frame.frame}
          class="phase-mark"
          style={{ left: percent(frame.sinceRequestUs, timing) }}
          title={words.mark(formatDuration(frame.sinceRequestUs), visibleLine(frame.method ?? frame.kind))}
        />
      ))}
    </>
  );
}

function Events({ events }: { readonly events: readonly FrameText[] }): VNode {
  return (
    <ul class="events">
      {events.slice(0, MAX_EVENTS).map((frame) => (
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

function share(phase: Phase, timing: Timing): number {
  return Math.round(((phase.endUs - phase.startUs) / timing.totalUs) * 100);
}

function percent(us: number, timing: Timing): string {
  return `${Math.min(100, (us / timing.totalUs) * 100)}%`;
}
