import type { RebootEvidence } from '../../shared/domain/snapshot.ts';
import type { NeedrestartKernel } from './reboot.ts';

/** What an earlier look at the machine said. */
export interface FormerNeed {
  readonly evidence: RebootEvidence;
  readonly bootId: string | undefined;
}

/**
 * The evidence of this look, with what is still true of the last one's. Not every look sees everything (needrestart wants
 * root, a kernel's files may be gone), so a need is given up only when the machine has another boot id, or when what asked
 * for the reboot was looked for and is gone.
 */
export function settleRebootNeed(
  former: FormerNeed | null,
  evidence: RebootEvidence,
  look: { readonly bootId: string | undefined; readonly needrestartKernel: NeedrestartKernel | null },
): RebootEvidence {
  if (former?.evidence.required !== true) return evidence;
  const isNewBoot = look.bootId !== undefined && former.bootId !== undefined && look.bootId !== former.bootId;
  if (isNewBoot) return evidence;
  const kept = former.evidence.reasons.filter((reason) => {
    if (evidence.reasons.includes(reason)) return false;
    switch (reason) {
      case 'marker_file':
        return false; // /run is open to everyone: not seen is not there
      case 'newer_kernel_installed':
      case 'running_kernel_removed':
        return evidence.runningKernel === null || evidence.newestKernel === null;
      case 'needrestart_kernel':
        return look.needrestartKernel === null || look.needrestartKernel === 0;
    }
  });
  if (kept.length === 0) return evidence;
  return {
    ...evidence,
    required: true,
    runningKernel: evidence.runningKernel ?? former.evidence.runningKernel,
    newestKernel: evidence.newestKernel ?? former.evidence.newestKernel,
    reasons: [...evidence.reasons, ...kept],
  };
}
