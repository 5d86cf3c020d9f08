// node build.mjs FOLDER: bundles the page into a folder; the same source gives the same bytes. Called by tools/page.
import { build } from 'esbuild';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const out = resolve(here, process.argv[2]);
await rm(out, { recursive: true, force: true });
await mkdir(out);
await build({
  absWorkingDir: here,
  entryPoints: { station: 'src/main.jsx' },
  outdir: out,
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['chrome123', 'firefox120', 'safari17.5'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'warning',
});
for (const file of ['index.html', 'icon.svg']) await copyFile(`${here}src/${file}`, `${out}/${file}`);

// What is bundled is under licences that go with it.
const notices = [];
for (const name of ['preact', 'uplot']) {
  notices.push(`${name}\n\n${await readFile(`${here}node_modules/${name}/LICENSE`, 'utf8')}`);
}
await writeFile(`${out}/LICENSES.txt`, notices.join('\n----\n\n'));
