/** Owns finding marks that pretend to be part of the conversation: `<IMPORTANT>`, `[INST]`, `<|im_start|>`, "Human:" at a line's start. */
import type { DefinitionRule } from '../findings';
import { excerptOf } from '../visible';

const MARKS: readonly RegExp[] = [
  /<\/?\s{0,3}(?:important|critical|urgent|system|sys|admin|assistant|secret|hidden|override|instructions?|mandatory)(?:[_-]?(?:instructions?|message|note|prompt|rules?))?\s{0,3}>/i,
  /<\/(?:description|tool|tools|function|functions)>/i,
  /\[\/?(?:INST|SYSTEM|SYS|ASSISTANT|ADMIN)\]|<<\/?SYS>>|<\|[a-z_]{2,20}\|>/i,
  /(?:^|\n)[ \t]{0,8}(?:human|user|assistant|system)[ \t]{0,3}:[^\n]{0,400}\n[ \t]{0,8}(?:human|user|assistant|system)[ \t]{0,3}:/i,
  /(?:^|[.!?\n]\s{0,4}|\{\{\s{0,4})(?:SYSTEM|ADMIN|ROOT)\s?:\s/,
  /\bnotes? (?:to|for) (?:the )?(?:ai )?assistants?\b/i,
  /\{\{\s{0,4}(?:system|assistant|admin)\s{0,4}:/i,
  /<!--[^>]{0,400}\b(?:assistant|model|ai|agent|llm|user)\b/i,
];

export const pseudoTag: DefinitionRule = {
  id: 'definition.pseudoTag',
  tier: 'phrase',
  *check({ parts }) {
    for (const { text, pointer, role } of parts) {
      if (role === 'key' || text.length < 5) continue;
      for (const mark of MARKS) {
        const found = mark.exec(text);
        if (!found) continue;
        yield { severity: 'medium', message: 'This text holds a mark that can pass for part of the conversation, as if somebody else were speaking.', pointer, excerpt: excerptOf(text, found.index, found.index + found[0].length) };
        break;
      }
    }
  },
};
