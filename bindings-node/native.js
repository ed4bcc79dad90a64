'use strict';

// The native half: built in this folder, or the prebuilt package of this platform.

const { existsSync } = require('node:fs');
const path = require('node:path');

/** What each platform may need; where there are two, the C library decides, and the wrong one does not load. */
const TARGETS = {
  'darwin-arm64': ['darwin-arm64'],
  'darwin-x64': ['darwin-x64'],
  'linux-arm64': ['linux-arm64-gnu', 'linux-arm64-musl'],
  'linux-x64': ['linux-x64-gnu', 'linux-x64-musl'],
  'win32-x64': ['win32-x64-msvc'],
};

function load() {
  const platform = `${process.platform}-${process.arch}`;
  const targets = TARGETS[platform];
  if (targets === undefined) {
    throw new Error(`tidegate has no build for ${platform}, only for ${Object.keys(TARGETS).join(', ')}`);
  }
  const problems = [];
  for (const target of targets) {
    const local = path.join(__dirname, `tidegate.${target}.node`);
    try {
      return require(existsSync(local) ? local : `@tidegate/${target}`);
    } catch (error) {
      problems.push(error.code === 'MODULE_NOT_FOUND' ? `@tidegate/${target} is not installed` : error.message);
    }
  }
  throw new Error(
    `tidegate cannot load its native module for ${platform}: ${problems.join('; ')}. ` +
      'The package comes with tidegate as an optional dependency: install again without --omit=optional, and on the ' +
      'platform on which it runs. In a clone of the repository, run npm install in bindings-node.',
  );
}

module.exports = load();
