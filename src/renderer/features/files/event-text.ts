import type { TimelineEvent } from '../../../shared/contract/models.ts';
import { formatBytes } from '../../lib/i18n/index.ts';
import { visibleName } from './names.ts';

/** What an event of files or forwards says beside its kind: paths, sizes, ends. */
export function transferDetail({ eventType, data }: TimelineEvent): string[] {
  const text = (value: unknown): string[] => (typeof value === 'string' ? [visibleName(value)] : []);
  if (eventType.startsWith('forward.')) return [[...text(data['from']), ...text(data['to'])].join(' → ')];
  if (!eventType.startsWith('file.')) return [];
  const paths = Array.isArray(data['paths']) ? data['paths'].slice(0, 3).flatMap(text) : [];
  const more = typeof data['count'] === 'number' ? data['count'] - paths.length : 0;
  return [
    [paths.join(', ') + (more > 0 ? ` +${more}` : ''), ...text(data['to'])].join(' → '),
    ...(typeof data['sizeBytes'] === 'number' ? [formatBytes(data['sizeBytes'])] : []),
    ...text(data['mode']),
  ];
}
