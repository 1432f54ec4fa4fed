import { existsSync } from 'node:fs';
import path from 'node:path';

/** better-sqlite3 needs Node-API 10, which came with these; older ones crash instead of saying so. */
const oldest = [22, 14];

export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

/** The Node that npm installed with the project, or the running one where it will do, or null. */
export function projectNode(
  root,
  { platform = process.platform, arch = process.arch, version = process.versions.node } = {},
) {
  const name = platform === 'win32' ? 'win' : platform;
  const file = path.join(
    root,
    `node_modules/node-${name}-${arch}/bin/${platform === 'win32' ? 'node.exe' : 'node'}`,
  );
  if (existsSync(file)) return file;
  return isNewEnough(version) ? process.execPath : null;
}

export const nodeMissing =
  `Homeport needs Node ${oldest.join('.')} or later, and this is Node ${process.versions.node}. On Linux (x64, arm64) and ` +
  'Windows (x64) npm installs one with the project, unless optional dependencies are left out; elsewhere install it from ' +
  'https://nodejs.org/ and start again.';
