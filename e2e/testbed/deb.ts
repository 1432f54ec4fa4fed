import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { must } from './exec.ts';

/** A package to be built with dpkg-deb. */
export interface PackageDefinition {
  name: string;
  version: string;
  /** `native` (default) is the machine's own architecture. */
  architecture?: 'all' | 'native';
  description?: string;
  /** Further control fields: Depends, Breaks, Conflicts, Replaces, Provides, Section, … */
  relations?: Record<string, string>;
  /** Absolute path → content. */
  files?: Record<string, string>;
  conffiles?: readonly string[];
  scripts?: Partial<Record<'preinst' | 'postinst' | 'prerm' | 'postrm', string>>;
  /** Size of an additional file of random (incompressible) bytes. */
  randomBytes?: number;
}

/** A built package and its paragraph of a Packages file. */
export interface BuiltPackage {
  fileName: string;
  path: string;
  control: string;
  sizeBytes: number;
  sha256: string;
}

function controlText(definition: PackageDefinition, architecture: string): string {
  const fields: Record<string, string> = {
    Package: definition.name,
    Version: definition.version,
    Architecture: architecture,
    Maintainer: 'Homeport testbed <testbed@homeport.invalid>',
    Section: 'misc',
    Priority: 'optional',
    ...definition.relations,
    Description: definition.description ?? `purpose-made package ${definition.name}`,
  };
  return Object.entries(fields)
    .map(([field, value]) => `${field}: ${value}\n`)
    .join('');
}

/** Identifies the content of a definition, for file names and cache keys. */
export function definitionKey(definition: PackageDefinition): string {
  return createHash('sha256').update(JSON.stringify(definition)).digest('hex').slice(0, 12);
}

/**
 * Builds a package into `pool` unless the same definition was built there before.
 * @param architecture the machine's Debian architecture, as `dpkg --print-architecture` gives it
 */
export async function buildPackage(
  definition: PackageDefinition,
  pool: string,
  architecture: string,
): Promise<BuiltPackage> {
  const arch = definition.architecture === 'all' ? 'all' : architecture;
  const control = controlText(definition, arch);
  const fileName = `${definition.name}_${definition.version}_${arch}_${definitionKey(definition)}.deb`;
  const path = join(pool, fileName);
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  if (!exists) await pack(definition, control, pool, path);
  const bytes = await readFile(path);
  return {
    fileName,
    path,
    control,
    sizeBytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

async function pack(
  definition: PackageDefinition,
  control: string,
  pool: string,
  target: string,
): Promise<void> {
  await mkdir(pool, { recursive: true });
  const tree = await mkdtemp(join(pool, '.build-'));
  try {
    await chmod(tree, 0o755);
    await mkdir(join(tree, 'DEBIAN'), { mode: 0o755 });
    await writeFile(join(tree, 'DEBIAN/control'), control);
    if (definition.conffiles !== undefined) {
      await writeFile(join(tree, 'DEBIAN/conffiles'), `${definition.conffiles.join('\n')}\n`);
    }
    for (const [name, text] of Object.entries(definition.scripts ?? {})) {
      await writeFile(join(tree, 'DEBIAN', name), text);
      await chmod(join(tree, 'DEBIAN', name), 0o755);
    }
    const files: [string, string | Buffer][] = Object.entries(definition.files ?? {});
    if (definition.randomBytes !== undefined) {
      files.push([`/usr/share/${definition.name}/payload`, randomBytes(definition.randomBytes)]);
    }
    for (const [file, content] of files) {
      await mkdir(join(tree, dirname(file)), { recursive: true });
      await writeFile(join(tree, file), content);
    }
    // Whatever the caller's umask: dpkg unpacks these modes.
    await must('chmod', ['-R', 'u=rwX,go=rX', tree]);
    const built = `${tree}.deb`;
    await must('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z1', '--build', tree, built]);
    await rename(built, target);
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}
