import type { z } from 'zod';
import type { emailConfig } from '../../shared/contract/outward.ts';
import { answerText, mailFailure } from './failures.ts';
import type { SendOptions } from './http.ts';
import type { OutwardMessage } from './message.ts';

const CONNECT_MS = 15_000;
const SILENT_MS = 20_000;

/**
 * One mail over SMTP. STARTTLS is required where it is set: a server that does not offer it gets nothing. nodemailer is
 * loaded with the first mail.
 * @returns what the server said @throws AppError
 */
export async function sendMail(
  config: z.output<typeof emailConfig>,
  message: OutwardMessage,
  { secret, ca, signal }: SendOptions,
): Promise<string> {
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    host: config.host,
    port: config.port,
    secure: config.security === 'tls',
    requireTLS: config.security === 'starttls',
    ignoreTLS: config.security === 'none',
    ...(config.username !== '' && { auth: { user: config.username, pass: secret ?? '' } }),
    ...(ca !== undefined && { tls: { ca } }),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const stop = (): void => transport.close();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const { response } = await transport.sendMail({
      from: { name: 'Homeport', address: config.from },
      to: [...config.to],
      subject: message.title,
      text: `${message.text}\n`,
      messageId: `<${message.id}@homeport.invalid>`,
      headers: { 'X-Homeport-Id': message.id, 'Auto-Submitted': 'auto-generated' },
    });
    return answerText(response, secret);
  } catch (error) {
    throw mailFailure(error, config.host, secret);
  } finally {
    signal?.removeEventListener('abort', stop);
    transport.close();
  }
}
