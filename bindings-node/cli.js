#!/usr/bin/env node
'use strict';

const USAGE = `\
usage: tidegate demo        watch a gateway answer, stream and fail over
       tidegate schema      print the JSON Schema of the configuration
       tidegate --version   print the version`;

async function main(args) {
  switch (args[0]) {
    case 'demo':
      await require('./demo.js').run(args.slice(1));
      return 0;
    case 'schema':
      console.log(JSON.stringify(require('./index.js').configSchema(), null, 2));
      return 0;
    case '--version':
      console.log(`tidegate ${require('./index.js').version}`);
      return 0;
    case '--help':
    case '-h':
      console.log(USAGE);
      return 0;
    default:
      console.error(USAGE);
      return 2;
  }
}

// Whoever reads the output may have seen enough.
process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : 1));
main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
