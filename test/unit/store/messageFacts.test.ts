// What is read of a message for its row: whatever a client or server has sent, it must not stop the filing.
import { describe, expect, it } from 'vitest';
import { answerFacts, batchMembers, requestFacts } from '../../../src/extension/store/worker/messageFacts';

describe('a message nested deeper than JSON can be written', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

  it('is filed with what can be said of it', () => {
    expect(requestFacts(Buffer.from(`{"params":{"name":"t","arguments":{"a":1,"b":${deep}}}}`))).toMatchObject({ name: 't', detail: 'a: 1, b: …' });
    expect(requestFacts(Buffer.from(`{"params":{"q":${deep}}}`))).toMatchObject({ detail: 'q: …' });
    expect(answerFacts('error', Buffer.from(`{"error":{"code":7,"data":${deep}}}`), false)).toMatchObject({ errorCode: 7, errorMessage: '…' });
    expect(batchMembers(Buffer.from(`[{"id":${deep},"method":"m"}]`))).toMatchObject([{ kind: 'request', method: 'm' }]);
  });
});
