import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { presetScopes, profileStatuses, recipeRisks, recipeSources } from '../../../shared/domain/unions.ts';
import { checksOf, createdAt, flag, id, updatedAt } from './columns.ts';
import { machines } from './machines.ts';

export const installProfiles = sqliteTable(
  'install_profiles',
  {
    id: id(),
    label: text('label').notNull(),
    category: text('category').notNull(),
    risk: text('risk', { enum: recipeRisks }),
    enabled: flag('enabled').notNull().default(true),
    manifestJson: text('manifest_json').notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [...checksOf(t)],
);

export const installRecipes = sqliteTable(
  'install_recipes',
  {
    id: id(),
    profileId: text('profile_id').references(() => installProfiles.id, { onDelete: 'cascade' }),
    label: text('label').notNull(),
    sourceType: text('source_type', { enum: recipeSources }).notNull(),
    risk: text('risk', { enum: recipeRisks }),
    currentVersionId: text('current_version_id'),
    enabled: flag('enabled').notNull().default(true),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [index('install_recipes_profile_id').on(t.profileId), ...checksOf(t)],
);

export const installRecipeVersions = sqliteTable(
  'install_recipe_versions',
  {
    id: id(),
    recipeId: text('recipe_id')
      .notNull()
      .references(() => installRecipes.id, { onDelete: 'cascade' }),
    version: integer('version').notNull(),
    templatePath: text('template_path').notNull(),
    manifestJson: text('manifest_json').notNull(),
    sha256: text('sha256'),
    createdAt: createdAt(),
    createdBy: text('created_by'),
  },
  (t) => [uniqueIndex('install_recipe_versions_recipe_id_version').on(t.recipeId, t.version)],
);

export const machineProfileState = sqliteTable(
  'machine_profile_state',
  {
    id: id(),
    machineId: text('machine_id')
      .notNull()
      .references(() => machines.id, { onDelete: 'cascade' }),
    profileId: text('profile_id')
      .notNull()
      .references(() => installProfiles.id, { onDelete: 'cascade' }),
    status: text('status', { enum: profileStatuses }).notNull(),
    lastExecutionId: text('last_execution_id'),
    lastRunAt: text('last_run_at'),
    /** Non-sensitive variables only. */
    variablesJson: text('variables_json'),
  },
  (t) => [
    uniqueIndex('machine_profile_state_machine_id_profile_id').on(t.machineId, t.profileId),
    index('machine_profile_state_profile_id').on(t.profileId),
    ...checksOf(t),
  ],
);

export const scriptVariablesPresets = sqliteTable(
  'script_variables_presets',
  {
    id: id(),
    scope: text('scope', { enum: presetScopes }).notNull(),
    machineId: text('machine_id').references(() => machines.id, { onDelete: 'cascade' }),
    profileId: text('profile_id').references(() => installProfiles.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    variablesJson: text('variables_json').notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    index('script_variables_presets_machine_id').on(t.machineId),
    index('script_variables_presets_profile_id').on(t.profileId),
    ...checksOf(t),
  ],
);
