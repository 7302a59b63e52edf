/**
 * Owns the Servers tree in MCP Shark's activity-bar container: draws the nodes of services/serversTree.ts with VS Code's
 * own tree, and puts the number of things that wait for the user on the container's icon.
 */
import * as vscode from 'vscode';
import type { NodeTarget, NodeTone, TreeNode } from '../services/serversTree';
import type { Event } from '../util/event';
import { DisposableStore, type Disposable } from '../util/lifecycle';
import { COMMANDS, VIEWS } from './ids';

export interface ServersViewParts {
  readonly nodes: () => readonly TreeNode[];
  /** Servers and definitions that wait for the user. */
  readonly waiting: () => number;
  readonly onDidChange: Event<void>;
}

/** Commands of the tree's menus are given the node. */
export const isTreeNode = (value: unknown): value is TreeNode =>
  typeof value === 'object' && value !== null && typeof (value as TreeNode).id === 'string' && typeof (value as TreeNode).context === 'string';

const COLORS: Readonly<Record<NodeTone, string>> = {
  good: 'testing.iconPassed',
  bad: 'testing.iconFailed',
  attention: 'list.warningForeground',
  quiet: 'disabledForeground',
};

export function createServersView({ nodes, waiting, onDidChange }: ServersViewParts): Disposable {
  const store = new DisposableStore();
  const changed = store.add(new vscode.EventEmitter<void>());
  const view = store.add(
    vscode.window.createTreeView<TreeNode>(VIEWS.servers, {
      showCollapseAll: true,
      treeDataProvider: {
        onDidChangeTreeData: changed.event,
        getChildren: (node) => [...(node ? (node.children ?? []) : nodes())],
        getTreeItem: itemOf,
      },
    }),
  );
  const update = (): void => {
    const count = waiting();
    view.badge =
      count === 0
        ? undefined
        : { value: count, tooltip: count === 1 ? vscode.l10n.t('1 thing waits for you') : vscode.l10n.t('{0} things wait for you', count) };
    changed.fire();
  };
  store.add(onDidChange(update));
  update();
  return store;
}

function itemOf(node: TreeNode): vscode.TreeItem {
  const { TreeItemCollapsibleState: Fold } = vscode;
  const fold = node.children === undefined || node.children.length === 0 ? Fold.None : node.isOpen === true ? Fold.Expanded : Fold.Collapsed;
  const item = new vscode.TreeItem(node.label, fold);
  item.id = node.id;
  item.iconPath = new vscode.ThemeIcon(node.icon, node.tone && new vscode.ThemeColor(COLORS[node.tone]));
  item.contextValue = node.context;
  // A plain string: no Markdown of servers is ever drawn.
  if (node.tooltip !== undefined) item.tooltip = node.tooltip;
  if (node.description !== undefined) item.description = node.description;
  const spoken = [node.label, node.description].filter(Boolean).join(', ');
  item.accessibilityInformation = { label: spoken };
  const command = node.target && commandOf(node.target);
  if (command) item.command = { command, title: '', arguments: [node] };
  return item;
}

function commandOf(target: NodeTarget): string | undefined {
  switch (target.kind) {
    case 'server':
    case 'group':
      // A click opens the branch; what else there is to do stands in its menu.
      return undefined;
    case 'approval':
      return COMMANDS.serverApprove;
    case 'definition':
      return COMMANDS.definitionShow;
    case 'line':
      return COMMANDS.serverOpenConfig;
  }
}
