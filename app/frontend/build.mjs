// Bundles src/entries/* into ../static/dist: hashed names, manifest.json, .br/.gz twins, THIRD-PARTY.txt.
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import { repairPackages } from './repairs.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const target = path.resolve(here, process.env.ASSETS_OUT ?? '../static/dist');
const watch = process.argv.includes('--watch');
// A build that fails leaves the last good one in place.
const dist = watch ? target : path.join(here, 'node_modules/.dist');
const BROTLI_QUALITY = 9; // 11 takes seven times as long for 8 % less
const COMPRESSIBLE = /\.(js|css|svg|json)$/;

const entryPoints = readdirSync(path.join(here, 'src/entries')).sort().map((name) => `src/entries/${name}`);
const words = JSON.parse(readFileSync(path.join(here, 'src/i18n/vi.json'), 'utf8'));

const distName = (file) => path.relative(dist, path.resolve(here, file)).split(path.sep).join('/');
const integrity = (file) => `sha384-${createHash('sha384').update(readFileSync(file)).digest('base64')}`;

function describe(output, about) {
  return {
    file: distName(output),
    css: about.cssBundle ? distName(about.cssBundle) : null,
    preload: about.imports.filter((one) => one.kind === 'import-statement').map((one) => distName(one.path)).sort(),
    integrity: integrity(path.resolve(here, output)),
  };
}

function manifest(outputs) {
  const found = {};
  for (const [output, about] of Object.entries(outputs)) {
    if (output.endsWith('.map')) continue;
    if (about.entryPoint) found[path.basename(about.entryPoint)] = describe(output, about);
    else if (/\.(woff2|css)$/.test(output)) found[unhashed(output)] = describe(output, about);
  }
  return Object.fromEntries(Object.entries(found).sort());
}

const unhashed = (output) => path.basename(output).replace(/-[A-Z0-9]{8}(\.\w+)$/, '$1');

function bundledPackages(inputs) {
  const folders = new Set();
  for (const input of Object.keys(inputs)) {
    const at = input.lastIndexOf('node_modules/');
    if (at < 0) continue;
    const parts = input.slice(at + 'node_modules/'.length).split('/');
    folders.add(input.slice(0, at) + 'node_modules/' + parts.slice(0, parts[0].startsWith('@') ? 2 : 1).join('/'));
  }
  return [...folders].sort();
}

function licenceNotice(folder) {
  const about = JSON.parse(readFileSync(path.join(here, folder, 'package.json'), 'utf8'));
  const file = readdirSync(path.join(here, folder)).find((name) => /^(licen[cs]e|copying|ofl)/i.test(name));
  const text = file ? readFileSync(path.join(here, folder, file), 'utf8').trim() : '';
  return `${about.name} ${about.version} (${about.license ?? 'see below'})\n\n${text}\n`;
}

function writeNotices(inputs) {
  const notices = bundledPackages(inputs).map(licenceNotice);
  writeFileSync(path.join(dist, 'THIRD-PARTY.txt'), notices.join(`\n${'-'.repeat(78)}\n\n`));
}

function compress() {
  for (const name of readdirSync(dist, { recursive: true })) {
    const file = path.join(dist, name);
    if (!COMPRESSIBLE.test(name) || name === 'manifest.json' || statSync(file).size < 1024) continue;
    const bytes = readFileSync(file);
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
    writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }));
  }
}

const finish = {
  name: 'finish',
  setup(build) {
    build.onEnd((result) => {
      if (result.errors.length) return;
      writeNotices(result.metafile.inputs);
      if (!watch) compress();
      writeFileSync(path.join(dist, 'manifest.json'), `${JSON.stringify(manifest(result.metafile.outputs), null, 1)}\n`);
    });
  },
};

const options = {
  absWorkingDir: here,
  entryPoints,
  outdir: dist,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: ['es2021', 'chrome100', 'firefox102', 'safari16'],
  minify: !watch,
  sourcemap: watch ? 'linked' : false,
  metafile: true,
  legalComments: 'none', // THIRD-PARTY.txt carries every notice in full
  entryNames: '[name]-[hash]',
  chunkNames: 'c/[name]-[hash]',
  assetNames: 'a/[name]-[hash]',
  loader: { '.woff2': 'file', '.woff': 'empty', '.ttf': 'empty', '.eot': 'empty', '.svg': 'empty' },
  define: { 'process.env.NODE_ENV': watch ? '"development"' : '"production"' },
  alias: { 'style-mod': './src/shims/style-mod.js', '#translate': './src/modeler/translate.js' },
  logLevel: 'warning',
  plugins: [repairPackages(words), finish],
};

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
if (watch) {
  await (await esbuild.context(options)).watch();
} else {
  await esbuild.build(options);
  rmSync(target, { recursive: true, force: true });
  cpSync(dist, target, { recursive: true });
}
