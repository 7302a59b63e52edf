/**
 * Owns what an approval is about: everything in a configuration that decides what runs, as a hash to compare and as
 * texts to show. Never resolves a placeholder and never shows a secret. Pure.
 *
 * What counts: command, arguments, folder, environment, envFile, URL, headers, OAuth client, and the editor commands that
 * inputs run. Of a variable or header whose name announces a secret only the placeholders count (so that a new token is
 * not asked for, but a token sent elsewhere is); of all others the value does, because `NODE_OPTIONS` or `PATH` decide
 * what runs as much as the command. What the programs and files named there contain does not count.
 */
import { Buffer } from 'node:buffer';
import { isSecretText } from '../capture/secretNames';
import type { FieldChange, RunField } from '../contract/governance';
import type { ConfiguredServer, HttpServerConfig, InputDefinition, StdioServerConfig } from '../servers/types';
import { inputIdsIn } from '../servers/variables';
import { definitionHash } from './definitionsHash';
import { HIDDEN, hideAroundPlaceholders, maskArguments, maskText, PLACEHOLDER } from './maskedText';

/** A field with what tells two of its values apart. */
export interface RunFact extends RunField {
  /** First 16 hex digits of the value's hash; of a secret, of its placeholders only. */
  readonly digest: string;
}

export interface RunDescription {
  /** SHA-256, lower-case hex. The same wherever the file stands. */
  readonly hash: string;
  readonly facts: readonly RunFact[];
  readonly commandLine: string;
}

export function describeRun({ config }: Pick<ConfiguredServer, 'config'>, inputs: readonly InputDefinition[]): RunDescription {
  const values = new Map<string, unknown>();
  const facts: RunFact[] = [];
  const add = (field: string, value: unknown, text: string): void => {
    values.set(field, value);
    facts.push({ field, text: visible(text), digest: hashOf(value).slice(0, 16) });
  };
  add('type', config.type, config.type);
  const commandLine = config.type === 'stdio' ? describeStdio(config, add) : describeHttp(config, add);
  const used = inputIdsIn({ ...config, extra: undefined });
  for (const input of inputs) {
    if (input.type !== 'command' || !used.has(input.id)) continue;
    const args = input.args === undefined ? '' : ` ${maskText(JSON.stringify(input.args))}`;
    add(`inputs.${input.id}`, { command: input.command, args: input.args }, `editor command ${input.command}${args}`);
  }
  return { hash: hashOf([...values]), facts, commandLine: visible(commandLine) };
}

type Add = (field: string, value: unknown, text: string) => void;

function describeStdio(config: StdioServerConfig, add: Add): string {
  const { command, args, cwd, envFile, env } = config;
  const words = maskArguments(config).map(quoted);
  add('command', command, quoted(maskText(command)));
  if (args.length > 0) add('args', args, words.join(' '));
  if (cwd !== undefined) add('cwd', cwd, cwd);
  if (envFile !== undefined) add('envFile', envFile, envFile);
  for (const name of Object.keys(env).sort()) {
    const value = env[name] ?? null;
    if (value === null) add(`env.${name}`, null, '(taken away)');
    else addNamed(add, 'env', name, String(value));
  }
  return [quoted(maskText(command)), ...words].join(' ');
}

function describeHttp({ url, headers, oauth }: HttpServerConfig, add: Add): string {
  const shown = maskText(url);
  add('url', url, shown);
  for (const [name, value] of Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1))) addNamed(add, 'headers', name, value);
  if (oauth) {
    add('oauth.clientId', oauth.clientId, oauth.clientId);
    if (oauth.clientSecret !== undefined) addNamed(add, 'oauth', 'clientSecret', oauth.clientSecret);
  }
  return shown;
}

function addNamed(add: Add, group: string, name: string, value: string): void {
  const field = `${group}.${name}`;
  if (!isSecretText(name)) add(field, value, maskText(value));
  else {
    const placeholders = value.match(PLACEHOLDER) ?? [];
    add(field, { placeholders }, placeholders.length > 0 ? hideAroundPlaceholders(value) : HIDDEN);
  }
}

/** What differs between the facts that were approved and those of today, in today's order, then what is gone. */
export function changesBetween(before: readonly RunFact[], after: readonly RunFact[]): FieldChange[] {
  const old = new Map(before.map((fact) => [fact.field, fact]));
  const changes: FieldChange[] = [];
  for (const { field, text, digest } of after) {
    const known = old.get(field);
    old.delete(field);
    if (!known) changes.push({ field, after: text });
    else if (known.digest !== digest) changes.push({ field, before: known.text, after: text });
  }
  for (const { field, text } of old.values()) changes.push({ field, before: text });
  return changes;
}

const quoted = (word: string): string => (/^[\p{L}\p{N}@%+=:,./\\${}[\]_~-]+$/u.test(word) ? word : JSON.stringify(word));

/** Characters that are not seen, or that turn what is seen around, as their code. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Cn}]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`);
}

const hashOf = (value: unknown): string => definitionHash(Buffer.from(JSON.stringify(value)));
