/** Owns answering an elicitation by a page: the whole address is shown before anything is opened. */
import type { VNode } from 'preact';
import { Icon } from '../../components/Icon';
import { visibleBlock, visibleLine } from '../../components/visibleText';
import type { ServerRequest } from '../../../extension/contract/playgroundRequests';
import type { PlaygroundModel } from '../model/playgroundModel';
import { strings } from '../strings';

const words = strings.requests;

export function UrlRequestCard({ request, model }: { readonly request: Extract<ServerRequest, { kind: 'url' }>; readonly model: PlaygroundModel }): VNode {
  const answer = (how: 'open' | 'decline' | 'cancel'): void => void model.act(() => model.host.api.answerUrl(request.id, how));
  return (
    <>
      <p class="request-message">{visibleBlock(request.message)}</p>
      <bdi class="request-url" dir="ltr">
        {visibleLine(request.url)}
      </bdi>
      <p class={request.host === undefined ? 'run-note' : 'request-note'}>
        {request.host === undefined ? (
          <>
            <Icon name="warning" class="warn" /> <span>{words.badUrl}</span>
          </>
        ) : (
          <strong>{words.host(visibleLine(request.host))}</strong>
        )}
      </p>
      <p class="dim request-note">{request.isOpened ? words.opened : words.urlNote}</p>
      <div class="run-buttons">
        {!request.isOpened && (
          <button type="button" class="text-button primary" disabled={request.host === undefined} onClick={() => answer('open')}>
            {words.open}
          </button>
        )}
        {!request.isOpened && (
          <button type="button" class="text-button" onClick={() => answer('decline')}>
            {words.decline}
          </button>
        )}
        <button type="button" class="text-button" onClick={() => answer('cancel')}>
          {request.isOpened ? strings.dismiss : words.cancel}
        </button>
      </div>
    </>
  );
}
