import type { ReportFilter, ReportListItem } from '../../../shared/contract/reports.ts';
import { toAppError, type AppError } from '../../../shared/domain/errors.ts';
import { api } from '../../lib/api.ts';

/** The core gives at most so many at once. */
const mostAtOnce = 500;
const pageSize = 100;

export interface ReportList {
  /** What has been read so far; null before the first answer. */
  readonly items: readonly ReportListItem[] | null;
  readonly total: number;
  readonly totalIsLeast: boolean;
  readonly error: AppError | null;
  readonly busy: boolean;
  /** Reads from the start: the question has changed. */
  restart(): Promise<void>;
  /** Reads again what is shown. */
  refresh(): Promise<void>;
  /** Reads the next page; does nothing while reading or at the end. */
  more(): Promise<void>;
}

/** The list of reports, page after page; an answer to an older question is dropped. */
export function createReportList(filter: () => ReportFilter): ReportList {
  let items = $state.raw<readonly ReportListItem[] | null>(null);
  let total = $state(0);
  let totalIsLeast = $state(false);
  let error = $state.raw<AppError | null>(null);
  let busy = $state(false);
  let next: string | null = null;
  let round = 0;

  async function read(limit: number, cursor: string | null): Promise<void> {
    const mine = ++round;
    busy = true;
    try {
      const page = await api['reports.list']({ ...filter(), limit, ...(cursor === null ? {} : { cursor }) });
      if (mine !== round) return;
      items = cursor === null ? page.reports : [...(items ?? []), ...page.reports];
      next = page.next;
      if (page.total !== null) {
        total = page.total;
        totalIsLeast = page.totalIsLeast;
      }
      error = null;
    } catch (thrown) {
      if (mine === round) error = toAppError(thrown);
    } finally {
      if (mine === round) busy = false;
    }
  }

  return {
    get items() {
      return items;
    },
    get total() {
      return total;
    },
    get totalIsLeast() {
      return totalIsLeast;
    },
    get error() {
      return error;
    },
    get busy() {
      return busy;
    },
    restart: () => read(pageSize, null),
    refresh: () => read(Math.min(mostAtOnce, Math.max(pageSize, items?.length ?? 0)), null),
    async more() {
      if (!busy && next !== null) await read(pageSize, next);
    },
  };
}
