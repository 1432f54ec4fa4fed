import { t } from '../../lib/i18n/index.ts';
import { draftProblems, type MachineDraft, type MachineProblems } from './machine-draft.ts';

/** What is wrong with a draft, in the reader's words, field by field. */
export function draftProblemTexts(draft: MachineDraft): MachineProblems {
  return Object.fromEntries(
    Object.entries(draftProblems(draft)).map(([field, problem]) => {
      if (problem === 'required') return [field, t('machineForm.required')];
      if (problem === 'proxyRequired') return [field, t('proxy.problem.required')];
      if (problem === 'proxyUrl') return [field, t('proxy.problem.url')];
      return [field, t(`add.problem.${problem}`)];
    }),
  );
}
