import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { version } from 'tidegate';

const folder = fileURLToPath(new URL('../', import.meta.url));
const json = (file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
const cli = (...args) => spawnSync(process.execPath, [path.join(folder, 'cli.js'), ...args], { encoding: 'utf8' });

test('the package holds what it needs and nothing else', () => {
  const npm = (...args) =>
    execFileSync('npm', args, { cwd: folder, encoding: 'utf8', shell: process.platform === 'win32' });
  const [packed] = JSON.parse(npm('pack', '--dry-run', '--json', '--ignore-scripts'));
  const files = packed.files.map((file) => file.path).sort();
  assert.deepEqual(files, [
    'README.md',
    'calls.js',
    'cli.js',
    'demo.js',
    'errors.js',
    'index.d.mts',
    'index.d.ts',
    'index.js',
    'index.mjs',
    'json.js',
    'model.d.ts',
    'native.js',
    'openai.d.ts',
    'package.json',
    'stream.js',
  ]);
});

test('a package of each platform is declared, at the same version', () => {
  const { optionalDependencies, version: own, engines, scripts } = json('package.json');
  assert.equal(own, version);
  assert.deepEqual(
    Object.keys(optionalDependencies),
    readdirSync(path.join(folder, 'npm')).map((name) => `@tidegate/${name}`),
  );
  for (const [name, at] of Object.entries(optionalDependencies)) {
    const target = name.replace('@tidegate/', '');
    const declared = json(`npm/${target}/package.json`);
    assert.deepEqual([declared.name, declared.version, at, declared.main], [name, own, own, `tidegate.${target}.node`]);
    assert.deepEqual(declared.engines, engines);
    assert.equal(`${declared.os}-${declared.cpu}`, target.split('-').slice(0, 2).join('-'));
  }
  // Whoever installs the published package compiles nothing.
  for (const hook of ['preinstall', 'install', 'postinstall']) assert.ok(!(hook in scripts));
});

test('the lock file names no registry', () => {
  for (const entry of Object.values(json('package-lock.json').packages)) assert.ok(!('resolved' in entry));
});

/** A project that has the package's files, without its native half. */
function installed() {
  const project = mkdtempSync(path.join(tmpdir(), 'tidegate-'));
  const modules = path.join(project, 'node_modules');
  const own = (source) => !/node_modules|\.node$/.test(path.relative(folder, source));
  for (const file of readdirSync(folder).filter((name) => /\.(js|mjs|json)$/.test(name))) {
    cpSync(path.join(folder, file), path.join(modules, 'tidegate', file), { filter: own });
  }
  return { project, modules, require: createRequire(path.join(project, 'index.js')) };
}

test('the native half comes from the package of the platform', () => {
  const { modules, require } = installed();
  const [local] = readdirSync(folder).filter((name) => name.endsWith('.node'));
  const target = local.replace(/^tidegate\.|\.node$/g, '');
  const platform = path.join(modules, '@tidegate', target);
  mkdirSync(platform, { recursive: true });
  cpSync(path.join(folder, 'npm', target, 'package.json'), path.join(platform, 'package.json'));
  cpSync(path.join(folder, local), path.join(platform, local));
  assert.equal(require('tidegate').version, version);
});

test('where there is no native half, the error says what is missing', () => {
  const { require } = installed();
  assert.throws(
    () => require('tidegate'),
    /cannot load its native module for .*@tidegate\/.* is not installed.*optional/s,
  );
});

test('the types hold', () => {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc], { cwd: folder, encoding: 'utf8' });
  assert.deepEqual([status, stdout], [0, '']);
});

test('the command shows the demo, the schema, the version and its usage', () => {
  const demo = cli('demo', '--fast');
  assert.equal(demo.status, 0, demo.stderr);
  for (const word of [
    'You said',
    'water_level({"harbour":"Hamburg"})',
    'identical',
    'answered by pearl/pearl-1',
    '~ snap ~',
    "did you mean 'targets'",
  ]) {
    assert.ok(demo.stdout.includes(word), word);
  }
  assert.ok(!demo.stdout.includes('?!'));
  assert.ok(JSON.parse(cli('schema').stdout).properties.routes);
  assert.equal(cli('--version').stdout, `tidegate ${version}\n`);
  assert.deepEqual([cli('--help').status, cli('sail').status], [0, 2]);
  assert.match(cli('sail').stderr, /^usage: tidegate demo/);
});
