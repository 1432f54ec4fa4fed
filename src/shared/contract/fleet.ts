import { z } from 'zod';
import { call, events, type ContractShape } from './define.ts';
import { everywhere, people, windows, none, byId } from './inputs.ts';
import * as m from './models.ts';

export const fleetProcedures = {
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
} satisfies ContractShape;
