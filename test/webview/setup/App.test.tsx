/** The whole view against a whole host: each state says its words, and servers are found, chosen, previewed, moved, put back. */
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/extension/util/errors';
import { openSetup, type OpenSetup } from '../../support/webview/setup/openSetup';
import { groups, scenes, server } from '../../support/webview/setup/scenes';
import type { Scene } from '../../support/webview/setup/stubSetup';

let view: OpenSetup;
afterEach(() => view.close());
const open = async (scene: string | Scene): Promise<void> => {
  view = await openSetup(typeof scene === 'string' ? scenes[scene]! : scene);
};
const section = (id: string): HTMLElement => view.root.querySelector<HTMLElement>(`[data-section="${id}"]`)!;
const namesIn = (id: string): string[] => [...section(id).querySelectorAll('.row-name')].map((name) => name.textContent ?? '');
const did = (): string[] => view.stub.actions;

describe('each state says what is so and what to do', () => {
  it.each<[string, string, string, string]>([
    ['untrusted', 'This workspace is in Restricted Mode', 'Manage Workspace Trust', 'manageTrust'],
    ['routingOff', 'Routing is off', 'Turn routing on', 'setRouting true'],
    ['gatewayFailed', 'Port 41113 is taken by another program.', 'Open the port setting', 'openSetting mcpShark.endpoint.port'],
    ['broken', '2 problems in the configuration', '.vscode/mcp-shark.json:7', 'openFile /home/ada/project/.vscode/mcp-shark.json:7'],
    ['failed', 'npx was not found on PATH', 'Restart: slack', 'restart slack'],
    ['first', 'Each server starts when you have approved', 'Find servers on this machine', 'find'],
  ])('%s: "%s", "%s"', async (scene, words, button, action) => {
    await open(scene);
    expect(view.text()).toContain(words);
    await view.click(button);
    expect(did()).toContain(action);
  });

  it('a host that is gone: says so after ten seconds, and asks again', async () => {
    await open('gone');
    expect(view.text()).toContain('Loading…');
    await view.wait(10_000);
    expect(view.text()).toContain('MCP Shark does not answer');
  });

  it('nothing found: says where it looked', async () => {
    await open('nothingFound');
    expect(view.text()).toContain('No MCP server stands in the 3 files');
  });

  it('no folder: says what is not looked at', async () => {
    await open('firstNoFolder');
    expect(view.text()).toContain('No folder is open');
  });

  it('in Restricted Mode nothing is looked for, whatever is known', async () => {
    await open({ ...scenes['running']!, state: { ...scenes['running']!.state, isTrusted: false } });
    expect(did()).toEqual([]);
    expect(view.root.querySelector('.row, .card')).toBeNull();
  });

  it('hostile names, commands and paths are text that can be seen', async () => {
    await open('hostile');
    expect(view.root.querySelector('script, img, b, iframe')).toBeNull();
    const unseen = '\u202e\u001b\u0007';
    const html = view.root.innerHTML;
    expect([...unseen].flatMap((character) => (html.includes(character) ? [html.slice(html.indexOf(character) - 60, html.indexOf(character))] : []))).toEqual([]);
  });

  it('two hundred servers and two thousand definitions are drawn in part', async () => {
    await open('many');
    expect(view.root.querySelectorAll('.row').length).toBeLessThan(110);
    expect(view.root.querySelectorAll('.definition').length).toBeLessThan(60);
    await view.click('Show 100 more of 100');
    expect(namesIn('approved')).toHaveLength(200);
  });
});

describe('where a server stands', () => {
  it('waiting, approved and off are apart, and nothing stands twice', async () => {
    await open('running');
    expect([...section('waiting').querySelectorAll('h3')].map((heading) => heading.textContent)).toEqual(['tickets', 'search', 'github']);
    expect(namesIn('approved')).toEqual(['github', 'filesystem', 'slack', 'linear', 'browser']);
    expect(namesIn('off')).toEqual(['memory', 'postgres', 'shell']);
  });

  it('moves when the host says so', async () => {
    await open('running');
    await view.host(() => view.stub.changeServer('id-memory', { state: { kind: 'running', connections: 1 } }));
    expect(namesIn('approved')).toContain('memory');
    expect(namesIn('off')).not.toContain('memory');
  });

  it.each([
    ['memory', 'Start: memory', 'restart memory'],
    ['postgres', 'Turn on…: postgres', 'edit id-postgres {"isEnabled":true}'],
    ['shell', 'Approve: shell', `approve id-shell ${server('shell').hash}`],
    ['slack', 'Restart: slack', 'restart slack'],
    ['filesystem', 'Try in Playground: filesystem', 'openPlayground filesystem'],
  ])('%s has one main action: %s', async (_name, button, action) => {
    await open('running');
    await view.click(button);
    expect(did()).toContain(action);
  });

  it('a server that an allow-list leaves out leads to the list', async () => {
    await open({ ...scenes['running']!, state: { ...scenes['running']!.state, policy: 'allowListOnly' } });
    await view.click('Open setting: shell');
    expect(did()).toEqual(['openSetting mcpShark.policy.allowList']);
  });

  it('the search leaves what has every word in it, of all sections', async () => {
    await open('running');
    await view.type('.setup-search input', 'mcp.linear');
    expect(namesIn('approved')).toEqual(['linear']);
    expect(section('off')).toBeNull();
    await view.type('.setup-search input', 'no such thing');
    expect(view.text()).toContain('Nothing matches');
    await view.click('Clear the search (Esc)');
    expect(namesIn('off')).toHaveLength(3);
  });

  it('the search finds a server by a tool of it', async () => {
    await open('running');
    await view.type('.setup-search input', 'create_branch');
    expect(namesIn('approved')).toEqual(['github']);
  });
});

describe('approving', () => {
  it('shows what would run in full, and approves exactly that', async () => {
    await open('waiting');
    const card = section('waiting').querySelector('.card')!;
    for (const text of ['It has not been approved before.', 'npx -y @acme/tickets@latest', 'env.TICKETS_TOKEN', 'Tickets of the support desk', 'Pin it.']) expect(card.textContent).toContain(text);
    await view.click('Approve tickets');
    expect(did()).toEqual([`approve id-tickets ${scenes['running']!.state!.pending![0]!.hash}`]);
    expect(namesIn('approved')).toContain('tickets');
  });

  it('of a changed server says each field before and after, never a secret', async () => {
    await open('waiting');
    const rows = [...section('waiting').querySelectorAll('.changes tbody tr')].map((row) => row.textContent);
    expect(rows).toEqual([
      'url changedhttps://search.example.org/mcphttps://search.example.net/mcp',
      'headers.Authorization changeda secret, not showna secret, not shown',
      'headers.X-Team addednot theretools',
    ]);
  });

  it('a no is passed on', async () => {
    await open('waiting');
    await view.click('Do not start search');
    expect(did()[0]).toMatch(/^refuse id-search /);
  });

  it('a refusal by the host is shown, and can be dismissed', async () => {
    await open('waiting');
    view.stub.failures.set('approve', new AppError('server.notAllowed', 'Server "tickets" has changed since it was shown: look at it again.'));
    await view.click('Approve tickets');
    expect(view.root.querySelector('[role=alert]')?.textContent).toContain('has changed since it was shown');
    await view.click('Dismiss');
    expect(view.root.querySelector('[role=alert]')).toBeNull();
  });

  it('definitions are approved by the hash that was shown: one that comes in between is not', async () => {
    await open('expanded');
    const before = view.stub.state.servers[0]!.definitions.slice(0, 3).map(({ hash }) => hash.slice(0, 4));
    await view.click('Approve all 3');
    expect(did()[0]).toBe(`approveDefinitions id-github tool create_issue ${before[0]}, tool close_issue ${before[1]}, prompt triage ${before[2]}`);
  });

  it('a change is shown, and the calls under a definition', async () => {
    await open('expanded');
    await view.click('Show change: create_issue');
    expect(did()).toEqual(['showDefinition id-github tool create_issue']);
    const row = [...view.root.querySelectorAll<HTMLElement>('.definition')].find((one) => one.textContent?.includes('get_issue'))!;
    await view.host(() => row.click());
    await view.click('Calls under it');
    expect(did().at(-1)).toMatch(/^showCallsUnder [0-9a-f]{4}$/);
  });

  describe('of the versions of a definition', () => {
    const choose = (name: string): Promise<void> => view.host(() => [...view.root.querySelectorAll<HTMLElement>('.definition')].find((one) => one.textContent?.includes(name))!.click());
    const listed = (): string[] => [...view.root.querySelectorAll('.version')].map((one) => [...one.querySelectorAll('code, .version-state, .version-time, button')].map((part) => part.textContent).join(' | '));

    it('each stands there with its first sight, its approval, its text, its change and its calls', async () => {
      await open('versions');
      expect(view.root.querySelector('.versions')).toBeNull();
      await choose('create_issue');
      await view.host(() => void (view.model.nowMs.value = Date.now()));
      const hashes = scenes['versions']!.versions!['create_issue']!.map(({ hash }) => hash);
      expect(listed()).toEqual([
        `${hashes[0]!.slice(0, 12)} | listed now, not approved | first seen 2 h ago | Open | Show calls | Compare`,
        `${hashes[1]!.slice(0, 12)} | an earlier version, approved | first seen 2 days ago | Open | Show calls | Compare`,
        `${hashes[2]!.slice(0, 12)} | an earlier version, not approved | first seen 2 days ago | Open | Show calls | Compare`,
        `${hashes[3]!.slice(0, 12)} | an earlier version, approved | first seen 16 days ago | Open | Show calls`,
      ]);
      const second = hashes[1]!;
      for (const what of ['Open', 'Compare with the one before', 'Show calls']) await view.click(`${what}: ${second.slice(0, 12)}`);
      expect(did()).toEqual([`showVersion id-github tool create_issue ${second.slice(0, 4)}`, `compareVersion id-github tool create_issue ${second.slice(0, 4)}`, `showCallsUnder ${second.slice(0, 4)}`]);
    });

    it('none is listed where there is only the one the line is about', async () => {
      await open('versions');
      await choose('close_issue');
      expect(view.root.querySelector('.definition-line')?.textContent).toContain('Calls under it');
      expect(view.root.querySelector('.versions')).toBeNull();
    });

    it('no calls are offered of what is not called', async () => {
      await open('versions');
      await choose('instructions');
      expect(listed().map((text) => text.split(' | ').slice(3))).toEqual([['Open', 'Compare'], ['Open']]);
      expect(view.root.querySelector('.definition-line')?.textContent).not.toContain('Calls under it');
    });

    it('a few are drawn at a time, and it is said where the list ends before they do', async () => {
      await open('versions');
      await choose('get_issue');
      expect(listed()).toHaveLength(5);
      expect(view.text()).toContain('Only the last 1,000 are listed.');
      await view.click('Show 5 more of 995');
      expect(listed()).toHaveLength(10);
    });

    it('an approval is seen at once, and one that comes in', async () => {
      await open('versions');
      await choose('create_issue');
      const [row] = view.stub.state.servers[0]!.definitions;
      const rest = view.stub.state.servers[0]!.definitions.slice(1);
      const [now, ...before] = scenes['versions']!.versions!['create_issue']!;
      view.stub.changedVersions.set('create_issue', [{ ...now!, approvedMs: Date.now() }, ...before]);
      await view.host(() => view.stub.changeServer('id-github', { definitions: [{ ...row!, state: 'approved', approvedMs: Date.now() }, ...rest] }));
      expect(listed()[0]).toContain('listed now, approved');
    });
  });
});

describe('an expanded server', () => {
  it('says what it is for, what it may not do, how it is, and where it stands', async () => {
    await open('expanded');
    const row = section('approved').querySelector('.row.open')!;
    for (const text of ['Issues and pull requests of the tools team', 'delete_*, merge_pull_request', '2025-11-25', 'half within 12 ms', 'characters that cannot be seen', '17 definitions, 1 changed, 2 new, 1 gone']) expect(row.textContent).toContain(text);
  });

  it('is edited in its file: only what was changed is sent', async () => {
    await open('expanded');
    await view.click('Edit…');
    await view.type('input[name=owner]', '');
    await view.type('textarea[name=deny]', 'delete_*\n  drop_*  \n');
    await view.click('Write into the file…');
    expect(did()).toEqual(['edit id-github {"owner":null,"deny":["delete_*","drop_*"]}']);
    expect(view.root.querySelector('.edit-form')).toBeNull();
  });

  it('with nothing changed the form just closes, and Escape leaves it', async () => {
    await open('expanded');
    await view.click('Edit…');
    await view.click('Write into the file…');
    await view.click('Edit…');
    await view.press('Escape', view.root.querySelector('.edit-form input')!);
    expect(view.root.querySelector('.edit-form')).toBeNull();
    expect(did()).toEqual([]);
  });

  it('the check says what is wrong and its fix is a button', async () => {
    await open('failed');
    await view.click('Check connection');
    expect(view.text()).toContain('1 check failed, 1 to look at');
    await view.click('Open configuration: Command');
    expect(did()).toEqual(['examine slack', 'takeFix openConfig']);
    await view.click('Close the report');
    expect(view.text()).not.toContain('1 check failed');
  });

  it('is drawn again only when it has changed', async () => {
    await open('running');
    const before = view.model.state.peek()!.servers;
    await view.host(() => view.stub.changeServer('id-linear', { state: { kind: 'starting' } }));
    const after = view.model.state.peek()!.servers;
    expect(after.map((one, index) => one === before[index])).toEqual(before.map(({ name }) => name !== 'linear'));
  });
});

describe('routing', () => {
  it('nothing is looked at before it is asked for, and nothing is written before Apply', async () => {
    await open('first');
    expect(did()).toEqual([]);
    await view.click('Find servers on this machine');
    await view.click('Choose files');
    await view.click('Preview changes');
    expect(did()).toEqual(['find', 'plan {"kind":"route","places":["vscode files"],"otherClients":"leave"}']);
    expect(view.text()).toContain('Nothing is written before you press Apply.');
  });

  it('a server found in several places is one row; each place can be chosen by itself', async () => {
    await open('found');
    expect(namesIn('found')).toEqual(groups.map(({ name }) => name));
    expect([...section('found').querySelectorAll('.row-also')].map(({ textContent }) => textContent)).toEqual(['also gh']);
    await view.click('Choose gh of Cursor, ~/.cursor/mcp.json');
    expect([...view.model.chosen.value]).toEqual([groups[0]!.places[1]!.id]);
    expect(view.root.querySelector<HTMLInputElement>('[aria-label="Choose github"]')!.indeterminate).toBe(true);
  });

  it('all that are not routed yet are chosen with one box', async () => {
    await open('found');
    await view.host(() => view.root.querySelector<HTMLInputElement>('.choose-all input')!.click());
    expect(view.model.chosen.value.size).toBe(groups.filter(({ routedAs }) => routedAs === undefined).flatMap(({ places }) => places).length);
    expect(view.text()).toContain('4 servers chosen');
  });

  it('other clients are pointed here only with a port and a token, and each step has its button', async () => {
    await open('chosen');
    const preview = (): HTMLButtonElement => [...view.root.querySelectorAll<HTMLButtonElement>('.chosen-line button')].at(-1)!;
    expect(preview().disabled).toBe(true);
    await view.click('Make token…');
    await view.host(() => view.stub.change({ fixedPort: 41_113 }));
    expect(view.text()).toContain('The gateway still listens on another port');
    await view.click('Restart routing');
    expect(did()).toEqual(['makeClientToken', 'setRouting false', 'setRouting true']);
    expect(preview().disabled).toBe(false);
    await view.click('Preview changes');
    expect(did().at(-1)).toContain('"otherClients":"point"');
  });

  it('each file of a preview opens in the diff editor; Back leaves everything as it was', async () => {
    await open('preview');
    await view.click('Show diff of ~/.cursor/mcp.json');
    expect(did()).toEqual(['showPlanned plan0 /home/ada/.cursor/mcp.json']);
    for (const text of ['+24 −0', 'Left out', 'cannot be edited safely', 'Worth knowing', 'it is not routed twice']) expect(view.text()).toContain(text);
    await view.click('Back');
    expect(view.text()).toContain('Found on this machine');
    expect(did()).toHaveLength(1);
  });

  it('after Apply it says what was done, looks again, and offers Undo, which is previewed too', async () => {
    await open({ ...scenes['chosen']!, view: { found: scenes['chosen']!.found, chosen: ['vscode files'] } });
    await view.click('Preview changes');
    await view.click('Apply');
    expect(view.text()).toContain('3 files were changed. github, files go through MCP Shark now.');
    expect(did().slice(1)).toEqual(['apply plan1', 'find']);
    expect(view.model.chosen.value.size).toBe(0);
    await view.click('Undo…');
    expect(did().at(-1)).toBe('plan {"kind":"undo","records":["plan1"]}');
    expect(view.text()).toContain('Preview: put configurations back');
    await view.click('Apply');
    expect(view.text()).toContain('were put back');
  });

  it.each([
    ['routing.changed', '/home/ada/.cursor/mcp.json has changed since the preview. Nothing was changed: look at the preview again.'],
    ['notFound', 'This preview is too old. Make a new one.'],
  ] as const)('a plan that no longer holds (%s) is made anew and shown, not applied', async (code, message) => {
    await open('preview');
    view.stub.failures.set('apply', new AppError(code, message));
    await view.click('Apply');
    expect(did()).toEqual(['apply plan0', expect.stringMatching(/^plan \{"kind":"route"/)]);
    expect(view.root.querySelector('[role=alert]')?.textContent).toContain(message);
    expect(view.text()).toContain('This is the preview of what would be done now.');
    await view.click('Apply');
    expect(did().at(2)).toBe('apply plan1');
  });

  it('a file that cannot be written keeps the preview and says which', async () => {
    await open('preview');
    view.stub.failures.set('apply', new AppError('routing.notWritable', '/home/ada/.cursor/mcp.json is read-only. Nothing was changed.'));
    await view.click('Apply');
    expect(view.text()).toContain('is read-only. Nothing was changed.');
    expect(view.model.preview.value?.stage).toBe('ready');
  });

  it('what the host has forgotten is looked for again before it is planned', async () => {
    await open('ready');
    view.stub.failures.set('plan', new AppError('notFound', 'Choose at least one server.'));
    await view.click('Preview changes');
    expect(did().map((action) => action.split(' ')[0])).toEqual(['plan', 'find', 'plan']);
    expect(view.model.preview.value).toBeDefined();
  });

  it('a preview without files cannot be applied', async () => {
    await open('previewEmpty');
    expect(view.text()).toContain('Nothing would change.');
    expect([...view.root.querySelectorAll('button')].find(({ textContent }) => textContent === 'Apply')?.disabled).toBe(true);
  });

  it('while it is applied nothing can be pressed twice', async () => {
    await open('applying');
    await view.click('Apply');
    expect(view.text()).toContain('Applying…');
    await view.click('Applying…').catch(() => undefined);
    await view.press('Escape', view.root.querySelector('.preview')!);
    expect(did()).toEqual(['apply plan0']);
    expect(view.model.preview.value?.stage).toBe('applying');
  });

  it('a client is pointed here from its own row, with a file or without one yet', async () => {
    await open('ready');
    await view.click('Point at MCP Shark: Cursor (~/.cursor/mcp.json)');
    await view.click('Back');
    expect(section('clients').textContent).toContain('no file yet: it will be made');
    await view.click('Point at MCP Shark: Claude Desktop (~/.config/Claude/claude_desktop_config.json)');
    expect(did()).toEqual(['plan {"kind":"point","clients":["/home/ada/.cursor/mcp.json"]}', 'plan {"kind":"point","clients":["/home/ada/.config/Claude/claude_desktop_config.json"]}']);
  });

  it('a client that has an old port or token is brought up to date, as soon as the token changes', async () => {
    await open('ready');
    const buttons = (): string[] => [...section('clients').querySelectorAll('.row button')].map((button) => button.getAttribute('aria-label') ?? '').filter((label) => /Codex|Gemini/.test(label) && /^(Point|Update)/.test(label));
    expect(buttons()).toEqual(['Update: Gemini CLI (~/.gemini/settings.json)']);
    await view.host(() => view.stub.change({ outdatedClients: ['/home/ada/.gemini/settings.json', '/home/ada/.codex/config.toml'] }));
    expect(buttons()).toEqual(['Update: Codex (~/.codex/config.toml)', 'Update: Gemini CLI (~/.gemini/settings.json)']);
    await view.click('Update: Codex (~/.codex/config.toml)');
    expect(did()).toEqual(['plan {"kind":"point","clients":["/home/ada/.codex/config.toml"]}']);
  });

  it('the token can be left to a variable, for a client and for what is chosen', async () => {
    await open('ready');
    const variable = (within: ParentNode): HTMLInputElement => [...within.querySelectorAll<HTMLInputElement>('.token-choice input')].at(-1)!;
    await view.host(() => variable(section('clients')).click());
    await view.click('Point at MCP Shark: Cursor (~/.cursor/mcp.json)');
    expect(did()).toEqual(['plan {"kind":"point","clients":["/home/ada/.cursor/mcp.json"],"token":"variable"}']);
    expect(view.saved().tokenPlace).toBe('variable');
    view.close();
    await open({ ...scenes['chosen']!, state: scenes['ready']!.state! });
    await view.host(() => variable(view.root.querySelector('.chosen-bar')!).click());
    await view.click('Preview changes');
    expect(did().at(-1)).toContain('"otherClients":"point","token":"variable"');
  });
});

describe('changes and backups', () => {
  it('one change is undone, or all', async () => {
    await open('running');
    await view.click('Undo: Pointed Codex at MCP Shark');
    await view.click('Back');
    await view.click('Undo all…');
    expect(did()).toEqual(['plan {"kind":"undo","records":["r1"]}', 'plan {"kind":"undo","records":"all"}']);
  });

  it('backups are shown, restored after a preview, and deleted after a question; one that is needed is kept', async () => {
    await open('running');
    await view.click('Show backups');
    const cursor = /^(.*) the backup of ~\/\.cursor/;
    const button = (verb: string, file: string): string => [...view.root.querySelectorAll('button')].map((one) => one.getAttribute('aria-label') ?? '').find((label) => label.startsWith(`${verb} the backup of ${file}`))!;
    await view.click(button('View', '~/.cursor'));
    await view.click(button('Delete', '~/.cursor'));
    expect(did()).toEqual(['backups', 'showBackup b1']);
    const confirm = [...view.root.querySelectorAll('.backups li')].find((one) => one.textContent?.includes('Delete it for good?'))!.querySelector('button')!;
    await view.host(() => confirm.click());
    expect(did().slice(2)).toEqual(['deleteBackup b1', 'backups']);
    expect([...view.root.querySelectorAll('button')].some((one) => cursor.test(one.getAttribute('aria-label') ?? ''))).toBe(false);
    expect([...view.root.querySelectorAll('button')].find((one) => one.getAttribute('aria-label')?.startsWith('Delete the backup of .vscode'))?.disabled).toBe(true);
    await view.click(button('Restore', '.vscode'));
    expect(did().at(-1)).toBe('plan {"kind":"restore","backup":"b2"}');
  });
});

describe('what is remembered', () => {
  it('a preview and what was found are there again when the view comes back from a diff', async () => {
    await open('chosen');
    await view.type('.setup-search input', 'git');
    view.model.otherClients.value = 'leave';
    await view.settle();
    await view.click('Preview changes');
    await view.click('Show diff of .vscode/mcp.json');
    // Without a pause: the diff editor takes the view away at once.
    const saved = view.saved();
    expect(saved.preview?.plan.id).toBe('plan1');
    expect(saved.found?.groups).toHaveLength(groups.length);
    expect(saved.search).toBe('git');
    view.close();
    await open({ ...scenes['chosen']!, view: saved });
    expect(view.text()).toContain('Preview: route servers through MCP Shark');
    expect(did()).toEqual([]);
  });
});

describe('the keyboard', () => {
  it('arrows lead from row to row over all sections, open and close', async () => {
    await open('running');
    const toggles = [...view.root.querySelectorAll<HTMLElement>('.row-toggle')];
    toggles[0]!.focus();
    await view.press('ArrowDown', toggles[0]!);
    expect(document.activeElement).toBe(toggles[1]);
    await view.press('End', toggles[1]!);
    expect(document.activeElement).toBe(toggles.at(-1));
    await view.press('ArrowRight', toggles.at(-1)!);
    expect(toggles.at(-1)!.getAttribute('aria-expanded')).toBe('true');
    await view.press('ArrowLeft', toggles.at(-1)!);
    expect(toggles.at(-1)!.getAttribute('aria-expanded')).toBe('false');
  });

  it('/ and Ctrl+F lead to the search, Escape clears it', async () => {
    await open('running');
    await view.press('/', document.body);
    const search = view.root.querySelector<HTMLInputElement>('.setup-search input')!;
    expect(document.activeElement).toBe(search);
    await view.type('.setup-search input', 'linear');
    await view.press('Escape', search);
    expect(view.model.search.value).toBe('');
    search.blur();
    await view.press('f', document.body, { ctrlKey: true });
    expect(document.activeElement).toBe(search);
  });

  it('in the definitions arrows move, and Enter shows the change', async () => {
    await open('expanded');
    const grid = view.root.querySelector<HTMLElement>('.definitions')!;
    await view.press('ArrowDown', grid);
    await view.press('Enter', grid);
    expect(did()).toEqual(['showDefinition id-github tool create_issue']);
  });

  it('a preview has the focus on its heading, and Escape leads back', async () => {
    await open('ready');
    await view.click('Preview changes');
    expect(document.activeElement?.textContent).toContain('Preview: route servers');
    await view.press('Escape', document.activeElement!);
    expect(view.model.preview.value).toBeUndefined();
  });
});
