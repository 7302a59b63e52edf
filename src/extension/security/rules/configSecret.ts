/** Owns finding secrets written into a configuration: in the environment, arguments, headers and addresses. */
import { createRedactor } from '../../capture/redactor';
import { isSecretText } from '../../capture/secretNames';
import type { ConfigHit, ConfigRule } from '../findings';
import { shownName } from '../visible';

const redactor = createRedactor({ off: ['card'] });
const EXAMPLE = /^(?:<.*>|\[.*\]|\*+|x+|\.+|(?:your|my|the|an?)[-_ ].*|.*(?:placeholder|changeme|change-me|your[-_]?).*|none|null|true|false|test|dummy|example)$/i;

export const configSecret: ConfigRule = {
  id: 'config.secret',
  tier: 'structural',
  *check({ config }) {
    if (config.type === 'stdio') {
      for (const [name, value] of Object.entries(config.env)) yield* inNamed(name, value, ['env', name], 'The variable');
      let flag: string | undefined;
      for (const [index, arg] of config.args.entries()) {
        const path = ['args', index];
        const name = flag;
        flag = /^--?[A-Za-z]/.test(arg) && !arg.includes('=') ? arg.replace(/^-+/, '') : undefined;
        const [, assigned, value] = /^--?([\w.-]{1,64})=(.*)$/s.exec(arg) ?? [];
        if (name !== undefined && flag === undefined && isSecretText(name)) yield* inNamed(name, arg, path, 'The argument behind');
        else if (assigned !== undefined && value !== undefined && isSecretText(assigned)) yield* inNamed(assigned, value, path, 'The argument');
        else yield* inText(arg, path);
      }
      return;
    }
    yield* inText(config.url, ['url']);
    for (const [name, value] of Object.entries(config.headers)) {
      const isSecret = isSecretText(name) || /^(?:authorization|proxy-authorization|cookie|x-api-key|api-key)$/i.test(name);
      if (isSecret) yield* inNamed(name, value.replace(/^(?:Bearer|Basic|Token)\s+/i, ''), ['headers', name], 'The header');
      else yield* inText(value, ['headers', name]);
    }
    if (config.oauth?.clientSecret !== undefined) yield* inNamed('clientSecret', config.oauth.clientSecret, ['oauth', 'clientSecret'], 'The value');
  },
};

function* inNamed(name: string, value: unknown, path: readonly (string | number)[], what: string): Iterable<ConfigHit> {
  if (typeof value !== 'string') return;
  const found = [...inText(value, path)];
  if (found.length > 0) {
    yield* found;
    return;
  }
  if (!isSecretText(name) && !/^(?:authorization|cookie)$/i.test(name) && !isRandomKey(name, value)) return;
  // A reference, a path or an example is none; nor is what is too short to be one.
  if (value.includes('${') || value.length < 6 || EXAMPLE.test(value.trim()) || /^(?:\/|~\/|\.{1,2}\/|[A-Za-z]:\\)/.test(value)) return;
  yield hit(`${what} "${shownName(name)}"`, path, name);
}

/** `OPENAI_KEY`: a name that may stand for many things, with a value that is nothing but random. */
function isRandomKey(name: string, value: string): boolean {
  if (!/(?:^|[_.-])(?:key|pat|auth|creds?)$/i.test(name) && !/[a-z]Key$/.test(name)) return false;
  if (!/^[A-Za-z0-9_+/=-]{20,}$/.test(value) || !/\d/.test(value) || !/[A-Za-z]/.test(value)) return false;
  return new Set(value.toLowerCase()).size >= 10;
}

function* inText(text: string, path: readonly (string | number)[]): Iterable<ConfigHit> {
  const bytes = Buffer.from(text);
  for (const { start, end, kind } of redactor.find(bytes)) {
    const found = bytes.toString('utf8', start, end);
    if (found.includes('${') || EXAMPLE.test(found)) continue;
    const last = path.at(-1);
    yield hit(`This text (${kind})`, path, typeof last === 'string' && path[0] !== 'url' ? last : kind);
    return;
  }
}

function hit(what: string, path: readonly (string | number)[], name: string): ConfigHit {
  const suggestedId = name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 40) || 'secret';
  return {
    severity: 'high',
    message: `${what} holds a secret in plain text: it ends up in version control and backups. Ask for it with \${input:${suggestedId}}.`,
    path,
    fix: { kind: 'moveSecret', suggestedId },
  };
}
