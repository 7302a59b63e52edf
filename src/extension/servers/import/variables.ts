/**
 * Owns the translation of other clients' placeholders into ours. Only what means the same is translated; everything
 * else stays as it is and is named, since here it would mean something else or nothing. Sources: Claude Code
 * (code.claude.com/docs/en/mcp, "Environment variable expansion"), Cursor (cursor.com/docs/mcp, "Config interpolation"),
 * Windsurf (docs.windsurf.com/windsurf/cascade/mcp), Gemini CLI (docs/reference/configuration.md), opencode
 * (opencode.ai/docs/config, "Variables"), Continue (docs.continue.dev/reference, "Secrets"), Copilot CLI (its changelog, 0.0.340).
 */
import type { VariableStyle } from './types';

export interface Translation {
  readonly text: string;
  /** Placeholders that could not be translated, as written; they name variables and hold no values. */
  readonly kept: readonly string[];
  /** Secrets of the client that become inputs. */
  readonly secrets: readonly string[];
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const OURS = /^(workspaceFolder|workspaceRoot)(:.*)?$|^(workspaceFolderBasename|workspaceRootFolderName|userHome|pathSeparator|\/)$|^(env|input):./;
const BRACES = /\$\{([^{}]*)\}/g;

export function translateVariables(text: string, style: VariableStyle): Translation {
  const kept = new Set<string>();
  const secrets = new Set<string>();
  const keep = (placeholder: string): string => {
    kept.add(placeholder);
    return placeholder;
  };
  const result = ((): string => {
    switch (style) {
      case 'vscode':
        return text.replace(BRACES, (placeholder, name: string) => (OURS.test(name) ? placeholder : keep(placeholder)));
      case 'braces':
        return text.replace(BRACES, (placeholder, name: string) => {
          if (NAME.test(name)) return `\${env:${name}}`;
          return name.startsWith('env:') ? placeholder : keep(placeholder);
        });
      case 'dollar':
        return text.replace(/\$(?:([A-Za-z_]\w*)|\{([^{}]*)\})/g, (placeholder, plain?: string, braced?: string) => {
          const name = plain ?? braced ?? '';
          return NAME.test(name) ? `\${env:${name}}` : keep(placeholder);
        });
      case 'opencode':
        text.replace(BRACES, keep);
        return text.replace(/(?<!\$)\{(env|file):([^{}]*)\}/g, (placeholder, kind: string, name: string) =>
          kind === 'env' && NAME.test(name) ? `\${env:${name}}` : keep(placeholder),
        );
      case 'continue':
        return text.replace(/\$\{\{\s*([^{}]*?)\s*\}\}|\$\{[^{}]*\}/g, (placeholder, inner?: string) => {
          const secret = /^secrets\.([A-Za-z0-9_./-]+)$/.exec(inner ?? '')?.[1];
          if (secret === undefined) return keep(placeholder);
          const id = secret.replaceAll(/[^A-Za-z0-9_-]/g, '-');
          secrets.add(id);
          return `\${input:${id}}`;
        });
      case 'none':
        text.replace(BRACES, keep);
        return text;
    }
  })();
  return { text: result, kept: [...kept], secrets: [...secrets] };
}
