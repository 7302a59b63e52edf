/** Owns what runs learn from the audit log: the recorded call of each, where its time went, and how the gateway judged its outcome. */
import type { RecordedCalls } from './ports';
import type { Run, RunList } from './runList';

export interface RunRecordsOptions {
  readonly calls: RecordedCalls;
  readonly runs: RunList;
  /** The run ended otherwise than it looked from here. */
  readonly onJudged: (run: Run) => void;
}

export class RunRecords {
  constructor(private readonly options: RunRecordsOptions) {}

  /** The run's request was recorded under this number. */
  recorded(run: Run, frame: number): void {
    const { calls, runs } = this.options;
    calls.callId(frame).then(
      (call) => {
        if (call !== undefined) runs.update(run, { call });
      },
      // Without an audit log there is nothing to link to.
      () => undefined,
    );
  }

  /** To be called when the run has ended; what is filed later is waited for. */
  async learn(run: Run): Promise<void> {
    const { calls, runs, onJudged } = this.options;
    const { call, status } = run.state;
    if (call === undefined) return;
    const row = await calls.row(call).catch(() => undefined);
    if (!row || row.durationUs === undefined) return;
    const { durationUs, upstreamUs } = row;
    const timing = { totalUs: durationUs, gatewayUs: durationUs - (upstreamUs ?? 0), ...(upstreamUs === undefined ? {} : { upstreamUs }) };
    // A policy's refusal looks like any error from here.
    const isBlocked = row.status === 'blocked' && status !== 'cancelled';
    runs.update(run, { timing, ...(isBlocked ? { status: row.status } : {}) });
    if (isBlocked) onJudged(run);
  }
}
