/**
 * Owns the quick fixes of findings in configurations, as edits of the text: a secret becomes `${input:id}`, a package
 * gets a version. Comments, order and format stay. Pure: nothing is written, nothing is looked up.
 */
import { parseTree } from 'jsonc-parser';
import { createRedactor } from '../capture/redactor';
import { isSecretText } from '../capture/secretNames';
import type { PackageRunner } from '../contract/findings';
import { propertiesOf, type Node } from '../servers/jsoncReader';
import { findNode, type LocateRequest } from './locate';

export interface TextEdit {
  /** UTF-16 units in the text as it was. */
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

export interface MoveSecret {
  /** In order, disjoint. */
  readonly edits: readonly TextEdit[];
  readonly inputId: string;
  /** The secret itself, to be put into the secret storage. Never log or show it. */
  readonly secret: string;
}

export interface MoveSecretRequest extends LocateRequest {
  readonly suggestedId: string;
}

/** `undefined`: there is no such text, or no secret in it. The `inputs` entry asks without showing what is typed. */
export function moveSecretToInput(text: string, request: MoveSecretRequest): MoveSecret | undefined {
  const found = findNode(text, request);
  if (!found?.isExact || found.node.type !== 'string') return undefined;
  const value = String(found.node.value);
  const span = secretSpan(value, request.path);
  if (!span) return undefined;
  const [start, end] = span;
  const body = text.slice(found.shift);
  const root = parseTree(body, [], { allowTrailingComma: true });
  if (root?.type !== 'object') return undefined;
  const inputs = propertiesOf(root).findLast(({ key }) => key === 'inputs')?.value;
  const taken = idsOf(inputs);
  let inputId = request.suggestedId;
  for (let n = 2; taken.has(inputId); n++) inputId = `${request.suggestedId}-${n}`;
  const about = JSON.stringify(`Secret of server ${request.server}`);
  const entry = `{ "id": ${JSON.stringify(inputId)}, "type": "promptString", "description": ${about}, "password": true }`;
  const added = inputs?.type === 'array' ? insertLast(body, inputs, entry) : insertLast(body, root, `"inputs": [${entry}]`);
  const replaced = JSON.stringify(`${value.slice(0, start)}\${input:${inputId}}${value.slice(end)}`);
  const edits = [
    { offset: found.node.offset + found.shift, length: found.node.length, text: replaced },
    { ...added, offset: added.offset + found.shift },
  ];
  return { edits: edits.toSorted((a, b) => a.offset - b.offset), inputId, secret: value.slice(start, end) };
}

const redactor = createRedactor({ off: ['card'] });

/** The part of a value that is the secret: behind `Bearer `, behind `--token=`, within an address; else all of it. */
function secretSpan(value: string, path: readonly (string | number)[]): readonly [number, number] | undefined {
  if (value === '' || value.includes('${input:')) return undefined;
  const bytes = Buffer.from(value);
  const [cut] = redactor.find(bytes);
  if (cut) return [bytes.toString('utf8', 0, cut.start).length, bytes.toString('utf8', 0, cut.end).length];
  const scheme = path[0] === 'headers' ? /^(?:Bearer|Basic|Token)\s+/i.exec(value)?.[0].length : undefined;
  if (scheme !== undefined) return [scheme, value.length];
  const flag = path[0] === 'args' ? /^--?([\w.-]{1,64})=/.exec(value) : undefined;
  if (flag && isSecretText(flag[1] ?? '')) return [flag[0].length, value.length];
  // An address without a secret found in it has none to move.
  return path[0] === 'url' ? undefined : [0, value.length];
}

function idsOf(inputs: Node | undefined): ReadonlySet<string> {
  const ids = (inputs?.children ?? []).flatMap((child) => (child.type === 'object' ? propertiesOf(child) : [])).filter(({ key }) => key === 'id');
  return new Set(ids.map(({ value }) => String(value.value)));
}

/** Adds to an object or array as its last member stands: on a line of its own, or behind a blank. Nothing else moves. */
function insertLast(text: string, parent: Node, member: string): TextEdit {
  const last = parent.children?.at(-1);
  if (!last) return { offset: parent.offset + 1, length: 0, text: member };
  const lead = /(?:^|[\n\r])[ \t]*$/.exec(text.slice(0, last.offset))?.[0];
  const own = lead === undefined ? ' ' : `${text.includes('\r\n') ? '\r\n' : '\n'}${lead.replace(/[\n\r]/g, '')}`;
  return { offset: last.offset + last.length, length: 0, text: `,${own}${member}` };
}

export interface PinRequest extends LocateRequest {
  readonly runner: PackageRunner;
  readonly package: string;
  readonly version: string;
}

/** The specification with the version instead of what it had; `undefined`: it is not there, or the version is none. */
export function pinVersion(text: string, request: PinRequest): TextEdit | undefined {
  const { runner, version } = request;
  if (!/^(?:sha256:[0-9a-f]{64}|[A-Za-z0-9][A-Za-z0-9.+_-]{0,100})$/.test(version)) return undefined;
  const found = findNode(text, request);
  if (!found?.isExact || found.node.type !== 'string') return undefined;
  const value = String(found.node.value);
  const at = value.lastIndexOf(request.package);
  if (at < 0) return undefined;
  const before = value.slice(0, at + request.package.length);
  const extras = /^\[[^\]]*\]/.exec(value.slice(before.length))?.[0] ?? '';
  const pinned = `${before}${extras}${signOf(runner, version, isBehindFlag(text, request, value))}${version}`;
  return { offset: found.node.offset + found.shift, length: found.node.length, text: JSON.stringify(pinned) };
}

function signOf(runner: PackageRunner, version: string, isRequirement: boolean): string {
  if (runner === 'container') return version.startsWith('sha256:') ? '@' : ':';
  // `uvx name@1.0`, but `uvx --from name==1.0 program` and `pipx run name==1.0`.
  return runner === 'python' && isRequirement ? '==' : '@';
}

function isBehindFlag(text: string, request: PinRequest, value: string): boolean {
  const index = request.path.at(-1);
  if (value.startsWith('--')) return true;
  const sibling = (path: readonly (string | number)[]): string => String(findNode(text, { ...request, path })?.node.value ?? '');
  const before = typeof index === 'number' && index > 0 ? sibling(['args', index - 1]) : '';
  return /^--(?:from|spec)$/.test(before) || /pipx(?:\.exe)?$/.test(sibling(['command']));
}
