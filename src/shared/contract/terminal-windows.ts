import { z } from 'zod';

/** Two panes or groups of panes beside (`row`) or below (`column`) each other; `ratio` is the share of the first. */
export interface PaneSplit {
  direction: 'row' | 'column';
  ratio: number;
  first: PaneNode;
  second: PaneNode;
}
/** A pane by its key, or a split. */
export type PaneNode = string | PaneSplit;

const key = z.uuid();
/** Deeper than any screen has room for; a stored one is checked before it is walked. */
const deepest = 32;
const depthOf = (node: PaneNode): number =>
  typeof node === 'string' ? 1 : 1 + Math.max(depthOf(node.first), depthOf(node.second));

const node: z.ZodType<PaneNode> = z.lazy(() =>
  z.union([
    key,
    z.object({
      direction: z.enum(['row', 'column']),
      ratio: z.number().min(0.05).max(0.95),
      first: node,
      second: node,
    }),
  ]),
);

/** Which terminals a window has, and how they lie. Never what is in them. */
export const terminalLayout = z.object({
  tabs: z
    .array(
      z.object({
        root: node.refine((root) => depthOf(root) <= deepest),
        activeKey: key,
        panes: z
          .array(
            z.object({
              key,
              machineId: z.uuid(),
              machineName: z.string().max(200),
              /** Its shell, while it had one. */
              sessionId: z.uuid().nullable(),
            }),
          )
          .min(1)
          .max(64),
      }),
    )
    .max(200),
  activeTab: z.number().int().min(0),
});
export type TerminalLayout = z.output<typeof terminalLayout>;
export type TabLayout = TerminalLayout['tabs'][number];
