import { packageOf } from './apt-error-rules.ts';

/** What a running change tells over its status descriptor. `percent` is 0 to 100, true, and never falls within a phase. */
export type StatusEvent =
  | { readonly kind: 'phase'; readonly phase: string; readonly detail: string | null }
  | { readonly kind: 'plan_line'; readonly line: string }
  | { readonly kind: 'download'; readonly percent: number; readonly text: string }
  | { readonly kind: 'install'; readonly package: string; readonly percent: number; readonly text: string }
  | {
      readonly kind: 'package_error';
      readonly package: string;
      readonly percent: number;
      readonly text: string;
    }
  | { readonly kind: 'conffile'; readonly path: string; readonly text: string }
  /** An edited configuration file for which the plan may bring a new version; the run stops for it. */
  | { readonly kind: 'edited_conffile'; readonly package: string; readonly path: string }
  | { readonly kind: 'freed'; readonly bytes: number }
  | { readonly kind: 'media_change'; readonly text: string }
  /** A line that is none of these; the stream goes on. */
  | { readonly kind: 'unreadable'; readonly line: string };

export interface StatusParser {
  /** Takes the next bytes of the stream, cut anywhere, and gives the events that they complete. */
  push(bytes: Uint8Array): StatusEvent[];
  /** The stream is over; a last line without its newline is cut off and only told as unreadable. */
  end(): StatusEvent[];
}

const maxLineLength = 16_384;

/**
 * Reads APT::Status-Fd (README.progress-reporting of apt: `dlstatus:N:PERCENT:TEXT`, `pmstatus:PKG:PERCENT:TEXT`,
 * `pmerror:`, `pmconffile:`, `media-change:`) with our scripts' own lines `phase:NAME[:DETAIL]`, `plan:LINE`,
 * `edited:PACKAGE FILE` and `freed:BYTES` between.
 * APT counts downloads and dpkg's steps separately, each from 0 to 100.
 */
export function createStatusParser(): StatusParser {
  const decoder = new TextDecoder();
  let rest = '';
  let overlong = false;
  const percents = new Map<string, number>();

  const rising = (phase: string, percent: number): number => {
    const value = Math.max(percents.get(phase) ?? 0, percent);
    percents.set(phase, value);
    return value;
  };

  const read = (line: string): StatusEvent => {
    const phase = /^phase:([a-z][a-z-]*)(?::(.*))?$/.exec(line);
    if (phase) {
      percents.clear();
      return { kind: 'phase', phase: phase[1] ?? '', detail: phase[2] ?? null };
    }
    if (line.startsWith('plan:')) return { kind: 'plan_line', line: line.slice('plan:'.length) };
    const edited = /^edited:(\S+) (\/.+)$/.exec(line);
    if (edited) return { kind: 'edited_conffile', package: edited[1] ?? '', path: edited[2] ?? '' };
    const freed = /^freed:(\d{1,15})$/.exec(line);
    if (freed) return { kind: 'freed', bytes: Number(freed[1]) };
    if (line.startsWith('media-change:'))
      return { kind: 'media_change', text: line.slice('media-change:'.length).trim() };
    // A package name may hold a colon (a foreign architecture), so the number between colons is what is looked for.
    const status = /^(dlstatus|pmstatus|pmerror|pmconffile):(.+?):([0-9]+(?:\.[0-9]+)?):(.*)$/.exec(line);
    if (!status) return { kind: 'unreadable', line: line.slice(0, 300) };
    const [, verb, subject = '', number = '', text = ''] = status;
    const percent = Math.min(100, Number(number));
    switch (verb) {
      case 'dlstatus':
        return { kind: 'download', percent: rising('download', percent), text: text.trim() };
      case 'pmstatus':
        return { kind: 'install', package: subject, percent: rising('install', percent), text: text.trim() };
      case 'pmerror':
        return {
          kind: 'package_error',
          // A package that could not be unpacked is named by the path of its archive.
          package: packageOf(subject),
          percent: rising('install', percent),
          text: text.trim(),
        };
      default:
        return { kind: 'conffile', path: subject, text: text.trim() };
    }
  };

  const take = (text: string): StatusEvent[] => {
    const events: StatusEvent[] = [];
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (overlong || line.length > maxLineLength) {
        overlong = false;
        events.push({ kind: 'unreadable', line: line.slice(0, 300) });
      } else if (line.trim() !== '') {
        events.push(read(line.replace(/\r$/, '')));
      }
    }
    if (rest.length > maxLineLength) {
      overlong = true;
      rest = '';
    }
    return events;
  };

  return {
    push: (bytes) => take(decoder.decode(bytes, { stream: true })),
    end: () => {
      const events = take(decoder.decode());
      if (overlong || rest.trim() !== '') events.push({ kind: 'unreadable', line: rest.slice(0, 300) });
      rest = '';
      overlong = false;
      return events;
    },
  };
}
