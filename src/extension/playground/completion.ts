/** Owns asking a server for values of an argument (MCP 2025-11-25, server/utilities/completion). */
import type { Completion, CompletionQuery } from '../contract/playgroundCatalog';
import { AppError } from '../util/errors';
import { argumentsOf } from './arguments';
import { errorText } from './catalog';
import type { ServerConnection } from './connection';
import { memberElements, memberString, memberText, membersOf } from './jsonText';

const MAX_VALUES = 100;

/** Empty for what servers complete nothing for. Rejects with a user-facing AppError where the server says no. */
export async function complete(connection: ServerConnection, { target, argument, value, argumentsText }: CompletionQuery): Promise<Completion> {
  if ((target.kind !== 'prompt' && target.kind !== 'template') || !connection.can.complete) return { values: [], hasMore: false };
  const ref = target.kind === 'prompt' ? { type: 'ref/prompt', name: target.name } : { type: 'ref/resource', uri: target.name };
  const others = membersOf(argumentsOf(argumentsText)).filter(([name, raw]) => name !== argument && raw.startsWith('"'));
  const context = others.length === 0 ? '' : `,"context":{"arguments":{${others.map(([name, raw]) => `${JSON.stringify(name)}:${raw}`).join(',')}}}`;
  const params = `{"ref":${JSON.stringify(ref)},"argument":${JSON.stringify({ name: argument, value })}${context}}`;
  const { kind, text } = await connection.request('completion/complete', params);
  if (kind !== 'result') throw new AppError('rpc.remote', `${target.server} gives no completions: ${errorText(text)}`);
  const total = Number(memberText(text, 'completion', 'total') ?? Number.NaN);
  return {
    values: memberElements(text, 'completion', 'values').slice(0, MAX_VALUES).flatMap((raw) => memberString(`{"v":${raw}}`, 'v') ?? []),
    ...(Number.isFinite(total) ? { total } : {}),
    hasMore: memberText(text, 'completion', 'hasMore') === 'true',
  };
}
