import { z } from 'zod';
import {
  actionTypes,
  actorTypes,
  bulkFailureRules,
  conffilePolicies,
  jobStatuses,
  messageCategories,
  planModes,
  severities,
  startableActions,
} from '../domain/unions.ts';
import { bytes, call, events, type Client, type ContractShape, type Handlers } from './define.ts';
import { connectionProcedures } from './connections.ts';
import { fileProcedures } from './files.ts';
import { forwardProcedures } from './forwards.ts';
import { machineProcedures } from './machines.ts';
import { hardwareProcedures } from './hardware.ts';
import { outwardProcedures } from './outward.ts';
import { hostMenuProcedures } from './host-menu.ts';
import { machineUiProcedures } from './machine-ui.ts';
import { queueProcedures } from './queue.ts';
import { terminalProcedures } from './terminals.ts';
import * as m from './models.ts';
import { recordingProcedures } from './recordings.ts';
import { reportProcedures } from './reports.ts';
import { requestProcedures } from './requests.ts';
import { scheduleProcedures } from './schedules.ts';

const everywhere = ['ui', 'web', 'api', 'mcp', 'cli'] as const;
const people = ['ui', 'web', 'api', 'cli'] as const;
/** Secrets and trust are set by a person at a window, never by an API client or an agent. */
const windows = ['ui', 'web'] as const;
/** A person at a terminal of this computer as well. */
const withTerminal = ['ui', 'web', 'cli'] as const;

const none = z.object({});
const byId = z.object({ id: m.id });
const byMachine = z.object({ machineId: m.id });
const page = { before: m.isoDate.optional(), limit: z.number().int().min(1).max(500).default(100) };

/** Which events of the timeline; what is left out does not narrow. */
const eventFilter = {
  machineId: m.id.optional(),
  severity: z.enum(severities).optional(),
  /** One of these kinds. */
  eventTypes: z.array(z.string().max(100)).max(40).optional(),
  actorType: z.enum(actorTypes).optional(),
  /** Not before this moment. */
  since: m.isoDate.optional(),
  withAudit: z.boolean().default(false),
};

/** Every operation of the product, once. Adding one here does not compile until core has its handler. */
export const contract = {
  'app.info': call({
    summary: 'Version, host and data directory of the running application',
    risk: 'read',
    surfaces: people,
    input: none,
    output: m.appInfo,
  }),

  'fleet.watch': events({
    summary: 'All machines with their tile state: the whole first, then what changes',
    risk: 'read',
    surfaces: people,
    input: none,
    output: m.fleetChange,
  }),
  'fleet.snapshot': call({
    summary: 'All machines with their tile state, once',
    risk: 'read',
    surfaces: everywhere,
    input: none,
    output: z.object({ rows: z.array(m.fleetRow), figures: m.fleetFigures }),
  }),

  'machines.get': call({
    summary: 'One machine with its host keys and which credentials it has',
    risk: 'read',
    surfaces: everywhere,
    input: byId,
    output: m.machineDetail,
  }),
  'machines.add': call({
    summary: 'Add a machine; nothing is sent to it',
    risk: 'change',
    surfaces: windows,
    input: m.machineInput.extend({ credentials: m.credentialsInput }),
    output: z.object({ id: m.id }),
  }),
  'machines.update': call({
    summary: 'Change name, address, user, jump host, package proxy or tags of a machine',
    risk: 'change',
    surfaces: windows,
    input: m.machinePatch.extend({ id: m.id, credentials: m.credentialsInput.optional() }),
    output: z.object({}),
  }),
  'machines.remove': call({
    summary: 'Remove a machine from the fleet; can be undone',
    risk: 'change',
    surfaces: windows,
    input: byId,
    output: z.object({}),
  }),
  'machines.restore': call({
    summary: 'Undo the removal of a machine',
    risk: 'change',
    surfaces: windows,
    input: byId,
    output: z.object({}),
  }),
  'machines.importCandidates': call({
    summary: "Machines found in this computer's SSH configuration, and this computer itself",
    risk: 'read',
    surfaces: windows,
    input: none,
    output: z.object({
      candidates: z.array(m.importCandidate),
      /** What could not be read and why; an absent file is not a problem. */
      notes: z.array(z.string()),
    }),
  }),
  'machines.import': call({
    summary: 'Add the chosen candidates',
    risk: 'change',
    surfaces: windows,
    input: z.object({
      aliases: z.array(z.string().max(253)).min(1).max(500),
      defaultUsername: m.usernameText,
      credentials: m.credentialsInput,
    }),
    output: z.object({
      ids: z.array(m.id),
      skipped: z.array(z.object({ alias: z.string(), kind: m.errorKind, message: z.string() })),
    }),
  }),
  'machines.diagnose': call({
    summary: 'Test the connection step by step: resolve, connect, host key, authenticate, shell, sudo',
    risk: 'read',
    surfaces: people,
    input: byId,
    output: z.object({ steps: z.array(m.diagnosisStep) }),
  }),

  'hostKeys.scan': call({
    summary: 'Fetch the key that a host presents, without logging in',
    risk: 'read',
    surfaces: windows,
    input: byMachine,
    output: m.hostKey,
  }),
  'hostKeys.decide': call({
    summary: 'Approve or reject a host key; approving a changed key retires the old one',
    risk: 'change',
    surfaces: windows,
    input: z.object({ id: m.id, fingerprintSha256: z.string(), decision: z.enum(['approve', 'reject']) }),
    output: z.object({}),
  }),

  'tags.list': call({
    summary: 'All tags',
    risk: 'read',
    surfaces: everywhere,
    input: none,
    output: z.object({ tags: z.array(m.countedTag) }),
  }),
  'tags.watch': events({
    summary: 'All tags by name, now and at each change',
    risk: 'read',
    surfaces: windows,
    input: none,
    output: z.array(m.countedTag),
  }),
  'tags.create': call({
    summary: 'Create a tag',
    risk: 'change',
    surfaces: windows,
    input: z.object({ name: m.tagName, color: m.tagColor }),
    output: m.tag,
  }),
  ...machineProcedures,
  ...machineUiProcedures,
  ...hostMenuProcedures,

  'jobs.start': call({
    summary: 'Queue an action on machines',
    risk: 'change',
    surfaces: people,
    input: z.object({
      action: z.enum(startableActions),
      machineIds: z.array(m.id).min(1).max(1000),
      options: z
        .object({
          /**
           * The plan that the user saw: of the newest snapshot, of `plans.simulate`, or the changed plan of a stopped run.
           * Without it the newest snapshot's plan is taken.
           */
          planHash: z.string().length(64).optional(),
          /** `reboot_verified`: seconds until the wait is given up; without it what the machine's last reboots teach. */
          waitSeconds: z.number().int().min(3).max(3600).optional(),
          /** `stop_before`: stop, name the files and change nothing when edited configuration files are concerned. */
          conffiles: z.enum(conffilePolicies).optional(),
          /**
           * A change of packages that lives in its SSH session instead of as a unit of its own: nothing is left on the host's
           * disks, and a lost connection or a closed application interrupts it. Other actions take no notice.
           */
          attached: z.boolean().optional(),
        })
        .default({}),
    }),
    output: z.object({ jobs: z.array(z.object({ jobId: m.id, machineId: m.id })) }),
  }),
  'jobs.startBulk': call({
    summary: 'Start an action on many machines in waves; each machine keeps to its newest plan of now',
    risk: 'change',
    surfaces: people,
    input: z.object({
      action: z.enum(startableActions),
      /** The order of the waves. */
      machineIds: z.array(m.id).min(1).max(1000),
      options: z
        .object({
          waitSeconds: z.number().int().min(3).max(3600).optional(),
          conffiles: z.enum(conffilePolicies).optional(),
          attached: z.boolean().optional(),
        })
        .default({}),
      wave: m.waveRule.default('all'),
      /** Machines of this bulk that may be worked on at the same time. */
      concurrency: z.number().int().min(1).max(200).default(16),
      /** `stop`: after a failure nothing more is started; what runs goes on to its end. */
      onFailure: z.enum(bulkFailureRules).default('stop'),
    }),
    output: z.object({ bulkId: m.id }),
  }),
  'jobs.cancel': call({
    summary: 'Cancel a job; a package run stops only where that is safe',
    risk: 'change',
    surfaces: people,
    input: byId,
    output: z.object({
      outcome: z.enum(['cancelled', 'requested', 'refused_dpkg_running', 'already_ended']),
    }),
  }),
  'jobs.watch': events({
    summary: 'Active jobs first, then each job that changes',
    risk: 'read',
    surfaces: people,
    input: none,
    output: z.discriminatedUnion('type', [
      z.object({ type: z.literal('snapshot'), jobs: z.array(m.job) }),
      z.object({ type: z.literal('changed'), job: m.job }),
    ]),
  }),
  'jobs.list': call({
    summary: 'Jobs, newest first',
    risk: 'read',
    surfaces: everywhere,
    input: z.object({
      machineId: m.id.optional(),
      statuses: z.array(z.enum(jobStatuses)).max(jobStatuses.length).optional(),
      action: z.enum(actionTypes).optional(),
      /** Part of a machine's name. */
      search: z.string().max(100).optional(),
      /** With `before`, the date of the last job that is known: its id, so that none of the same moment is left out. */
      beforeId: m.id.optional(),
      ...page,
    }),
    output: z.object({ jobs: z.array(m.job) }),
  }),
  ...queueProcedures,
  ...scheduleProcedures,

  ...requestProcedures,

  'bulk.list': call({
    summary: 'Bulk runs, newest first',
    risk: 'read',
    surfaces: everywhere,
    input: z.object(page),
    output: z.object({ bulks: z.array(m.bulkSummary) }),
  }),
  'bulk.get': call({
    summary: 'One bulk run with each of its machines',
    risk: 'read',
    surfaces: everywhere,
    input: byId,
    output: m.bulkDetail,
  }),
  'bulk.watch': events({
    summary: 'One bulk run as it goes: the whole at each change, until it has ended',
    risk: 'read',
    surfaces: people,
    input: byId,
    output: m.bulkDetail,
  }),
  'bulk.cancel': call({
    summary:
      'Start no more machines of a bulk run; with `running`, ask the running jobs to stop where that is safe',
    risk: 'change',
    surfaces: people,
    input: z.object({ id: m.id, running: z.boolean().default(false) }),
    output: z.object({ outcome: z.enum(['cancelled', 'already_ended']) }),
  }),

  'updates.fleet': call({
    summary: 'Updates over the fleet, each once with the number of machines that wait; the most wanted first',
    risk: 'read',
    surfaces: everywhere,
    input: z.object({
      /** Part of a package's name. */
      search: z.string().max(100).optional(),
      securityOnly: z.boolean().default(false),
      offset: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(500).default(100),
    }),
    output: z.object({ groups: z.array(m.updateGroup), total: z.number().int() }),
  }),
  'updates.machines': call({
    summary: 'The machines that wait for one update, by name',
    risk: 'read',
    surfaces: everywhere,
    input: z.object({
      /** Of a group of `updates.fleet`. */
      key: z.string().min(1).max(2000),
      offset: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(1000).default(1000),
    }),
    output: z.object({ machines: z.array(m.namedMachine), total: z.number().int() }),
  }),

  'snapshots.latest': call({
    summary: 'The newest analysis of a machine with both plans, or null when there is none',
    risk: 'read',
    surfaces: everywhere,
    input: byMachine,
    output: z.object({ snapshot: m.snapshotDetail.nullable() }),
  }),

  ...hardwareProcedures,

  ...terminalProcedures,
  ...recordingProcedures,
  ...fileProcedures,
  ...forwardProcedures,
  ...connectionProcedures,

  'plans.simulate': call({
    summary:
      'Simulate a plan on a machine now and keep it, so that it can be approved; changes nothing there',
    risk: 'read',
    surfaces: people,
    input: z
      .object({
        machineId: m.id,
        mode: z.enum(planModes),
        /** Names, with `:arch` where foreign; only and always for `selected`. */
        packages: z
          .array(z.string().regex(/^[a-z0-9][a-z0-9+.-]*(:[a-z0-9-]+)?$/, 'package name'))
          .max(2000)
          .default([]),
      })
      .refine(({ mode, packages }) => (mode === 'selected') === packages.length > 0, {
        path: ['packages'],
        message: 'package names for the mode selected, and only for that',
      }),
    output: m.simulatedPlan,
  }),

  'executions.list': call({
    summary: 'Runs, newest first',
    risk: 'read',
    surfaces: everywhere,
    input: z.object({ machineId: m.id.optional(), ...page }),
    output: z.object({ executions: z.array(m.executionSummary) }),
  }),
  'executions.get': call({
    summary: 'One run with steps, planned and applied packages and errors',
    risk: 'read',
    surfaces: everywhere,
    input: byId,
    output: m.executionDetail,
  }),
  'executions.watch': events({
    summary: 'One run as it goes: the whole first, then at each change, until it has ended',
    risk: 'read',
    surfaces: people,
    input: byId,
    output: m.executionDetail,
  }),
  'executions.log': bytes({
    summary: 'The raw log of a run from an offset; goes on live until the run has ended',
    risk: 'read',
    surfaces: people,
    input: z.object({ id: m.id, offset: z.number().int().min(0).default(0) }),
  }),

  ...reportProcedures,

  'timeline.list': call({
    summary: 'Events of a machine or of the fleet, newest first; uses of secrets only when asked for',
    risk: 'read',
    surfaces: everywhere,
    input: z.object({
      ...eventFilter,
      ...page,
      /** With `before`: of the events of that very moment, those before this one. */
      beforeId: m.id.optional(),
    }),
    output: z.object({ events: z.array(m.timelineEvent) }),
  }),
  'timeline.types': call({
    summary: 'The kinds of event that the timeline has',
    risk: 'read',
    surfaces: everywhere,
    input: none,
    output: z.object({ eventTypes: z.array(z.string()) }),
  }),
  'timeline.watch': events({
    summary:
      'Events as they are recorded; the first value is empty and says that from here on none is missed',
    risk: 'read',
    surfaces: people,
    input: z.object(eventFilter),
    output: z.object({ events: z.array(m.timelineEvent) }),
  }),
  'messages.list': call({
    summary: 'Important messages of a machine or of the fleet, newest first',
    risk: 'read',
    surfaces: everywhere,
    input: z.object({ machineId: m.id.optional(), acknowledged: z.boolean().default(false), ...page }),
    output: z.object({ messages: z.array(m.importantMessage) }),
  }),
  'messages.ofRun': call({
    summary: 'Important messages that a machine had while a run was at work on it',
    risk: 'read',
    surfaces: everywhere,
    input: z.object({ executionId: m.id }),
    output: z.object({ messages: z.array(m.messageOfRun) }),
  }),
  'messages.acknowledge': call({
    summary: 'Acknowledge an important message',
    risk: 'change',
    surfaces: people,
    input: byId,
    output: z.object({}),
  }),

  'messages.fleet': call({
    summary: 'Important messages over the fleet, each matter once, the last seen first',
    risk: 'read',
    surfaces: everywhere,
    input: z.object({
      acknowledged: z.boolean().default(false),
      category: z.enum(messageCategories).optional(),
      offset: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(500).default(100),
    }),
    output: z.object({ groups: z.array(m.messageGroup), total: z.number().int() }),
  }),
  'messages.machines': call({
    summary: 'The machines that tell one matter, by name',
    risk: 'read',
    surfaces: everywhere,
    input: z.object({
      /** Of a group of `messages.fleet`. */
      key: z.string().min(1).max(200),
      acknowledged: z.boolean().default(false),
      offset: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(1000).default(1000),
    }),
    output: z.object({ machines: z.array(m.namedMachine), total: z.number().int() }),
  }),
  'messages.acknowledgeGroup': call({
    summary: 'Acknowledge a matter on every machine that tells it now',
    risk: 'change',
    surfaces: people,
    input: z.object({ key: z.string().max(100) }),
    output: z.object({ acknowledged: z.number().int() }),
  }),

  'messages.reopen': call({
    summary: 'Take an acknowledgement back: of one message, or of a matter on every machine',
    risk: 'change',
    surfaces: people,
    input: z.union([z.object({ id: m.id }), z.object({ key: z.string().max(100) })]),
    output: z.object({ reopened: z.number().int() }),
  }),

  'vault.status': call({
    summary: 'Whether secrets can be used',
    risk: 'read',
    surfaces: people,
    input: none,
    output: m.vaultStatus,
  }),
  'vault.watch': events({
    summary: 'Vault status now and at each change',
    risk: 'read',
    surfaces: windows,
    input: none,
    output: m.vaultStatus,
  }),
  'vault.setUp': call({
    summary: 'Create the vault with the system keyring or a passphrase',
    risk: 'change',
    surfaces: windows,
    input: z.discriminatedUnion('with', [
      z.object({ with: z.literal('system') }),
      z.object({ with: z.literal('passphrase'), passphrase: z.string().min(8).max(1024) }),
    ]),
    output: m.vaultStatus,
  }),
  'vault.unlock': call({
    summary: 'Unlock the vault',
    risk: 'change',
    surfaces: withTerminal,
    input: z.object({ passphrase: z.string().max(1024) }),
    output: m.vaultStatus,
  }),
  'vault.lock': call({
    summary: 'Lock the vault now',
    risk: 'change',
    surfaces: windows,
    input: none,
    output: m.vaultStatus,
  }),
  'vault.changePassphrase': call({
    summary: 'Change the passphrase; only the wrap of the data key changes',
    risk: 'change',
    surfaces: windows,
    input: z.object({ current: z.string().max(1024), next: z.string().min(8).max(1024) }),
    output: m.vaultStatus,
  }),
  'vault.setAutoLock': call({
    summary: 'Minutes without use after which the vault locks, or null for never',
    risk: 'change',
    surfaces: windows,
    input: z.object({ minutes: z.number().int().min(1).max(1440).nullable() }),
    output: m.vaultStatus,
  }),

  'preferences.watch': events({
    summary: 'Preferences of the interface now and at each change',
    risk: 'read',
    surfaces: windows,
    input: none,
    output: m.preferences,
  }),
  'preferences.set': call({
    summary: 'Change preferences of the interface',
    risk: 'change',
    surfaces: windows,
    input: m.preferencesPatch,
    output: m.preferences,
  }),
  'fleetViews.watch': events({
    summary: 'Saved views of the fleet by name, now and at each change',
    risk: 'read',
    surfaces: windows,
    input: none,
    output: z.array(m.fleetView),
  }),
  'fleetViews.save': call({
    summary: 'Save a view of the fleet; with an id, that view is changed (or put back after it was removed)',
    risk: 'change',
    surfaces: windows,
    input: m.fleetView.partial({ id: true }),
    output: m.fleetView,
  }),
  'fleetViews.remove': call({
    summary: 'Remove a saved view; machines stay as they are',
    risk: 'change',
    surfaces: windows,
    input: byId,
    output: z.object({}),
  }),

  'notifications.watch': events({
    summary: 'What a person should hear of and how it is told, now and at each change',
    risk: 'read',
    surfaces: windows,
    input: none,
    output: m.notificationState,
  }),
  'notifications.mark': call({
    summary: 'Mark notifications as read or unread: these, those of a run or of a bulk run, or all',
    risk: 'change',
    surfaces: windows,
    input: z.object({
      ids: z.array(m.id).max(500).optional(),
      executionId: m.id.optional(),
      bulkRunId: m.id.optional(),
      all: z.boolean().default(false),
      read: z.boolean(),
    }),
    output: z.object({ changed: z.number().int() }),
  }),
  'notifications.set': call({
    summary: 'Change which events are told and how, and until when the desktop stays silent',
    risk: 'change',
    surfaces: windows,
    input: m.notificationSettingsChange,
    output: m.notificationSettings,
  }),

  ...outwardProcedures,

  'maintenance.rebuild': call({
    summary: 'Rebuild every derived table from the archived payloads',
    risk: 'change',
    surfaces: windows,
    input: none,
    output: z.object({ rebuilt: z.record(z.string(), z.number().int()), durationMs: z.number() }),
  }),
} satisfies ContractShape;

export type Contract = typeof contract;
export type HomeportClient = Client<Contract>;
export type HomeportHandlers = Handlers<Contract>;
