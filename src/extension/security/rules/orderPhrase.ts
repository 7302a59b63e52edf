/** Owns finding orders to the model in plain sight: "ignore previous instructions", "do not tell the user", and their like. */
import type { DefinitionRule } from '../findings';
import { readingsOf } from '../fold';
import { ordersIn } from '../orders';
import { excerptOf } from '../visible';

export const orderPhrase: DefinitionRule = {
  id: 'definition.orders',
  tier: 'phrase',
  *check({ parts }) {
    for (const { text, pointer, role } of parts) {
      if (text.length < 5 || role === 'key') continue;
      const seen = new Set<string>();
      for (const reading of readingsOf(text)) {
        for (const { order, index, length } of ordersIn(reading)) {
          if (seen.has(order.id)) continue;
          seen.add(order.id);
          yield { severity: 'medium', message: `This text ${order.says}, instead of describing what it stands for.`, pointer, excerpt: excerptOf(reading, index, index + length) };
        }
      }
    }
  },
};
