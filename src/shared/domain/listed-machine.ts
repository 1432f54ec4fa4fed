import type {
  HostKeyStatus,
  MachineKind,
  MachineStatus,
  OsFamily,
  Severity,
  SnapshotStatus,
} from './unions.ts';

/** What the list of the fleet knows of a machine and search, filters and statuses go by; the contract's `FleetRow` is one. */
export interface ListedMachine {
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
  readonly osFamily: OsFamily;
  readonly osVersion: string | null;
  readonly osCodename: string | null;
  readonly arch: string | null;
  readonly machineKind: MachineKind;
  readonly status: MachineStatus;
  readonly hostKeyStatus: HostKeyStatus;
  readonly tags: readonly { readonly name: string }[];
  /** Null is unknown. */
  readonly state: {
    readonly aptStatus: SnapshotStatus | null;
    readonly updatesCount: number | null;
    readonly securityCount: number | null;
    readonly rebootRequired: boolean | null;
    readonly analyzedAt: string | null;
    readonly hardwareWarnings?: readonly { readonly severity: Severity }[] | null | undefined;
    readonly runningJobId: string | null;
    readonly lastError: object | null;
  };
}
