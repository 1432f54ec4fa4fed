import type { MachineProbe } from '../../shared/domain/probe.ts';
import type { MachineKind } from '../../shared/domain/unions.ts';

/** The sort of machine in one word, for filters. A server with a maker's graphics card counts as one for computing. */
export function hardwareProfile(kind: MachineKind, probe: MachineProbe): string {
  switch (kind) {
    case 'vm':
      return 'generic_vm';
    case 'lxc':
      return 'container';
    case 'physical':
      return probe.graphics.some(({ vendor }) => vendor === 'NVIDIA' || vendor === 'AMD')
        ? 'gpu_server'
        : 'baremetal_server';
    default:
      return kind;
  }
}
