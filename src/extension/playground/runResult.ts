/** Owns what is shown of a run's result: its text, cut where it is too long, and whether it fits the output schema. */
import type { RunResult } from '../contract/playgroundRuns';
import { MAX_RESULT_TEXT } from '../contract/playgroundRuns';
import type { SchemaCheck } from '../contract/trafficApi';
import { memberText } from './jsonText';
import type { CheckSchema } from './ports';
import type { Run } from './runList';

export async function resultOf(run: Run | undefined, check: CheckSchema): Promise<RunResult | undefined> {
  if (!run?.result || run.result.kind === 'lost') return undefined;
  const { kind, text } = run.result;
  const output = kind === 'result' && run.outputSchema !== undefined ? await checkOutput(text, run.outputSchema, check) : undefined;
  return {
    run: run.state.id,
    kind,
    text: text.slice(0, MAX_RESULT_TEXT),
    truncated: text.length > MAX_RESULT_TEXT,
    ...(output ? { output } : {}),
    logs: [...run.logs],
  };
}

/** MCP 2025-11-25, server/tools, "Output Schema": with one, structured content must be there, unless the tool failed. */
async function checkOutput(text: string, schema: string, check: CheckSchema): Promise<SchemaCheck | undefined> {
  const structured = memberText(text, 'structuredContent');
  if (structured !== undefined) return check(schema, structured);
  if (memberText(text, 'isError') === 'true') return undefined;
  return { kind: 'problems', problems: [{ path: '', message: 'The tool has an output schema, but its result has no structuredContent.' }] };
}
