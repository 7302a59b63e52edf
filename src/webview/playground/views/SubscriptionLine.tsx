/** Owns the switch that subscribes to a resource, and how often it has changed since. */
import type { VNode } from 'preact';
import { Icon } from '../../components/Icon';
import type { PlaygroundModel } from '../model/playgroundModel';
import { strings } from '../strings';

const words = strings.editor;

export function SubscriptionLine({ model, server, uri }: { readonly model: PlaygroundModel; readonly server: string; readonly uri: string }): VNode | null {
  const state = model.state.value;
  if (!state?.servers.find(({ name }) => name === server)?.can.subscribe) return null;
  const subscription = state.subscriptions.find((one) => one.server === server && one.uri === uri);
  const { api } = model.host;
  return (
    <p class="subscription">
      <button type="button" class="link-button" aria-pressed={subscription !== undefined} onClick={() => void model.act(() => (subscription ? api.unsubscribe(server, uri) : api.subscribe(server, uri)))}>
        <Icon name={subscription ? 'bell-dot' : 'bell'} /> {subscription ? words.unsubscribe : words.subscribe}
      </button>
      {subscription && (
        <span class="dim" role="status">
          {words.updates(subscription.updates, subscription.updatedMs === undefined ? undefined : strings.ago(Date.now() - subscription.updatedMs))}
        </span>
      )}
      {subscription?.run !== undefined && subscription.run !== model.runs.selected.value && (
        <button type="button" class="link-button" onClick={() => (model.runs.selected.value = subscription.run)}>
          {words.showUpdate}
        </button>
      )}
    </p>
  );
}
