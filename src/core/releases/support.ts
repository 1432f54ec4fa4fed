import type { MessageNotice, Support } from '../../shared/contract/models.ts';
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
  const { family } = os;
  const name = `${systems[family]} ${release.version} (${release.codename})`;
  const message = (
    kind: Pick<NewMessage, 'severity' | 'category'>,
    code: MessageNotice['code'],
    days: Pick<MessageNotice, 'on' | 'until'>,
    text: string,
  ): NewMessage[] => [
    {
      ...kind,
      source: 'system',
      component: supportComponent,
      message: `${name}: ${text}`,
      notice: { code, osFamily: family, version: release.version, codename: release.codename, ...days },
    },
  ];
  switch (status) {
    case 'ends_soon':
      return message(
        { severity: 'warning', category: 'future_major_change' },
        'support_ends_soon',
        { on: endsAt, until: null },
        `regular support ends on ${endsAt}.`,
      );
    case 'lts_only': {
      const on = release.endOfSupport ?? endsAt;
      return message(
        { severity: 'info', category: 'future_major_change' },
        'support_lts_only',
        { on, until: endsAt },
        `regular support ended on ${on}; long-term support lasts until ${endsAt}.`,
      );
    }
    case 'ended': {
      const until = release.endOfExtended;
      return message(
        { severity: 'warning', category: 'security_notice' },
        'support_ended',
        { on: endsAt, until },
        `support ended on ${endsAt}; there are no more security updates` +
          (until === null ? '.' : `, except by a paid or registered programme until ${until}.`),
      );
    }
    default:
      return [];
  }
}
