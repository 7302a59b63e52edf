/**
 * Owns how the texts of a configuration are shown to the person who decides whether it may run: without its secrets, but
 * with everything that decides what runs. So a value is hidden only where it can be nothing but a value: one word as
 * tokens and passwords are, never code, a path, a package or the name of a program, whatever name stands before it.
 */
import { Buffer } from 'node:buffer';
import { createRedactor } from '../capture/redactor';
import { isSecretText } from '../capture/secretNames';
import type { StdioServerConfig } from '../servers/types';
import { effectiveWords, fetchedPackage, programOf, wordsOf } from './commandLine';

export const HIDDEN = '[hidden]';
export const PLACEHOLDER = /\$\{[^{}]*\}/g;

/** Nothing that a shell or another interpreter gives a meaning: no blank, quote, bracket, `;`, `|`, `&`, `$`, `<`. */
const VALUE = /^[\w.~%+/:=@!,^-]*$/;
/** Programs that take code as an argument, and the flags before it: `sh -c`, `bash -lc`, `node -e`, `perl -E`, `cmd /c`. */
const INTERPRETER = /^(?:(?:ba|z|da|k|fi|a|c|tc)?sh|cmd|powershell|pwsh|node|deno|bun|npx|npm|pnpm|tsx|ts-node|python[\d.]*|pypy[\d.]*|ruby|perl|php|lua[\d.]*|osascript|awk|sed)$/;
const CODE_FLAG = /^(?:-[A-Za-z]*[ceEprS]|--(?:eval|print|command|call|exec|run)|\/[ckCK]|-(?:Command|EncodedCommand))$/i;
const RUNNABLE = [
  // A path: ./x, ../x, ~/x, /usr/bin/x, C:\x.
  /^\.{1,2}[\\/]/,
  /^~[\\/]/,
  /^(?:\/[\w.-]+){2,}\/?$/,
  /^[A-Za-z]:[\\/]/,
  // A script, or a package with its version.
  /\.(?:[cm]?[jt]sx?|py|pyz|sh|bash|zsh|rb|pl|php|lua|ps1|bat|cmd|exe|com|jar|wasm|so|dll|dylib)$/i,
  /^(?:@[\w.-]+\/)?[A-Za-z][\w.-]*@(?:latest|next|[~^]?v?\d[\w.+-]*)$/,
  /^[a-z][a-z+]*:\/\//i,
];

/** Only forms that are made of a token's characters: a form that goes on up to a quote could swallow code. */
const formats = createRedactor({ off: ['value', 'url-password', 'private-key'] });

/** A configuration's text: well-known secrets, credentials in addresses and values under secret names replaced. */
export function maskText(text: string): string {
  const named = text
    .replace(/(\/\/)([^/?#@\s]+)@/g, (all, slashes: string, user: string) => (isValue(user) ? `${slashes}${hideAroundPlaceholders(user)}@` : all))
    .replace(/([?&])([^=&#\s]+)=([^&#\s]+)/g, (all, mark: string, name: string, value: string) =>
      isSecretText(name) && isValue(value) ? `${mark}${name}=${hideAroundPlaceholders(value)}` : all,
    )
    .replace(/(?<![\w.?&-])([A-Za-z_][\w.-]*)=([\w.~%+/:@!,^-]{4,})(?=[\s"';,]|$)/g, (all, name: string, value: string) =>
      isSecretText(name) && isSecretLike(value) ? `${name}=${HIDDEN}` : all,
    );
  return maskFormats(named);
}

/** `--token abc` and `--token=abc` hide their value, as does `API_KEY=abc`; code and what is run stay as they are. */
export function maskArguments(config: StdioServerConfig): string[] {
  const words = wordsOf(config);
  const takesCode = words.some(({ text }) => INTERPRETER.test(programOf(text)));
  const run = new Set([fetchedPackage(config)?.word, effectiveWords(words)[0]].map((word) => word?.path[1]));
  return config.args.map((arg, index) => {
    const before = config.args[index - 1] ?? '';
    if (takesCode && CODE_FLAG.test(before)) return maskFormats(arg);
    if (run.has(index)) return maskText(arg);
    if (isSecretFlag(before) && !arg.startsWith('-') && isSecretLike(arg)) return hideAroundPlaceholders(arg);
    const pair = /^([^=\s]+)=([^]*)$/.exec(arg);
    if (pair && isSecretText(pair[1]!) && isSecretLike(pair[2]!)) return `${pair[1]}=${hideAroundPlaceholders(pair[2]!)}`;
    return maskText(arg);
  });
}

/** What is around placeholders is hidden, they themselves are not: they say where a secret comes from. */
export function hideAroundPlaceholders(text: string): string {
  let shown = '';
  let from = 0;
  for (const found of text.matchAll(PLACEHOLDER)) {
    const between = text.slice(from, found.index);
    // `Bearer ` says nothing that need be hidden, and what stands around a placeholder is mostly such a word.
    shown += /^[A-Za-z]{0,12} ?$/.test(between) ? between : HIDDEN;
    shown += found[0];
    from = found.index + found[0].length;
  }
  return from < text.length ? shown + HIDDEN : shown;
}

function isSecretFlag(word: string): boolean {
  return /^--?[\w-]+$/.test(word) && isSecretText(word);
}

const isValue = (text: string): boolean => VALUE.test(text.replace(PLACEHOLDER, ''));
const isSecretLike = (text: string): boolean => isValue(text) && !RUNNABLE.some((form) => form.test(text));

function maskFormats(text: string): string {
  const { bytes, count } = formats.body(Buffer.from(JSON.stringify(text)));
  return count === 0 ? text : (JSON.parse(Buffer.from(bytes).toString()) as string);
}
