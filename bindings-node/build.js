'use strict';

// Builds the native half for this machine and puts it beside index.js.

const { spawnSync } = require('node:child_process');
const { copyFileSync } = require('node:fs');
const path = require('node:path');

const targets = {
  darwin: '',
  linux: process.report.getReport().header.glibcVersionRuntime ? '-gnu' : '-musl',
  win32: '-msvc',
};
const target = `${process.platform}-${process.arch}${targets[process.platform] ?? ''}`;

const cargo = spawnSync(
  'cargo',
  ['build', '--release', '--locked', '-p', 'tidegate-node', '--message-format=json-render-diagnostics'],
  { cwd: __dirname, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 26 },
);
if (cargo.error) throw new Error(`cargo cannot be run (is Rust installed?): ${cargo.error.message}`);
if (cargo.status !== 0) process.exit(cargo.status ?? 1);

const built = cargo.stdout
  .split('\n')
  .filter((line) => line.startsWith('{'))
  .map((line) => JSON.parse(line))
  .find((message) => message.reason === 'compiler-artifact' && message.target.name === 'tidegate_node');
const library = built.filenames.find((name) => /\.(so|dylib|dll)$/.test(name));
copyFileSync(library, path.join(__dirname, `tidegate.${target}.node`));
