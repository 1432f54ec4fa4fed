import type { MachineKind } from '../../shared/domain/unions.ts';
import { keyedLines } from './sections.ts';

export interface MachineIdentity {
  readonly kind: MachineKind;
  /** As systemd-detect-virt names it (`kvm`, `lxc`, `none`), or our own finding; null when nothing told. */
  readonly virtualization: string | null;
  /** Shares its host's kernel: what kernel runs is not this machine's affair. */
  readonly isContainer: boolean;
  /** Text of the device tree, on boards that have one. */
  readonly model: string | null;
}

const containers = new Set([
  'lxc',
  'lxc-libvirt',
  'systemd-nspawn',
  'docker',
  'podman',
  'openvz',
  'rkt',
  'proot',
  'pouch',
  'container-other',
]);

/** SMBIOS chassis types (DSP0134 7.4.1) of machines that are carried or sat at. */
const portableChassis = new Set([8, 9, 10, 11, 14, 30, 31, 32]);

/**
 * Judges from the sections `virt` and `platform`. `lxc` stands for every container that shares its host's kernel. A desktop
 * case alone makes no workstation (home servers live in them), an installed graphical session does.
 * @param knownContainer the container that a look which could see more has found; null when there was none
 */
export function identifyMachine(
  virt: string,
  platform: string,
  knownContainer: string | null = null,
): MachineIdentity {
  const lines = keyedLines(virt);
  const platformLines = keyedLines(platform);
  const first = (key: string): string | null => lines.get(key)?.[0] ?? null;
  const model = platformLines.get('model')?.[0] ?? null;
  const detected = first('detected');
  const container =
    first('container') ?? (detected !== null && containers.has(detected) ? detected : knownContainer);
  const dmi = `${first('sys_vendor') ?? ''} ${first('product_name') ?? ''}`;
  const looksVirtual =
    first('hypervisor') === 'yes' ||
    /QEMU|KVM|VMware|VirtualBox|Virtual Machine|Bochs|Xen|Amazon EC2|Google Compute|OpenStack|Parallels/.test(
      dmi,
    );
  const virtualization = container ?? detected ?? (looksVirtual ? 'vm-other' : null);
  const identity = (kind: MachineKind): MachineIdentity => ({
    kind,
    virtualization,
    isContainer: container !== null,
    model,
  });

  if (container !== null) return identity('lxc');
  if (platformLines.has('pveversion')) return identity('proxmox_host');
  if (detected !== null ? detected !== 'none' : looksVirtual) return identity('vm');
  if (model?.startsWith('Raspberry Pi')) return identity('raspberry_pi');
  const chassis = Number(first('chassis_type') ?? NaN);
  if (portableChassis.has(chassis) || first('desktop') === 'yes') return identity('workstation');
  if (detected === 'none' || model !== null || dmi.trim() !== '') return identity('physical');
  return identity('unknown');
}
