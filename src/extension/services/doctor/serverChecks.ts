/**
 * Owns what the doctor looks at for one server, in the order in which things go wrong: approval, variables, command or
 * way to the host, handshake, lists. Messages never hold a resolved value, which may be a secret.
 */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { MAX_NAME_LENGTH, qualifiedName } from '../../mcp/names';
import { explainCommandNotFound } from '../../proxy/transports/commandNotFound';
import type { ConfiguredServer, ResolvedServer } from '../../servers/types';
import type { DoctorFix } from '../../contract/doctor';
import type { ServerState } from '../../contract/status';
import { failed, ok, warning, type Check, type Finding } from './checkList';
import { checkName, checkPort, checkTls } from './network';
import type { DoctorPorts, Probe } from './doctor';

/** Protocol versions MCP Shark passes through as negotiated. */
const KNOWN_VERSIONS = new Set(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25']);
const PROBE_LIMIT_MS = 60_000;
/** A handshake this long is felt by whoever opens a chat. */
const SLOW_MS = 5000;
/** What the definitions of one server may cost a model's context before it is worth a word, tokens (estimate). */
const MANY_TOKENS = 20_000;
const CHARACTERS_PER_TOKEN = 4;

type Http = Extract<ResolvedServer, { type: 'http' | 'sse' }>;
type Stdio = Extract<ResolvedServer, { type: 'stdio' }>;

export function serverChecks(server: ConfiguredServer, ports: DoctorPorts): readonly Check[] {
  let resolved: ResolvedServer | undefined;
  let probe: Probe | undefined;
  const { name } = server;
  const atLine: DoctorFix = { kind: 'openConfig', file: server.file, line: server.line };
  const stdio = (look: (is: Stdio) => Promise<Finding | undefined>) => async () =>
    resolved?.type === 'stdio' ? masked(await look(resolved), secretsOf(server, resolved)) : undefined;
  const http = (look: (is: Http, url: URL) => Promise<Finding | undefined>) => async () =>
    resolved && resolved.type !== 'stdio' && /^https?:/.test(resolved.url) ? masked(await look(resolved, new URL(resolved.url)), secretsOf(server, resolved)) : undefined;

  return [
    {
      id: 'allowed',
      title: 'Permission to start',
      run: () => permission(name, ports.stateOf(name), atLine),
    },
    {
      id: 'notes',
      title: 'Configuration',
      run: () => {
        const notes = ports.notes().filter(({ file, line }) => file === server.file && ports.serverAt(file, line) === name);
        return notes.length === 0 ? ok('Every field of the entry is used.') : warning(notes.map(({ message }) => message).join(' '), atLine);
      },
    },
    {
      id: 'variables',
      title: 'Variables',
      needs: ['allowed'],
      // A person may be asked for a value.
      limitMs: 5 * 60_000,
      fixOnError: atLine,
      run: async () => {
        resolved = await ports.resolve(server);
        return ok('Every variable has a value.');
      },
    },
    {
      id: 'folder',
      title: 'Working folder',
      needs: ['variables'],
      run: stdio(async ({ cwd }) =>
        (await isFolder(cwd)) ? ok(`It starts in ${cwd}.`) : failed(`The working folder ${cwd} does not exist. Correct "cwd".`, atLine),
      ),
    },
    {
      id: 'command',
      title: 'Command',
      needs: ['folder'],
      run: stdio(async ({ command, env, cwd }) => {
        const file = await findProgram(command, env, cwd);
        return file ? ok(`"${command}" is ${file}.`) : failed(sentence(explainCommandNotFound(command, env, cwd)), atLine);
      }),
    },
    { id: 'name', title: 'Host name', needs: ['variables'], run: http((_, { hostname }) => checkName(plainHost(hostname))) },
    {
      id: 'port',
      title: 'Connection',
      needs: ['name'],
      run: http((_, url) => checkPort(plainHost(url.hostname), portOf(url))),
    },
    {
      id: 'certificate',
      title: 'Certificate',
      needs: ['port'],
      run: http(async (_, url) => (url.protocol === 'https:' ? checkTls(plainHost(url.hostname), portOf(url)) : undefined)),
    },
    {
      id: 'signIn',
      title: 'Sign-in',
      needs: ['variables'],
      // Whether a sign-in is needed is for the server to say: the handshake fails with its words.
      run: http(async (is) => ((await ports.isSignedIn(is)) ? ok('You are signed in.') : undefined)),
    },
    {
      id: 'handshake',
      title: 'Handshake',
      needs: ['allowed', 'variables', 'command', 'certificate'],
      limitMs: PROBE_LIMIT_MS,
      fixOnError: { kind: 'showOutput', server: name },
      run: async () => {
        probe = await ports.probe(name);
        const { serverInfo, initializeMs } = probe;
        const who = [serverInfo?.name, serverInfo?.version].filter(Boolean).join(' ') || name;
        const said = `${who} answered after ${Math.round(initializeMs)} ms.`;
        return initializeMs > SLOW_MS ? warning(`${said} Clients wait that long when they start.`) : ok(said);
      },
    },
    {
      id: 'protocol',
      title: 'Protocol version',
      needs: ['handshake'],
      run: () => {
        const version = probe?.protocolVersion ?? '';
        return KNOWN_VERSIONS.has(version)
          ? ok(`It speaks MCP ${version}.`)
          : warning(`It answered with protocol version "${version}", which no released MCP specification has. Messages pass through all the same.`);
      },
    },
    { id: 'lists', title: 'Tools, prompts and resources', needs: ['handshake'], run: () => (probe ? lists(name, probe) : undefined) },
  ];
}

/** Values that came of placeholders, with what stands in the file for them: a placeholder may stand for a secret. */
function secretsOf({ config }: ConfiguredServer, resolved: ResolvedServer): readonly (readonly [value: string, written: string])[] {
  const isPut = (text: string | undefined): text is string => text !== undefined && /\$\{(?:input|env):/.test(text);
  if (config.type === 'stdio') {
    if (resolved.type !== 'stdio') return [];
    return [...(isPut(config.cwd) ? [[resolved.cwd, config.cwd] as const] : []), ...(isPut(config.command) ? [[resolved.command, config.command] as const] : [])];
  }
  if (resolved.type === 'stdio' || !isPut(config.url)) return [];
  const { host, hostname } = new URL(resolved.url);
  const written = config.url.replace(/^[a-z]+:\/\//i, '').split('/')[0] ?? '';
  // A host that stands in the file as it is hides nothing.
  return isPut(written) ? [host, plainHost(hostname)].map((value) => [value, written] as const) : [];
}

function masked(finding: Finding | undefined, values: readonly (readonly [string, string])[]): Finding | undefined {
  if (!finding) return undefined;
  let { message } = finding;
  for (const [value, written] of values) if (value !== '') message = message.replaceAll(value, () => written);
  return { ...finding, message };
}

function permission(name: string, state: ServerState | undefined, atLine: DoctorFix): Finding {
  switch (state?.kind) {
    case 'waitingForApproval':
      return failed('It has not been approved yet, so it is not started.', { kind: 'approve', server: name });
    case 'disabled':
      return failed(state.message, state.byUser ? { kind: 'restart', server: name } : atLine);
    case 'refused':
      return failed(state.message, state.byUser ? { kind: 'approve', server: name } : { kind: 'openSetting', setting: 'mcpShark.policy.servers' });
    case 'failed':
      return warning(`It failed last with: ${state.message}`, { kind: 'restart', server: name });
    case undefined:
      // What nobody has judged is not started either.
      return failed('Nothing is known of it yet. Try again in a moment.');
    default:
      return ok('It may start.');
  }
}

function lists(server: string, { tools, prompts, resources, problems, definitionCharacters }: Probe): Finding {
  const doubled = [...new Set(tools.filter((tool, index) => tools.indexOf(tool) !== index))];
  const renamed = tools.filter((tool) => qualifiedName(server, tool) !== `${server}__${tool}`);
  const tokens = Math.round(definitionCharacters / CHARACTERS_PER_TOKEN);
  const said = `It lists ${counted(tools.length, 'tool')}, ${counted(prompts, 'prompt')} and ${counted(resources, 'resource')}, about ${tokens.toLocaleString('en')} tokens in all.`;
  const remarks = [
    ...problems,
    ...(doubled.length > 0 ? [`Listed more than once: ${quoted(doubled)}; clients see only one of each.`] : []),
    ...(renamed.length > 0
      ? [`On the aggregate endpoint these get another name, since ${server}__ and the tool's name are longer than ${MAX_NAME_LENGTH} characters or hold others than letters, digits, "_" and "-": ${quoted(renamed)}.`]
      : []),
    ...(tokens > MANY_TOKENS ? ['That is a large part of what a model can take in: hide tools you do not use.'] : []),
  ];
  return remarks.length === 0 ? ok(said) : warning([said, ...remarks].join(' '));
}

const counted = (count: number, noun: string): string => `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

function quoted(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `"${name.slice(0, 80)}"`);
  return names.length > shown.length ? `${shown.join(', ')} and ${names.length - shown.length} more` : shown.join(', ');
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1) + (text.endsWith('.') ? '' : '.');

/** IPv6 hosts stand in brackets in a URL. */
const plainHost = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1');
const portOf = (url: URL): number => Number(url.port) || (url.protocol === 'https:' ? 443 : 80);

async function isFolder(folder: string): Promise<boolean> {
  return stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Absolute path of the program that would be started. */
export async function findProgram(
  command: string,
  env: Readonly<Record<string, string>>,
  cwd: string,
  platform: NodeJS.Platform = process.platform,
): Promise<string | undefined> {
  const isWindows = platform === 'win32';
  const hasFolder = command.includes('/') || (isWindows && command.includes('\\'));
  const folders = hasFolder ? [cwd] : (env.PATH ?? env.Path ?? '').split(path.delimiter).filter(Boolean);
  const endings = isWindows && path.extname(command) === '' ? (env.PATHEXT ?? '.COM;.EXE;.BAT;.CMD').split(';') : [''];
  for (const folder of folders) {
    for (const ending of endings) {
      const file = path.resolve(folder, command + ending);
      const isProgram = await access(file, isWindows ? constants.F_OK : constants.X_OK).then(
        async () => !(await isFolder(file)),
        () => false,
      );
      if (isProgram) return file;
    }
  }
  return undefined;
}
