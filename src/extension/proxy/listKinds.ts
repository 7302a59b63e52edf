/** Owns what is known of MCP's lists: which capability stands for them, where their items are, and what names an item. */
import type { DefinitionKind } from '../contract/governance';

export type ListMethod = 'tools/list' | 'prompts/list' | 'resources/list' | 'resources/templates/list' | 'tasks/list';

export interface ListKind {
  readonly capability: string;
  /** Member of the result that holds the items. */
  readonly member: string;
  /** Member of an item that names it. */
  readonly key: string;
  /** What its items define; absent: nothing that lasts. */
  readonly defines?: DefinitionKind;
}

export const LIST_KINDS: Readonly<Record<ListMethod, ListKind>> = {
  'tools/list': { capability: 'tools', member: 'tools', key: 'name', defines: 'tool' },
  'prompts/list': { capability: 'prompts', member: 'prompts', key: 'name', defines: 'prompt' },
  'resources/list': { capability: 'resources', member: 'resources', key: 'uri', defines: 'resource' },
  'resources/templates/list': { capability: 'resources', member: 'resourceTemplates', key: 'uriTemplate', defines: 'template' },
  'tasks/list': { capability: 'tasks', member: 'tasks', key: 'taskId' },
};

export function isListMethod(method: string): method is ListMethod {
  return Object.hasOwn(LIST_KINDS, method);
}

export const CHANGED_BY_LIST: Readonly<Partial<Record<ListMethod, string>>> = {
  'tools/list': 'notifications/tools/list_changed',
  'prompts/list': 'notifications/prompts/list_changed',
  'resources/list': 'notifications/resources/list_changed',
  'resources/templates/list': 'notifications/resources/list_changed',
};

/** The same notifications, each once, to the capability that stands for the lists they are about. */
export const CHANGE_NOTIFICATIONS: ReadonlyMap<string, string> = new Map(
  Object.entries(CHANGED_BY_LIST).map(([list, notification]) => [notification, LIST_KINDS[list as ListMethod].capability]),
);
