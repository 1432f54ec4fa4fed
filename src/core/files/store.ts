import { isoNow, type CoreContext } from '../context.ts';
import { recordEvent } from '../events/index.ts';

/** What is done to files of machines; each has its sentence in the timeline. */
const sentences = {
  'file.uploaded': 'A file was sent to the machine.',
  'file.downloaded': 'A file of the machine was downloaded.',
  'file.edited': 'A file was edited.',
  'file.removed': 'Files were removed.',
  'file.renamed': 'A file was renamed.',
  'file.directory_made': 'A directory was made.',
  'file.mode_changed': 'Permissions of files were changed.',
} as const;

/** Paths that an event names; the rest is a count. */
const mostPaths = 20;

/** Writes down who touched what: paths and sizes, never content. */
export function recordFileEvent(
  context: CoreContext,
  machineId: string,
  eventType: keyof typeof sentences,
  data: {
    readonly paths: readonly string[];
    readonly sizeBytes?: number;
    readonly to?: string;
    readonly mode?: string;
    readonly removed?: number;
  },
): void {
  const { paths, ...more } = data;
  context.database.tx(() => {
    recordEvent(context, {
      machineId,
      eventType,
      severity: 'info',
      actorType: 'user',
      message: sentences[eventType],
      at: isoNow(context),
      data: { paths: paths.slice(0, mostPaths), count: paths.length, ...more },
    });
  });
}
