// electron-builder's `afterPack`: puts the command line into the application that was just packed. Its files are the
// application's own, taken out of app.asar, because the Node that runs them cannot look into one; that Node comes along,
// because the application's program must not be usable as one (docs/decisions/0014).
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { extractAll } from '@electron/asar';
import { Arch } from 'electron-builder';

const root = path.dirname(import.meta.dirname);

/**
 * A Node of this system and processor that runs anywhere: the one that npm installed with the project, or, where npm has
 * none (macOS), the one that runs this, when it brings all its libraries itself.
 */
function portableNode(platform, arch) {
  const isWindows = platform === 'win32';
  const name = `node-${isWindows ? 'win' : platform}-${arch}`;
  const installed = path.join(root, 'node_modules', name, 'bin', isWindows ? 'node.exe' : 'node');
  if (existsSync(installed)) return installed;
  const isOurs = platform === process.platform && arch === process.arch;
  const isWhole = Object.entries(process.config.variables).every(
    ([variable, value]) => !variable.startsWith('node_shared') || value === false,
  );
  if (isOurs && isWhole) return process.execPath;
  throw new Error(
    `There is no Node for the command line on ${platform} ${arch}. Package on such a computer, with npm's optional ` +
      'dependencies or by a Node of https://nodejs.org/.',
  );
}

export default function packageCommandLine({ appOutDir, electronPlatformName, arch, packager }) {
  const resources = packager.getResourcesDir(appOutDir);
  const isWindows = electronPlatformName === 'win32';
  const folder = path.join(resources, 'command-line');
  extractAll(path.join(resources, 'app.asar'), folder);
  // The parts that only Electron loads.
  for (const part of ['out/preload', 'out/main/index.js']) {
    rmSync(path.join(folder, part), { recursive: true });
  }
  const node = path.join(folder, isWindows ? 'node.exe' : 'node');
  copyFileSync(portableNode(electronPlatformName, Arch[arch]), node);
  const wrapper = isWindows ? 'homeport.cmd' : 'homeport';
  const command = path.join(resources, 'bin', wrapper);
  mkdirSync(path.dirname(command));
  copyFileSync(path.join(root, 'build/command-line', wrapper), command);
  for (const file of [node, command]) chmodSync(file, 0o755);
  if (electronPlatformName !== process.platform || Arch[arch] !== process.arch) return;
  const told = execFileSync(node, [path.join(folder, 'out/main/cli.js'), '--version'], { encoding: 'utf8' });
  if (told.trim() !== packager.appInfo.version) throw new Error(`The packaged command line tells ${told}`);
}
