/** Owns a JSON-RPC error as a result: its code, what it says, and its data. */
import type { VNode } from 'preact';
import { isJsonObject, type JsonValue } from '../../../extension/util/json';
import { Icon } from '../../components/Icon';
import { contentWords } from '../../components/content/contentStrings';
import { JsonTree } from '../../components/JsonTree';
import { visibleBlock, visibleLine } from '../../components/visibleText';
import { strings } from '../strings';

const words = strings.result;

export function ErrorResult({ value }: { readonly value: JsonValue }): VNode {
  const { code, message, data } = isJsonObject(value) ? value : { code: undefined, message: undefined, data: value };
  return (
    <div class="error-result">
      <p class="failed error-head">
        <Icon name="error" /> {code === undefined ? words.error : words.errorCode(visibleLine(String(code)))}
      </p>
      {typeof message === 'string' && <p class="error-message">{visibleBlock(message)}</p>}
      {data !== undefined && (
        <section>
          <h3>{words.errorData}</h3>
          {typeof data === 'string' ? <p class="error-message">{visibleBlock(data)}</p> : <JsonTree value={data} label={words.errorData} words={contentWords.tree} isInline />}
        </section>
      )}
    </div>
  );
}
