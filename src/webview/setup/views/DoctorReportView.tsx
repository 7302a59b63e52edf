/** Owns the report of a connection check: what was looked at, how it is, and the step that helps as a button. */
import type { VNode } from 'preact';
import type { DoctorCheck, DoctorReport } from '../../../extension/contract/doctor';
import { formatDateTime } from '../../components/format';
import { Icon, IconButton } from '../../components/Icon';
import { visibleLine } from '../../components/visibleText';
import type { SetupModel } from '../model/setupModel';
import { strings } from '../strings';
import { TextButton } from './TextButton';

const words = strings.doctor;
const icons = { ok: 'pass', warning: 'warning', failed: 'error', skipped: 'circle-slash' } as const;

export function DoctorReportView({ report, server, model }: { readonly report: DoctorReport; readonly server: string; readonly model: SetupModel }): VNode {
  const checks = [...report.general, ...report.servers.flatMap((one) => one.checks)];
  const count = (outcome: DoctorCheck['outcome']): number => checks.filter((check) => check.outcome === outcome).length;
  return (
    <section class="doctor" aria-label={words.title}>
      <div class="part-head">
        <h4>{words.title}</h4>
        <span class="dim" role="status">
          {words.summary(count('failed'), count('warning'))} <span title={formatDateTime(report.timeMs)}>({strings.ago(report.timeMs, model.nowMs.value)})</span>
        </span>
        <span class="spacer" />
        <IconButton icon="close" label={words.close} onPress={() => model.closeReport(server)} />
      </div>
      <Checks title={words.general} checks={report.general} model={model} />
      {report.servers.map((one) => (
        <Checks key={one.server} title={visibleLine(one.server)} checks={one.checks} model={model} />
      ))}
    </section>
  );
}

function Checks({ title, checks, model }: { readonly title: string; readonly checks: readonly DoctorCheck[]; readonly model: SetupModel }): VNode | null {
  if (checks.length === 0) return null;
  return (
    <>
      <h5>{title}</h5>
      <ul class="checks" aria-label={title}>
        {checks.map((check) => {
          const { fix } = check;
          return (
            <li key={check.id} class="check">
              <Icon name={icons[check.outcome]} class={`check-${check.outcome}`} title={words.outcome[check.outcome]} />
              <span class="check-title">{visibleLine(check.title)}</span>
              <span class="check-message selectable">{visibleLine(check.message)}</span>
              {fix && (
                <TextButton label={`${words.fix[fix.kind]}: ${visibleLine(check.title)}`} onPress={() => void model.act(`fix ${check.id}`, () => model.host.api.takeFix(fix))}>
                  {words.fix[fix.kind]}
                </TextButton>
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}
