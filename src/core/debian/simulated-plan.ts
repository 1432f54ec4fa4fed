import { planText } from '../../shared/domain/plan.ts';
import type { AptPackage, SnapshotError } from '../../shared/domain/snapshot.ts';
import type { PlanMode } from '../../shared/domain/unions.ts';
import { parseConffiles } from './analysis.ts';
import { aptErrors } from './apt-errors.ts';
import type { Parsed } from './parsed.ts';
import { commandResult, keyedLines, parseSections, type CommandResult } from './sections.ts';
import { parseSimulation } from './simulation.ts';
import { parseSizes, type PlanSizes } from './sizes.ts';
import { printedName } from './upgradable.ts';

export interface SimulatedPlanFacts {
  readonly planned: readonly AptPackage[];
  /** For `selected`: what APT is to be given so that it does the same again. */
  readonly words: readonly string[];
  readonly planHash: string;
  readonly removed: readonly string[];
  /** Asked for, but nothing would happen to them. */
  readonly notPlanned: readonly string[];
  readonly downloadBytes: number | null;
  readonly diskBytes: number | null;
  readonly editedConffiles: readonly { readonly package: string; readonly path: string }[];
}

export type SimulatedPlanResult =
  | { readonly ok: true; readonly plan: SimulatedPlanFacts }
  | { readonly ok: false; readonly error: Pick<SnapshotError, 'kind' | 'message' | 'data'> };

/** Reads the output of `apt_simulate`. A simulation that failed or was cut off is never an empty plan. */
export function readSimulatedPlan(
  output: string,
  request: {
    readonly nonce: string;
    readonly mode: PlanMode;
    readonly packages: readonly string[];
    readonly sha256: (text: string) => string;
  },
): SimulatedPlanResult {
  const framed = parseSections(output, request.nonce);
  if (!framed.ok) return { ok: false, error: framed.error };
  const sections = framed.value;
  if (sections.has('noapt')) {
    return { ok: false, error: { kind: 'apt_missing', message: 'The machine has no apt-get' } };
  }
  const result = commandResult(sections, 'plan');
  if (!result.ok) return { ok: false, error: result.error };
  const { output: text, exitCode } = result.value;
  if (exitCode !== 0) return { ok: false, error: refusal(text, exitCode) };
  const simulation = parseSimulation(text);
  if (!simulation.ok) return { ok: false, error: simulation.error };
  const nativeArch = keyedLines(sections.get('ids') ?? '').get('architecture')?.[0] ?? '';
  const planned = simulation.value.packages;
  const byName = new Map(planned.map((item) => [printedName(item.name, item.arch, nativeArch), item]));
  const chosen = request.mode === 'selected' ? [...new Set(request.packages)] : [];
  const sizes = readSizes(commandResult(sections, 'uris'), planned);
  return {
    ok: true,
    plan: {
      planned,
      words: chosen.flatMap((name) => {
        const item = byName.get(name);
        return item && item.operation !== 'remove' ? [`${name}=${item.targetVersion}`] : [];
      }),
      planHash: request.sha256(planText(planned)),
      removed: [...byName].flatMap(([name, item]) => (item.operation === 'remove' ? [name] : [])),
      notPlanned: chosen.filter((name) => !byName.has(name)),
      downloadBytes: sizes?.downloadBytes ?? null,
      diskBytes: sizes?.diskBytes ?? null,
      editedConffiles: parseConffiles(sections.get('conffiles') ?? ''),
    },
  };
}

/** APT names packages on hold only beside its refusal. */
function refusal(text: string, exitCode: number): Pick<SnapshotError, 'kind' | 'message' | 'data'> {
  if (text.includes('Held packages were changed')) {
    const list = /The following held packages will be changed:\n((?: +.*\n?)+)/.exec(text)?.[1] ?? '';
    const held = list.split(/\s+/).filter((name) => name !== '');
    return {
      kind: 'conflict',
      message: `Packages on hold cannot be upgraded: ${held.join(', ')}`,
      data: { reason: 'held', packages: held },
    };
  }
  const told = aptErrors(text).find((error) => error.severity === 'error');
  return told ?? { kind: 'unknown', message: `The simulation ended with status ${exitCode}` };
}

/** Null where APT did not tell them. */
function readSizes(result: Parsed<CommandResult>, planned: readonly AptPackage[]): PlanSizes | null {
  if (!planned.some((item) => item.operation !== 'remove')) {
    return { downloadBytes: 0, files: 0, diskBytes: planned.length === 0 ? 0 : null };
  }
  if (!result.ok || result.value.exitCode !== 0 || result.value.output.trim() === '') return null;
  const sizes = parseSizes(result.value.output);
  return sizes.ok ? sizes.value : null;
}
