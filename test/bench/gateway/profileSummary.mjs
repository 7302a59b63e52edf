// Owns reading a V8 CPU profile: time by function, own and with callees, mapped back to the source through the bundle's
// source map. Idle time does not count as busy.
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const IDLE = new Set(['(idle)', '(root)', '(program)']);
const maps = new Map();

/** Times in milliseconds; `self` and `total` are `[where, ms]`, longest first. */
export function summarize({ nodes, samples, timeDeltas, startTime, endTime }) {
  const byId = new Map(nodes.map((node) => [node.id, { ...node, where: whereIs(node.callFrame), parent: undefined }]));
  for (const node of byId.values()) for (const child of node.children ?? []) byId.get(child).parent = node;
  const self = new Map();
  const total = new Map();
  let busyMs = 0;
  samples.forEach((id, index) => {
    const node = byId.get(id);
    const ms = timeDeltas[index] / 1000;
    if (IDLE.has(node.callFrame.functionName)) return;
    busyMs += ms;
    add(self, node.where, ms);
    const seen = new Set();
    for (let frame = node; frame; frame = frame.parent) {
      if (seen.has(frame.where)) continue;
      seen.add(frame.where);
      add(total, frame.where, ms);
    }
  });
  return { busyMs, spanMs: (endTime - startTime) / 1000, self: sorted(self), total: sorted(total) };
}

const add = (map, key, value) => map.set(key, (map.get(key) ?? 0) + value);
const sorted = (map) => [...map].sort((a, b) => b[1] - a[1]);

function whereIs({ functionName, url, lineNumber, columnNumber }) {
  const name = functionName || '(anonymous)';
  if (url === '') return name;
  if (!url.startsWith('file:') && !path.isAbsolute(url)) return `${name} ${url}`;
  const file = url.startsWith('file:') ? fileURLToPath(url) : url;
  const entry = mapOf(file)?.findEntry(lineNumber, columnNumber);
  if (!entry?.originalSource) return `${name} ${path.relative('.', file)}:${lineNumber + 1}`;
  const source = path.relative('.', path.resolve(path.dirname(file), entry.originalSource));
  return `${name} ${source}:${entry.originalLine + 1}`;
}

function mapOf(file) {
  if (!maps.has(file)) {
    const found = existsSync(`${file}.map`) ? new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8'))) : undefined;
    maps.set(file, found);
  }
  return maps.get(file);
}
