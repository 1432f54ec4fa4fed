import { resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';

/** Three bundles: main (Electron, the browser host and the command line share it), a CommonJS preload, the renderer. */
export default defineConfig({
  main: {
    build: {
      // Bundled, only what is used of these is loaded: 85 MB instead of 240 MB at start.
      externalizeDeps: { exclude: ['drizzle-orm', 'uuid', 'zod'] },
      sourcemap: true,
      rolldownOptions: {
        input: {
          index: resolve('src/main/index.ts'),
          gateway: resolve('src/gateway/index.ts'),
          cli: resolve('src/cli/index.ts'),
        },
        output: { entryFileNames: '[name].js' },
      },
    },
  },
  preload: {
    build: {
      // A sandboxed preload script must be one CommonJS file.
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: resolve('src/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    plugins: [svelte()],
    build: {
      minify: true,
      // The page is read from this computer's disk: one file is faster than several.
      chunkSizeWarningLimit: 4_000,
      rolldownOptions: {
        input: resolve('src/renderer/index.html'),
        checks: { pluginTimings: false },
      },
    },
  },
});
