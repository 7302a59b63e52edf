// Makes the VSIX with vsce and checks its contents against a short list of what may be in it: a stray source map, test or
// secret must stop the package, whatever .vscodeignore says.
import { readFile, rm, stat } from 'node:fs/promises';
import { SetupError } from './errors.mjs';
import { node24Environment, requireNode24 } from './node24.mjs';
import { projectFolder, vsixPath } from './paths.mjs';
import { programEntry } from './programs.mjs';
import { run } from './run.mjs';

const allowed = [
  /^\[Content_Types\]\.xml$/,
  /^extension\.vsixmanifest$/,
  /^extension\/package(\.nls(\.[a-z-]+)?)?\.json$/,
  /^extension\/(readme|changelog|security|support)\.md$/i,
  /^extension\/license(\.txt|\.md)?$/i,
  /^extension\/dist\/(extension|uninstall|[a-zA-Z]+Worker)\.js$/,
  /^extension\/dist\/THIRD_PARTY_NOTICES\.txt$/,
  /^extension\/dist\/sql-wasm\.wasm$/,
  /^extension\/dist\/webview\/[\w.-]+\.(js|css|ttf)$/,
  /^extension\/media\/[\w.-]+\.(png|svg)$/, // not media/screenshots, which only the README on the web shows
  /^extension\/schemas\/[\w.-]+\.json$/,
  /^extension\/l10n\/[\w.-]+\.json$/,
];
const required = ['extension/package.json', 'extension/dist/extension.js', 'extension/dist/storeWorker.js', 'extension/dist/validationWorker.js', 'extension/dist/uninstall.js', 'extension/dist/sql-wasm.wasm'];

/** @returns {Promise<{ files: { path: string, size: number }[], bytes: number }>} */
export async function packageExtension() {
  const vsix = vsixPath();
  await run(requireNode24(), [programEntry('vsce'), 'package', '--no-dependencies', '--out', vsix], {
    label: 'vsce package', cwd: projectFolder, env: node24Environment(),
  });
  const files = await listContents(vsix);
  const paths = files.map(({ path }) => path);
  const stray = paths.filter((path) => !allowed.some((pattern) => pattern.test(path)));
  const missing = required.filter((path) => !paths.includes(path));
  if (stray.length > 0 || missing.length > 0) {
    await rm(vsix);
    const said = [
      ...stray.map((path) => `  does not belong in it:  ${path}`),
      ...missing.map((path) => `  is missing:             ${path}`),
    ];
    throw new SetupError(`The package was thrown away because of its contents:\n${said.join('\n')}\nSee .vscodeignore, and the list in scripts/lib/vsix.mjs.`);
  }
  return { files, bytes: (await stat(vsix)).size };
}

/**
 * The names and sizes in a zip file, from its central directory.
 * @param {string} path
 */
async function listContents(path) {
  const zip = await readFile(path);
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  const files = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const nameLength = zip.readUInt16LE(at + 28);
    const restLength = zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
    files.push({ path: zip.toString('utf8', at + 46, at + 46 + nameLength), size: zip.readUInt32LE(at + 24) });
    at += 46 + nameLength + restLength;
  }
  return files.filter(({ path: name }) => !name.endsWith('/'));
}
