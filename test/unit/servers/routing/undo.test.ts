/** Holds undoing: byte for byte where nobody has touched a file, by structure where somebody has, and all or nothing. */
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDocument, plainValue } from '../../../../src/extension/servers/import/document';
import { STRATEGIES } from '../../../../src/extension/servers/import/strategies';
import { editedText } from '../../../../src/extension/services/setupPlans';
import { APP_FILE, Bench, ENVIRONMENT, said, STORAGE, USER_FILE } from './bench';

const MCP = '/proj/app/.vscode/mcp.json';
const CURSOR = '/home/ann/.cursor/mcp.json';
const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

const FIXTURES = path.join(__dirname, '../import/fixtures');
/** A real place for the fixture of each client. */
const REAL: readonly { file: string; text: string }[] = STRATEGIES.flatMap((strategy) => {
  const name = readdirSync(FIXTURES).find((candidate) => path.parse(candidate).name === strategy.id);
  const place = strategy.places(ENVIRONMENT).find((candidate) => 'file' in candidate);
  return name !== undefined && place && 'file' in place ? [{ file: place.file, text: readFileSync(path.join(FIXTURES, name), 'utf8') }] : [];
});

/** Ways in which the same configuration is written; all but the last keep YAML and TOML what they are. */
const WRITTEN: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'with CR LF': (text) => text.replaceAll('\n', '\r\n'),
  'with a byte order mark': (text) => `\uFEFF${text}`,
  'without a final newline': (text) => text.trimEnd(),
  'with many of them': (text) => `${text}\n\n\n`,
  'with CR LF and a byte order mark': (text) => `\uFEFF${text.replaceAll('\n', '\r\n')}`,
};
const JSON_ONLY: Readonly<Record<string, (text: string) => string>> = {
  'with CR alone': (text) => text.replaceAll('\n', '\r'),
  'with tabs': (text) => text.replaceAll('  ', '\t'),
  'with mixed ends of lines': (text) => text.replace('\n', '\r\n'),
  'in one line': (text) => text.replaceAll(/(?<![:"/])\/\/.*$/gm, '').replaceAll(/\s*\n\s*/g, ' '),
  'with comments everywhere': (text) => text.replaceAll(/,\n/g, ', // é\n/* über */\n'),
};

describe('files that nobody has touched', () => {
  it('there is a fixture for every client', () => {
    expect(REAL).toHaveLength(STRATEGIES.length);
  });

  it('are byte for byte as before, and so is everything around them', async () => {
    const written = fc.constantFrom(...Object.entries(WRITTEN), ...Object.entries(JSON_ONLY));
    const chosen = fc.uniqueArray(fc.constantFrom(...REAL), { minLength: 1, maxLength: 5, selector: ({ file }) => file });
    await fc.assert(
      fc.asyncProperty(chosen, written, fc.infiniteStream(fc.boolean()), fc.constantFrom(undefined, '', '\n', '{}', '{"servers":{}}', '// none\n'), async (files, [, rewrite], picks, target) => {
        const bench = new Bench();
        for (const { file, text } of files) {
          const isJson = !/\.(toml|yaml)$/.test(file);
          const isFit = isJson || Object.values(WRITTEN).includes(rewrite);
          bench.fs.set(file, isFit ? rewrite(text) : text, 0o640);
        }
        if (target !== undefined) bench.fs.set(APP_FILE, target);
        const before = bench.tree();
        const found = await bench.find();
        expect(found.length).toBeGreaterThan(0);
        const pick = picks[Symbol.iterator]();
        const first = found.filter(() => pick.next().value === true);
        // In two goes, so that one file is in two records.
        const plan = await bench.plan(first);
        expect(plan.problems).toEqual([]);
        await bench.routing.apply(plan);
        const second = await bench.plan((await bench.find()).filter(({ place }) => !place.file.endsWith('mcp-shark.json')));
        expect(second.problems).toEqual([]);
        await bench.routing.apply(second);
        const undo = await bench.undo();
        expect(undo.notes).toEqual([]);
        expect(bench.tree()).toEqual(before);
        expect(await bench.routing.records()).toEqual([]);
      }),
      { numRuns: 120 },
    );
  });

  it('keep their permissions, and folders that were made go again', async () => {
    const bench = new Bench({ '/proj/app/.mcp.json': json({ mcpServers: { a: { command: 'a' } } }) });
    bench.fs.set(CURSOR, json({ mcpServers: { b: { command: 'b' } } }), 0o600);
    const before = bench.tree();
    await bench.route();
    expect(bench.fs.mode(CURSOR)).toBe(0o600);
    expect(bench.tree()['/proj/app/.vscode/']).toBe('');
    await bench.undo();
    expect(bench.tree()).toEqual(before);
  });

  it('can be undone one record at a time, in any order', async () => {
    const text = json({ servers: { a: { command: 'a' }, b: { command: 'b' }, c: { command: 'c' } } });
    const bench = new Bench({ [MCP]: text });
    await bench.route('b');
    await bench.route('c');
    const [first, second] = await bench.routing.records();
    await bench.undo([first?.id ?? '']);
    expect(bench.json(MCP)).toEqual({ servers: { a: { command: 'a' }, b: { command: 'b' } } });
    expect(bench.json(APP_FILE)).toEqual({ servers: { c: { command: 'c' } } });
    await bench.undo([second?.id ?? '']);
    expect(bench.json(MCP)).toEqual({ servers: { a: { command: 'a' }, b: { command: 'b' }, c: { command: 'c' } } });
    expect(bench.fs.text(APP_FILE)).toBeUndefined();
  });

  it('are behind a link that stays a link', async () => {
    const bench = new Bench();
    const text = json({ mcpServers: { a: { command: 'a' } } });
    bench.fs.set('/home/ann/dotfiles/cursor.json', text, 0o600);
    bench.fs.link(CURSOR, '/home/ann/dotfiles/cursor.json');
    const before = bench.tree();
    const plan = await bench.route();
    expect(plan.files.find(({ file }) => file === CURSOR)?.linkTo).toBe('/home/ann/dotfiles/cursor.json');
    expect(said(plan)).toContain('It is a link: /home/ann/dotfiles/cursor.json is what changes.');
    expect(bench.tree()[CURSOR]).toBe('-> /home/ann/dotfiles/cursor.json');
    expect(bench.fs.text('/home/ann/dotfiles/cursor.json')).toContain('mcp-shark');
    await bench.undo();
    expect(bench.tree()).toEqual(before);
  });
});

describe('files that have been edited since', () => {
  const original = '{\n  // mine\n  "servers": {\n    // about a\n    "a": { "command": "a" }, // behind a\n    "b": { "command": "b" },\n    "c": { "command": "c" }\n  }\n}\n';

  it('get back what was taken, where it stood, and keep the edits', async () => {
    const bench = new Bench({ [MCP]: original });
    await bench.route('a', 'c');
    bench.fs.set(MCP, (bench.fs.text(MCP) ?? '').replace('"command": "b"', '"command": "changed"').replace('// mine', '// mine, later'));
    const undo = await bench.undo();
    expect(undo.notes).toEqual([]);
    expect(bench.fs.text(MCP)).toBe(original.replace('"command": "b"', '"command": "changed"').replace('// mine', '// mine, later'));
    expect(bench.fs.text(APP_FILE)).toBeUndefined();
  });

  it('keep an entry of ours that was changed, and one that took the place of theirs, and say so', async () => {
    const bench = new Bench({ [MCP]: original });
    await bench.route('a', 'b');
    bench.fs.set(APP_FILE, (bench.fs.text(APP_FILE) ?? '').replace('"a" }', '"a", "args": ["new"] }'));
    bench.fs.set(MCP, (bench.fs.text(MCP) ?? '').replace('"c": {', '"b": { "command": "another" },\n    "c": {'));
    const undo = await bench.undo();
    // What nothing takes back stays routed.
    expect(bench.json(APP_FILE)).toEqual({ servers: { a: { command: 'a', args: ['new'] }, b: { command: 'b' } } });
    expect(JSON.parse((bench.fs.text(MCP) ?? '').replaceAll(/\/\/.*$/gm, ''))).toEqual({ servers: { a: { command: 'a' }, b: { command: 'another' }, c: { command: 'c' } } });
    expect(said(undo).toSorted()).toEqual([
      '"a" has been changed since it was put in: it stays.',
      'There is another "b" now: it stays, and the one from before stays in mcp-shark.json.',
    ]);
  });

  it('that have been deleted stay deleted', async () => {
    const bench = new Bench({ [MCP]: original });
    await bench.route('a');
    bench.fs.delete(MCP);
    bench.fs.delete(APP_FILE);
    const undo = await bench.undo();
    expect(undo.files).toEqual([]);
    expect(said(undo)).toEqual(['It has been deleted since; it is not made again. Its backup is kept.']);
    expect(await bench.routing.records()).toEqual([]);
  });

  it('are made again, byte for byte, where only their routed servers were left in them', async () => {
    const text = '{\n  "servers": { "a": { "command": "a", "env": { "K": "${input:k}" } } }, // one\n  "inputs": [{ "type": "promptString", "id": "k" }]\n}';
    const bench = new Bench();
    bench.fs.set(MCP, text, 0o600);
    const before = bench.tree();
    await bench.route('a');
    bench.fs.delete(MCP);
    const undo = await bench.undo();
    expect(said(undo)).toEqual(['It has been deleted since: it is made again, as it was.']);
    expect(bench.tree()).toEqual(before);
  });

  it('are made again with what is still routed, and its inputs, but without what else was deleted with them', async () => {
    const input = (id: string) => ({ type: 'promptString', id });
    const own = { keep: { command: 'keep' }, a: { command: 'a', env: { K: '${input:k}' } }, b: { command: 'b' } };
    const bench = new Bench({ [MCP]: json({ servers: own, inputs: [input('k'), input('other')] }), '/home/ann/.codex/config.toml': '[mcp_servers.x]\ncommand = "x"\n\n[mcp_servers.y]\ncommand = "y"\n' });
    await bench.route('a');
    await bench.route('b', 'x');
    bench.fs.delete(MCP);
    bench.fs.delete('/home/ann/.codex/config.toml');
    // The user has done away with "b" altogether.
    bench.fs.set(APP_FILE, json({ ...(bench.json(APP_FILE) as object), servers: { a: own.a } }));
    const undo = await bench.undo();
    expect(bench.json(MCP)).toEqual({ servers: { a: own.a }, inputs: [input('k')] });
    expect(bench.fs.text('/home/ann/.codex/config.toml')).toBe('[mcp_servers.x]\ncommand = "x"\n');
    expect(bench.fs.text(APP_FILE)).toBeUndefined();
    expect(said(undo)).toContain('It has been deleted since: it is made again with "a". What else it held is in its backup.');
  });

  it('by another server of the name keep ours where it was routed to, with the inputs it uses', async () => {
    const input = { type: 'promptString', id: 'k' };
    const a = { command: 'a', env: { K: '${input:k}' } };
    const bench = new Bench({ [MCP]: json({ servers: { a, b: { command: 'b' } }, inputs: [input] }) });
    await bench.route('a', 'b');
    bench.fs.set(MCP, json({ servers: { a: { command: 'other' } } }));
    const undo = await bench.undo();
    expect(bench.json(MCP)).toEqual({ servers: { b: { command: 'b' }, a: { command: 'other' } } });
    expect(bench.json(APP_FILE)).toEqual({ servers: { a }, inputs: [input] });
    expect(said(undo)).toEqual(['There is another "a" now: it stays, and the one from before stays in mcp-shark.json.']);
  });

  it('through MCP Shark’s own form lose the server all the same, and what was written about it is named', async () => {
    const bench = new Bench({ [MCP]: json({ servers: { a: { command: 'a' }, off: { command: 'off', disabled: true } } }) });
    const before = bench.tree();
    await bench.route();
    const edited = editedText(editedText(bench.fs.text(APP_FILE) ?? '', 'off', { isEnabled: true }), 'a', { purpose: 'P', owner: 'me', permissions: ['read'], note: 'n', isEnabled: false, deny: ['rm'] });
    bench.fs.set(APP_FILE, edited);
    const undo = await bench.undo();
    expect(said(undo)).toEqual(['"a" goes, and what is written about it here goes with it: purpose, owner, permissions, note, enabled, tools.']);
    expect(bench.tree()).toEqual(before);
  });

  it('that do not parse any more are left, with their part of the record, until they do', async () => {
    const bench = new Bench({ [MCP]: original });
    await bench.route('a');
    const routed = bench.fs.text(MCP) ?? '';
    bench.fs.set(MCP, '{ "servers": ');
    const undo = await bench.undo();
    expect(undo.problems).toMatchObject([{ file: MCP, message: expect.stringContaining('restore it from its backup') as string }]);
    expect(bench.fs.text(MCP)).toBe('{ "servers": ');
    expect(bench.fs.text(APP_FILE)).toBeUndefined();
    bench.fs.set(MCP, routed);
    await bench.undo();
    expect(bench.fs.text(MCP)).toBe(original);
    expect(await bench.routing.records()).toEqual([]);
  });

  it('of other clients lose our entry and keep theirs, in TOML and YAML too', async () => {
    const codex = '/home/ann/.codex/config.toml';
    const dev = '/home/ann/.continue/config.yaml';
    const bench = new Bench({
      [codex]: '# docs\n[mcp_servers.docs]\ncommand = "npx"\n\n[tui]\ntheme = "dark"\n',
      [dev]: 'name: Mine\nmcpServers:\n  - name: a\n    command: a\n',
    });
    await bench.route();
    bench.fs.set(codex, (bench.fs.text(codex) ?? '').replace('dark', 'light'));
    bench.fs.set(dev, (bench.fs.text(dev) ?? '').replace('name: Mine', 'name: Yours'));
    await bench.undo();
    expect(bench.fs.text(codex)).toBe('# docs\n[mcp_servers.docs]\ncommand = "npx"\n\n[tui]\ntheme = "light"\n');
    expect(bench.fs.text(dev)).toBe('name: Yours\nmcpServers:\n  - name: a\n    command: a\n');
  });

  it('keep every edit elsewhere, whatever was routed', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const edits = fc.record({ add: fc.boolean(), change: fc.option(fc.constantFrom(...names), { nil: undefined }), drop: fc.option(fc.constantFrom(...names), { nil: undefined }), top: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.subarray(names, { minLength: 1 }), edits, fc.constantFrom(...Object.values({ ...WRITTEN, ...JSON_ONLY })), async (routed, edit, rewrite) => {
        const value: Record<string, unknown> = { theme: 'x', mcpServers: Object.fromEntries(names.map((name) => [name, { command: name }])) };
        const bench = new Bench({ [CURSOR]: rewrite(json(value)) });
        await bench.route(...routed);
        // The user goes on working in the file, with another program that writes it anew.
        const kept = new Set(names.filter((name) => !routed.includes(name)));
        const now = parse(bench.fs.text(CURSOR) ?? '') as { theme: string; mcpServers: Record<string, unknown> };
        const expected = structuredClone(value) as typeof now;
        for (const document of [now, expected]) {
          if (edit.add) document.mcpServers['own'] = { command: 'own' };
          if (edit.change !== undefined && kept.has(edit.change)) document.mcpServers[edit.change] = { command: 'changed' };
          if (edit.drop !== undefined && kept.has(edit.drop)) delete document.mcpServers[edit.drop];
          if (edit.top) document.theme = 'y';
        }
        bench.fs.set(CURSOR, rewrite(json(now)));
        const undo = await bench.undo();
        expect([undo.problems, undo.notes]).toEqual([[], []]);
        expect(parse(bench.fs.text(CURSOR) ?? '')).toEqual(expected);
        expect(bench.fs.text(USER_FILE)).toBeUndefined();
      }),
      { numRuns: 150 },
    );
  });
});

/** JSON with the comments that the rewritten texts of this file have. */
function parse(text: string): unknown {
  const { root } = parseDocument(text, 'jsonc');
  return root && plainValue(root);
}

describe('applying', () => {
  const files = {
    [MCP]: json({ servers: { a: { command: 'a' }, b: { command: 'b' } } }),
    [CURSOR]: json({ mcpServers: { c: { command: 'c' } } }),
    '/home/ann/.codex/config.toml': '[mcp_servers.d]\ncommand = "d"\n',
  };

  it('refuses a plan when a file has changed since, and changes nothing', async () => {
    const bench = new Bench(files);
    const plan = await bench.plan(await bench.find());
    bench.fs.set(CURSOR, `${files[CURSOR]} `);
    const before = bench.tree();
    await expect(bench.routing.apply(plan)).rejects.toMatchObject({ code: 'routing.changed', details: { file: CURSOR } });
    expect(bench.tree()).toEqual(before);
    expect(await bench.routing.records()).toEqual([]);
  });

  it('routes nothing in a workspace that is not trusted, but undoes', async () => {
    const bench = new Bench(files);
    await bench.route('a');
    const plan = await bench.plan(await bench.find('c'));
    bench.isTrusted = false;
    await expect(bench.routing.apply(plan)).rejects.toMatchObject({ code: 'server.notAllowed' });
    await bench.undo();
    expect(bench.fs.text(MCP)).toBe(files[MCP]);
  });

  it('refuses a file that came or went since', async () => {
    const bench = new Bench(files);
    const plan = await bench.plan(await bench.find('a'));
    bench.fs.set(APP_FILE, '{}');
    await expect(bench.routing.apply(plan)).rejects.toMatchObject({ code: 'routing.changed' });
  });

  it('says which file is read-only, and changes none', async () => {
    const bench = new Bench(files);
    bench.fs.set(CURSOR, files[CURSOR] ?? '', 0o444);
    const plan = await bench.plan(await bench.find());
    const before = bench.tree();
    await expect(bench.routing.apply(plan)).rejects.toMatchObject({
      code: 'routing.notWritable',
      message: `${CURSOR} is read-only and cannot be changed. Nothing was changed: allow writing it, then try again.`,
    });
    expect(bench.tree()).toEqual(before);
  });

  it('lets one window at a time change files, and takes over from one that died', async () => {
    const bench = new Bench(files);
    bench.fs.set(`${STORAGE}/routing.lock`, JSON.stringify({ pid: process.pid, atMs: bench.nowMs }));
    const plan = await bench.plan(await bench.find('a'));
    await expect(bench.routing.apply(plan)).rejects.toMatchObject({ code: 'routing.busy' });
    bench.nowMs += 61_000;
    await bench.routing.apply(plan);
    expect(bench.fs.text(`${STORAGE}/routing.lock`)).toBeUndefined();
  });

  const route = async (bench: Bench) => bench.plan(await bench.find('a', 'c', 'd'));
  const undo = async (bench: Bench) => bench.routing.planUndo('all');
  const scenarios: readonly [string, (bench: Bench) => Promise<void>, (bench: Bench) => ReturnType<typeof route>][] = [
    ['routing', () => Promise.resolve(), route],
    ['undoing', async (bench) => bench.routing.apply(await route(bench)), undo],
  ];
  const total = async (prepare: (bench: Bench) => Promise<void>, planOf: (bench: Bench) => ReturnType<typeof route>): Promise<number> => {
    const bench = new Bench(files);
    await prepare(bench);
    const plan = await planOf(bench);
    const start = bench.fs.operations;
    await bench.routing.apply(plan);
    return bench.fs.operations - start;
  };

  it.each(scenarios)('%s is all or nothing when any one operation fails', async (_what, prepare, planOf) => {
    const count = await total(prepare, planOf);
    expect(count).toBeGreaterThan(30);
    for (let at = 0; at < count; at++) {
      for (const code of at % 3 === 0 ? ['EIO', 'ENOENT'] : [at % 3 === 1 ? 'ENOSPC' : 'EACCES', 'EEXIST']) {
        const bench = new Bench(files);
        await prepare(bench);
        const plan = await planOf(bench);
        const [before, records] = [bench.tree(), await bench.routing.records()];
        bench.fs.fault('fail', at, code);
        const failed = await bench.routing.apply(plan).then(
          () => false,
          () => true,
        );
        bench.fs.heal();
        if (!failed) continue;
        expect([at, bench.tree()]).toEqual([at, before]);
        expect(await bench.routing.records()).toEqual(records);
        // And it can be tried again.
        bench.nowMs += 61_000;
        await bench.routing.apply(plan);
        expect(bench.tree()).not.toEqual(before);
      }
    }
  });

  it.each(scenarios)('%s is all or nothing after a crash at any operation', async (_what, prepare, planOf) => {
    const count = await total(prepare, planOf);
    const done = await (async () => {
      const bench = new Bench(files);
      await prepare(bench);
      await bench.routing.apply(await planOf(bench));
      return bench.tree();
    })();
    let finished = 0;
    for (let at = 0; at < count; at++) {
      const bench = new Bench(files);
      await prepare(bench);
      const plan = await planOf(bench);
      const before = bench.tree();
      bench.fs.fault('crash', at);
      await bench.routing.apply(plan).catch(() => undefined);
      bench.fs.heal();
      // The next start, some time later.
      bench.nowMs += 61_000;
      const next = bench.again();
      expect(await next.recover()).toEqual([]);
      const after = bench.tree();
      if (JSON.stringify(after) === JSON.stringify(done)) finished += 1;
      else expect([at, after]).toEqual([at, before]);
      // Whichever it was, everything can be undone, and nothing is left behind.
      await next.apply(await next.planUndo('all'));
      expect(bench.tree()).toEqual(new Bench(files).tree());
      const known = new Set((await next.backups()).map(({ id }) => `${STORAGE}/routing-backups/${id}.bak`));
      const left = Object.keys(bench.fs.tree(STORAGE)).filter((file) => /\.(bak|tmp|lock)$/.test(file) && !known.has(file));
      expect([at, left]).toEqual([at, []]);
    }
    expect(finished).toBeGreaterThan(0);
  });

  it('leaves alone, after a crash, what somebody has changed in between', async () => {
    // Where the first file is written and the second is not.
    for (let at = 0; ; at++) {
      const trial = new Bench(files);
      const trialPlan = await route(trial);
      trial.fs.fault('crash', at);
      await trial.routing.apply(trialPlan).catch(() => undefined);
      trial.fs.heal();
      if (trial.fs.text(APP_FILE) === undefined || trial.fs.text(MCP) !== files[MCP]) continue;
      trial.fs.set(APP_FILE, '{ "mine": 1 }');
      trial.nowMs += 61_000;
      expect(await trial.again().recover()).toEqual([APP_FILE]);
      expect(trial.fs.text(APP_FILE)).toBe('{ "mine": 1 }');
      expect(trial.fs.text(MCP)).toBe(files[MCP]);
      break;
    }
  });

  it('refuses a ledger that is damaged or newer than this version', async () => {
    const bench = new Bench(files);
    const plan = await route(bench);
    for (const text of ['{', '[]', '{"version":1}', '{"version":2,"records":[],"backups":[]}']) {
      bench.fs.set(`${STORAGE}/routing.json`, text);
      await expect(bench.routing.apply(plan)).rejects.toMatchObject({ code: 'routing.ledger' });
      expect(bench.fs.text(`${STORAGE}/routing.json`)).toBe(text);
    }
    expect(bench.fs.text(MCP)).toBe(files[MCP]);
  });
});

describe('backups', () => {
  it('are listed, readable, and can be put back and deleted, but not while an undo needs them', async () => {
    const text = json({ servers: { a: { command: 'a' } } });
    const bench = new Bench({ [MCP]: text });
    await bench.route('a');
    const [backup] = await bench.routing.backups();
    expect(backup).toMatchObject({ file: MCP, bytes: text.length, isNeeded: true, atMs: bench.nowMs });
    expect(new TextDecoder().decode(await bench.routing.readBackup(backup?.id ?? ''))).toBe(text);
    await expect(bench.routing.deleteBackup(backup?.id ?? '')).rejects.toMatchObject({ code: 'routing.failed' });

    const restore = await bench.routing.planRestore(backup?.id ?? '');
    expect(restore.files).toMatchObject([{ file: MCP, after: text }]);
    await bench.routing.apply(restore);
    expect(bench.fs.text(MCP)).toBe(text);
    expect(await bench.routing.records()).toHaveLength(1);

    await bench.undo();
    expect(bench.fs.text(MCP)).toBe(text);
    expect((await bench.routing.backups()).every(({ isNeeded }) => !isNeeded)).toBe(true);
    for (const { id } of await bench.routing.backups()) await bench.routing.deleteBackup(id);
    expect(await bench.routing.backups()).toEqual([]);
    expect(Object.keys(bench.fs.tree(`${STORAGE}/routing-backups`))).toEqual([]);
  });

  it('that are gone or damaged are not used', async () => {
    const bench = new Bench({ [MCP]: json({ servers: { a: { command: 'a' } } }) });
    await bench.route('a');
    const [backup] = await bench.routing.backups();
    const file = `${STORAGE}/routing-backups/${backup?.id}.bak`;
    bench.fs.set(file, 'damaged');
    await expect(bench.routing.readBackup(backup?.id ?? '')).rejects.toMatchObject({ code: 'routing.failed', message: expect.stringContaining('damaged') as string });
    expect((await bench.routing.planUndo('all')).problems).toMatchObject([{ file: MCP }]);
    await expect(bench.routing.readBackup('../../etc/passwd')).rejects.toMatchObject({ code: 'notFound' });
  });

  it('that nothing needs are kept to a number', async () => {
    const bench = new Bench({ [MCP]: json({ servers: { a: { command: 'a' } } }) });
    for (let round = 0; round < 30; round++) {
      await bench.route('a');
      await bench.undo();
    }
    expect((await bench.routing.backups()).length).toBeLessThanOrEqual(52);
    expect(bench.json(MCP)).toEqual({ servers: { a: { command: 'a' } } });
  });
});
