/** Owns finding what a terminal acts on: escape sequences that hide or overwrite text, and other control characters. */
import type { DefinitionRule } from '../findings';
import { excerptOf } from '../visible';

// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f]/;

export const controlCharacters: DefinitionRule = {
  id: 'definition.controlCharacters',
  tier: 'structural',
  *check({ parts }) {
    for (const { text, pointer } of parts) {
      const index = text.search(CONTROL);
      if (index < 0) continue;
      const code = text.charCodeAt(index);
      const isEscape = code === 0x1b || code === 0x9b;
      yield {
        severity: isEscape ? 'high' : 'medium',
        message: isEscape ? 'This text holds a terminal escape sequence, which can hide or overwrite what is shown.' : 'This text holds control characters, which can hide or overwrite what is shown.',
        pointer,
        excerpt: excerptOf(text, index, index + 1),
      };
    }
  },
};
