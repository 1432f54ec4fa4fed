import { z } from 'zod';
import { actorTypes, messageCategories, severities } from '../domain/unions.ts';
import { call, events, type ContractShape } from './define.ts';
import { everywhere, people, none, byId, page } from './inputs.ts';
import * as m from './models.ts';

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

export const timelineProcedures = {
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
} satisfies ContractShape;
