/** Owns finding secrets in definitions: the redactor's formats, without what is only an example of one. */
import { createRedactor } from '../../capture/redactor';
import type { DefinitionRule } from '../findings';

const redactor = createRedactor({ off: ['value', 'credential', 'card'] });
const EXAMPLE = /example|placeholder|password|passwd|secret|your|change|dummy|xxxx|\.\.\.|\*\*\*|<|\$\{|0000|1234/i;

export const secretInDefinition: DefinitionRule = {
  id: 'definition.secret',
  tier: 'structural',
  *check({ parts }) {
    for (const { text, pointer } of parts) {
      const bytes = Buffer.from(text);
      for (const { start, end, kind } of redactor.find(bytes)) {
        const found = bytes.toString('utf8', start, end);
        if (EXAMPLE.test(found) || new Set(found).size < 5) continue;
        yield { severity: 'medium', message: `This text holds a secret (${kind}). Everybody who lists the server's definitions can read it.`, pointer, excerpt: `[redacted:${kind}]` };
        break;
      }
    }
  },
};
