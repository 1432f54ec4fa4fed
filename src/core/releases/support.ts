import type { Support } from '../../shared/contract/models.ts';
import type { NewMessage } from '../messages/index.ts';
import { findRelease, type OsVersion, type Release } from './table.ts';

/** From so many days before the end on, it is told. */
const SOON_DAYS = 180;

/** The part of a message that groups what is said about a release's support. */
export const supportComponent = 'release-support';

/** `YYYY-MM-DD` of a moment, in UTC. */
const dayOf = (moment: Date): string => moment.toISOString().slice(0, 10);

/**
 * How long a release still gets security updates, as of `today`. `ended` is said the day after the last one; a release that
 * is not in the table or is not out yet is `unknown`.
 */
export function supportOf(os: OsVersion, today: Date): Support {
  return supportOfRelease(findRelease(os), today);
}

function supportOfRelease(release: Release | undefined, today: Date): Support {
  if (!release || (release.released === null && release.endOfSupport === null)) {
    return { status: 'unknown', endsAt: null };
  }
  const { endOfSupport, endOfLts } = release;
  const now = dayOf(today);
  if (endOfSupport === null) return { status: 'supported', endsAt: null };
  if (now <= endOfSupport) {
    const soon = dayOf(new Date(today.getTime() + SOON_DAYS * 86_400_000));
    return { status: endOfSupport <= soon ? 'ends_soon' : 'supported', endsAt: endOfSupport };
  }
  if (endOfLts !== null && now <= endOfLts) return { status: 'lts_only', endsAt: endOfLts };
  return { status: 'ended', endsAt: endOfLts ?? endOfSupport };
}

const systems = { debian: 'Debian', ubuntu: 'Ubuntu', proxmox: 'Proxmox VE', raspbian: 'Raspberry Pi OS' };

/** What a person should know about the support of a machine's release: at most one message. */
export function supportMessages(os: OsVersion, today: Date): NewMessage[] {
  const release = findRelease(os);
  const { status, endsAt } = supportOfRelease(release, today);
  if (!release || os.family === 'unknown' || endsAt === null) return [];
  const name = `${systems[os.family]} ${release.version} (${release.codename})`;
  const message = (severity: NewMessage['severity'], category: NewMessage['category'], text: string) => [
    {
      source: 'system' as const,
      category,
      severity,
      component: supportComponent,
      message: `${name}: ${text}`,
    },
  ];
  switch (status) {
    case 'ends_soon':
      return message('warning', 'future_major_change', `regular support ends on ${endsAt}.`);
    case 'lts_only':
      return message(
        'info',
        'future_major_change',
        `regular support ended on ${release.endOfSupport}; long-term support lasts until ${endsAt}.`,
      );
    case 'ended':
      return message(
        'warning',
        'security_notice',
        `support ended on ${endsAt}; there are no more security updates` +
          (release.endOfExtended === null
            ? '.'
            : `, except by a paid or registered programme until ${release.endOfExtended}.`),
      );
    default:
      return [];
  }
}
