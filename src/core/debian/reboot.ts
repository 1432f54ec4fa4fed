import { compareDebianVersions } from '../../shared/domain/debian-version.ts';
import type { RebootEvidence } from '../../shared/domain/snapshot.ts';
import { keyedLines } from './sections.ts';

export interface KernelName {
  readonly version: string;
  /** `amd64`, `cloud-amd64`, `pve`, `generic`, `rpi-v8`, …; empty for a kernel that names none. */
  readonly flavour: string;
}

/**
 * Takes a kernel release apart: the leading parts that begin with a digit (and `rcN`) are its version, the rest its flavour:
 * `6.1.0-40-cloud-amd64`, `6.8.12-4-pve`, `6.6.31+rpt-rpi-v8`, `6.12.41+deb13-amd64`.
 */
export function parseKernelName(release: string): KernelName {
  const parts = release.split('-');
  let split = parts.findIndex((part, index) => index > 0 && !/^([0-9]|rc[0-9])/.test(part));
  if (split === -1) split = parts.length;
  return { version: parts.slice(0, split).join('-'), flavour: parts.slice(split).join('-') };
}

/** The newest kernel of the running one's flavour, or null where none is comparable. */
export function newestKernel(running: string, installed: readonly string[]): string | null {
  const { flavour } = parseKernelName(running);
  let newest: string | null = null;
  for (const release of installed) {
    if (/\.(old|bak|dpkg-[a-z]+)$/.test(release)) continue;
    const candidate = parseKernelName(release);
    if (candidate.flavour !== flavour || !/^[0-9]/.test(candidate.version)) continue;
    if (newest === null || compareDebianVersions(candidate.version, parseKernelName(newest).version) > 0) {
      newest = release;
    }
  }
  return newest;
}

/** NEEDRESTART-KSTA of `needrestart -b`: 3 = a newer kernel waits, 2 = an ABI-compatible one. */
export type NeedrestartKernel = 0 | 1 | 2 | 3;

export interface Needrestart {
  readonly kernel: NeedrestartKernel | null;
  /** Units that still run replaced files. */
  readonly services: readonly string[];
}

/** Reads `needrestart -b -r l` (README.batch.md of needrestart). */
export function parseNeedrestart(text: string): Needrestart {
  let kernel: NeedrestartKernel | null = null;
  const services: string[] = [];
  for (const line of text.split('\n')) {
    const state = /^NEEDRESTART-KSTA: ([0-3])$/.exec(line);
    if (state) kernel = Number(state[1]) as NeedrestartKernel;
    const service = /^NEEDRESTART-SVC: (\S+)$/.exec(line)?.[1];
    if (service !== undefined) services.push(service);
  }
  return { kernel, services };
}

/**
 * Weighs the sections `reboot` and `kernel`. A container is judged by the marker file alone: its kernel is its host's. Where
 * no installed kernel can be compared and nothing else asks for a reboot, the answer is null, not no.
 */
export function rebootEvidence(
  reboot: string,
  kernel: string,
  isContainer: boolean,
  needrestart: Needrestart | null = null,
): RebootEvidence {
  const markers = keyedLines(reboot);
  const files = [...(markers.get('file') ?? [])];
  const packages = [...new Set(markers.get('package') ?? [])];
  const marker: RebootEvidence['reasons'] = files.length > 0 ? ['marker_file'] : [];
  if (isContainer) {
    return {
      required: files.length > 0,
      files,
      packages,
      runningKernel: null,
      newestKernel: null,
      reasons: marker,
    };
  }
  const kernels = keyedLines(kernel);
  const running = kernels.get('running')?.[0] ?? null;
  const images = kernels.get('image') ?? [];
  const modules = kernels.get('modules') ?? [];
  // A Raspberry Pi's older kernels have no versioned image: there the module trees tell what is installed.
  const newest = running === null ? null : (newestKernel(running, images) ?? newestKernel(running, modules));
  const reasons = [...marker];
  if (
    running !== null &&
    newest !== null &&
    compareDebianVersions(parseKernelName(newest).version, parseKernelName(running).version) > 0
  ) {
    reasons.push('newer_kernel_installed');
  }
  // Only where kernels of this flavour live under /lib/modules at all: one given from outside never has its tree there.
  const hasFlavour = running !== null && newestKernel(running, modules) !== null;
  if (running !== null && hasFlavour && !modules.includes(running)) reasons.push('running_kernel_removed');
  if (needrestart?.kernel === 3) reasons.push('needrestart_kernel');
  const required = reasons.length > 0 ? true : newest === null ? null : false;
  return { required, files, packages, runningKernel: running, newestKernel: newest, reasons };
}
