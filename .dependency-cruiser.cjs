/** Who may import whom: one rule a sentence of ARCHITECTURE.md. */
const rule = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });

module.exports = {
  forbidden: [
    rule('no-cycles', {}, { circular: true }, 'A cycle means two files are one.'),
    rule(
      'shared-stands-alone',
      { path: '^src/shared/', pathNot: '\\.test\\.ts$' },
      { pathNot: ['^src/shared/', '^node_modules/zod/'] },
      'src/shared runs in a browser: it imports zod and itself.',
    ),
    rule(
      'core-knows-no-host',
      { path: '^src/core/' },
      {
        path: [
          '^src/(main|gateway|cli|preload|renderer)/',
          '^electron$',
          '^node_modules/electron/',
          '^node_modules/ws/',
        ],
      },
      'core is plain Node: it never knows which host it is in.',
    ),
    rule(
      'parsers-are-pure',
      { path: '^src/core/debian/', pathNot: '\\.test\\.ts$' },
      { pathNot: ['^src/core/debian/', '^src/shared/domain/'] },
      'src/core/debian is text in, value out.',
    ),
    rule(
      'ssh2-has-one-door',
      { path: '^src/', pathNot: ['^src/core/ssh/', '\\.test\\.ts$'] },
      { path: '^node_modules/ssh2/' },
      'src/core/ssh is the only place that imports ssh2.',
    ),
    rule(
      'stores-are-private',
      { path: '^src/core/([^/]+)/', pathNot: '\\.test\\.ts$' },
      { path: '^src/core/([^/]+)/store\\.ts$', pathNot: '^src/core/$1/' },
      'Another feature asks through a function, never through the SQL.',
    ),
    rule(
      'renderer-sees-only-shared',
      { path: '^src/renderer/' },
      { path: ['^src/(core|main|gateway|preload)/', '^electron$', '^node_modules/electron/'] },
      'The page talks to the core through the contract.',
    ),
    rule(
      'preload-is-a-pipe',
      { path: '^src/preload/' },
      { path: '^src/', pathNot: '^src/(preload|shared/wire)/' },
      'The preload hands over one MessagePort and knows nothing.',
    ),
    rule(
      'gateway-is-a-host',
      { path: '^src/gateway/' },
      { path: ['^src/(main|renderer|preload)/', '^electron$'] },
      'The browser host never touches Electron or the page.',
    ),
    rule(
      'cli-is-a-host',
      { path: '^src/cli/' },
      { path: ['^src/(main|renderer|preload)/', '^electron$'] },
      'The command line never touches Electron or the page.',
    ),
    rule(
      'product-imports-no-tests',
      { path: '^src/', pathNot: '\\.test\\.ts$' },
      { path: ['^e2e/', '^bench/', '\\.test\\.ts$'] },
      'Test code stays test code.',
    ),
  ],
  options: {
    tsPreCompilationDeps: 'specify',
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.node.json' },
  },
};
