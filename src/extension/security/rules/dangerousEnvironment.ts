/** Owns finding variables and flags that load foreign code into a server, or stop it from checking whom it talks to. */
import { wordsOf } from '../commandLine';
import type { ConfigRule } from '../findings';

const LOADERS = /^(?:LD_PRELOAD|LD_AUDIT|LD_LIBRARY_PATH|DYLD_INSERT_LIBRARIES|DYLD_LIBRARY_PATH|PYTHONSTARTUP|PERL5OPT|RUBYOPT|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|BASH_ENV|ENV|GIT_SSH_COMMAND|ELECTRON_RUN_AS_NODE)$/;
const NODE_LOADS = /(?:^|\s)(?:-r|--require|--import|--loader|--experimental-loader|--inspect\S*)(?:[=\s]|$)/;

export const injection: ConfigRule = {
  id: 'config.injection',
  tier: 'structural',
  *check({ config }) {
    if (config.type !== 'stdio') return;
    for (const [name, value] of Object.entries(config.env)) {
      if (value === null || value === '') continue;
      const loads = LOADERS.test(name) || (name === 'NODE_OPTIONS' && NODE_LOADS.test(String(value)));
      if (loads) yield { severity: 'high', message: `The variable "${name}" loads other code into the server, or opens it to a debugger. Take it out unless you know why it is there.`, path: ['env', name] };
    }
  },
};

/** Name, and the values that turn checking off. */
const TLS: Readonly<Record<string, RegExp>> = {
  NODE_TLS_REJECT_UNAUTHORIZED: /^0$/,
  PYTHONHTTPSVERIFY: /^0$/,
  GIT_SSL_NO_VERIFY: /^(?:1|true)$/i,
  NPM_CONFIG_STRICT_SSL: /^(?:0|false)$/i,
  SSL_VERIFY: /^(?:0|false|no)$/i,
  VERIFY_SSL: /^(?:0|false|no)$/i,
  REQUESTS_VERIFY: /^(?:0|false)$/i,
};
const TLS_FLAGS = /^--?(?:insecure|no-check-certificate|skip-tls-verify|insecure-skip-tls-verify(?:=true)?|tls-skip-verify|no-verify-ssl|ssl-no-verify|disable-tls-verification|strict-ssl=false|no-verify-tls|verify-ssl=false)$/i;

export const tls: ConfigRule = {
  id: 'config.tls',
  tier: 'structural',
  *check({ config }) {
    if (config.type !== 'stdio') return;
    const message = 'This makes the server accept any certificate: whoever is on the way can read and change everything. Add the certificate of your authority instead.';
    for (const [name, value] of Object.entries(config.env)) {
      if (TLS[name.toUpperCase()]?.test(String(value))) yield { severity: 'high', message, path: ['env', name] };
    }
    const word = wordsOf(config).find(({ text }) => TLS_FLAGS.test(text));
    if (word) yield { severity: 'high', message, path: word.path };
  },
};
