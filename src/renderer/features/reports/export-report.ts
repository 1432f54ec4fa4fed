import type { ExportFormat } from '../../../shared/contract/reports.ts';
import { AppError } from '../../../shared/domain/errors.ts';
import { electronHostName } from '../../../shared/wire/page-port.ts';
import { api } from '../../lib/api.ts';
import { saveFile } from '../runs/save-file.ts';

/** Whether the application prints by itself; elsewhere the browser does. */
export const canMakePdf = (): boolean => window.homeportHost === electronHostName;

/** Makes the file in the core and offers it: the browser downloads it, Electron asks where to. */
export async function exportReport(id: string, format: ExportFormat): Promise<void> {
  const file = await api['reports.export']({ id, format });
  saveFile(file.fileName, [file.content], file.mediaType);
}

/** The report as PDF, printed by the application; where it cannot, by the browser's own print dialog. */
export async function exportPdf(id: string): Promise<void> {
  if (!canMakePdf()) {
    print();
    return;
  }
  const { fileName } = await api['reports.export']({ id, format: 'html' });
  const stream = api['reports.pdf']({ id });
  stream.end();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of stream) parts.push(new Uint8Array(chunk));
  if (parts.length === 0) throw new AppError('internal', 'The PDF is empty', { id });
  saveFile(fileName.replace(/\.html$/, '.pdf'), parts, 'application/pdf');
}
