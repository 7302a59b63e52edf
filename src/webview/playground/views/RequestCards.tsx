/** Owns the requests of servers as cards above the result: who asks what, and the answers. The oldest is open first. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ServerRequest } from '../../../extension/contract/playgroundRequests';
import { Icon } from '../../components/Icon';
import { ServerDot } from '../../components/ServerDot';
import { visibleLine } from '../../components/visibleText';
import { strings } from '../strings';
import { FormRequestCard } from './FormRequestCard';
import type { PaneProps } from './MiddlePane';
import { SamplingCard } from './SamplingCard';
import { UrlRequestCard } from './UrlRequestCard';

const words = strings.requests;
const icons = { sampling: 'hubot', form: 'comment-discussion', url: 'link-external' } as const;
const SHOWN = 5;

export function RequestCards({ model, menus }: PaneProps): VNode | null {
  const requests = model.state.value?.requests ?? [];
  const [opened, setOpened] = useState<string>();
  if (requests.length === 0) return null;
  const open = requests.find(({ id }) => id === opened) ?? requests[0];
  return (
    <section class="requests" aria-label={words.label} aria-live="polite">
      {requests.length > 1 && <p class="requests-count">{words.waiting(requests.length)}</p>}
      {requests.slice(0, SHOWN).map((request) => (
        <Card key={request.id} request={request} isOpen={request === open} onOpen={() => setOpened(request.id)} model={model} menus={menus} />
      ))}
    </section>
  );
}

interface CardProps extends PaneProps {
  readonly request: ServerRequest;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
}

function Card({ request, isOpen, onOpen, model, menus }: CardProps): VNode {
  const run = model.runs.find(request.run);
  return (
    <article class={isOpen ? 'request-card open' : 'request-card'} aria-label={`${visibleLine(request.server)} ${words.heading[request.kind]}`}>
      <button type="button" class="request-head" aria-expanded={isOpen} onClick={onOpen}>
        <Icon name={icons[request.kind]} />
        <ServerDot name={request.server} />
        <span class="request-title">
          <strong>{visibleLine(request.server)}</strong> {words.heading[request.kind]} {run && <span class="dim">{words.during(visibleLine(run.target.name))}</span>}
        </span>
      </button>
      {isOpen && (
        <div class="request-body">
          {request.kind === 'sampling' ? (
            <SamplingCard request={request} model={model} />
          ) : request.kind === 'form' ? (
            <FormRequestCard request={request} model={model} menus={menus} />
          ) : (
            <UrlRequestCard request={request} model={model} />
          )}
        </div>
      )}
    </article>
  );
}
