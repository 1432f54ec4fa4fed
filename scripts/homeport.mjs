#!/usr/bin/env node
// `homeport`: the command line, by the Node that npm installed with the project. Plain JavaScript, because the Node that
// runs it may be older than that one.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInOurPlace } from './lib/child.mjs';
import { nodeMissing, projectNode } from './lib/node24.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const bundle = path.join(root, 'out/main/cli.js');
const node = projectNode(root);
const unavailable = 4;

if (!node) {
  console.error(nodeMissing);
  process.exitCode = unavailable;
} else if (!existsSync(bundle)) {
  console.error('Homeport is not built yet. In its directory: npm start, once.');
  process.exitCode = unavailable;
} else {
  process.exitCode = await runInOurPlace(
    { file: node, args: [bundle, ...process.argv.slice(2)] },
    { cwd: process.cwd(), env: process.env },
  );
}
