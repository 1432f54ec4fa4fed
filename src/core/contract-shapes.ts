import type { Failure, PlannedPackage } from '../shared/contract/models.ts';
import type { SnapshotError } from '../shared/domain/json-contract.ts';
import type { AptPackage } from '../shared/domain/snapshot.ts';

/** A package of an archived plan as the interface gets it. */
export function toPlanned(p: AptPackage): PlannedPackage {
  return {
    name: p.name,
    arch: p.arch ?? null,
    currentVersion: p.currentVersion,
    targetVersion: p.operation === 'remove' ? null : p.targetVersion,
    origin: p.origin,
    operation: p.operation ?? 'upgrade',
    security: p.severityHint === 'security',
  };
}

/** An archived error as the interface gets it. */
export function toFailure(error: SnapshotError): Failure {
  return {
    kind: error.kind,
    source: error.source,
    message: error.message,
    data: { ...error.data, ...(error.importantLines && { importantLines: error.importantLines }) },
  };
}
