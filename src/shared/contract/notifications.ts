import { z } from 'zod';
import { call, events, type ContractShape } from './define.ts';
import { windows, none } from './inputs.ts';
import * as m from './models.ts';

export const notificationProcedures = {
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
} satisfies ContractShape;
