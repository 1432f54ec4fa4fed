import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { ntfyConfig, webhookConfig } from '../../shared/contract/outward.ts';
import { isAllowedAddress } from '../../shared/domain/outward-address.ts';
import { AppError } from '../../shared/domain/errors.ts';
import type { z } from 'zod';
import { answerText, connectionFailure, statusFailure } from './failures.ts';
import type { OutwardMessage } from './message.ts';

const TIME_LIMIT_MS = 15_000;
const MOST_ANSWER_BYTES = 4_096;

export interface SendOptions {
  readonly secret: string | null;
  readonly signal?: AbortSignal;
  /** Certificates that are trusted instead of the system's. */
  readonly ca?: string | undefined;
  readonly timeLimitMs?: number;
}

/** POSTs JSON. Redirects are not followed, the answer is read up to a bound. @returns the answer's text @throws AppError */
async function post(
  address: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  { secret, signal, ca, timeLimitMs = TIME_LIMIT_MS }: SendOptions,
): Promise<string> {
  const url = new URL(address);
  if (!isAllowedAddress(address)) throw new AppError('invalid_input', 'Only https leaves this computer');
  const limit = AbortSignal.timeout(timeLimitMs);
  try {
    const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
      const outgoing = send(
        url,
        {
          method: 'POST',
          agent: false,
          signal: signal ? AbortSignal.any([signal, limit]) : limit,
          headers: {
            ...headers,
            'Content-Type': 'application/json; charset=utf-8',
            'Content-Length': Buffer.byteLength(body),
            'User-Agent': 'Homeport',
          },
          ...(ca !== undefined && { ca }),
        },
        (response) => {
          const chunks: Buffer[] = [];
          let bytes = 0;
          const done = () =>
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
          response.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes <= MOST_ANSWER_BYTES) chunks.push(chunk);
            else {
              // The status is known: what else it has to say is of no use.
              done();
              response.destroy();
            }
          });
          response.on('end', done);
          response.on('error', reject);
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
    const answer = answerText(text, secret);
    const failure = statusFailure(status, url.host, answer);
    if (failure) throw failure;
    return answer;
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (signal?.aborted) throw new AppError('cancelled', 'Sending was stopped');
    throw connectionFailure(limit.aborted ? limit.reason : error, url.host);
  }
}

/** The body of a webhook; `version` changes when a reader would have to. */
export function webhookBody(message: OutwardMessage, sentAt: string): string {
  return JSON.stringify({
    version: 1,
    id: message.id,
    sentAt,
    test: message.isTest,
    severity: message.severity,
    title: message.title,
    text: message.text,
    items: message.items.map(
      ({ kind, severity, at, machineId, machineName, executionId, bulkRunId, data, ...said }) => ({
        kind,
        severity,
        at,
        machine: machineId === null ? null : { id: machineId, name: machineName },
        runId: executionId,
        bulkRunId,
        data,
        ...said,
      }),
    ),
  });
}

/**
 * A webhook: JSON with the id in a header, and with a key a signature: `sha256=` and the HMAC-SHA256, in hexadecimal, of the
 * time in the header, a full stop and the body.
 */
export function sendWebhook(
  { url }: z.output<typeof webhookConfig>,
  message: OutwardMessage,
  sentAt: string,
  options: SendOptions,
): Promise<string> {
  const body = webhookBody(message, sentAt);
  const signed = options.secret === null ? {} : signature(options.secret, sentAt, body);
  return post(url, body, { 'X-Homeport-Id': message.id, 'X-Homeport-Time': sentAt, ...signed }, options);
}

export function signature(key: string, sentAt: string, body: string): Record<string, string> {
  const mac = createHmac('sha256', key).update(`${sentAt}.${body}`).digest('hex');
  return { 'X-Homeport-Signature': `sha256=${mac}` };
}

/** Numbers of ntfy's priorities, https://docs.ntfy.sh/publish/#message-priority. */
const priorities = { min: 1, low: 2, default: 3, high: 4, max: 5 } as const;
const emojis = { info: 'white_check_mark', warning: 'warning', error: 'rotating_light' } as const;

/** ntfy, as JSON to the server's root (https://docs.ntfy.sh/publish/#publish-as-json): titles may have any letter. */
export function sendNtfy(
  { url, priority }: z.output<typeof ntfyConfig>,
  message: OutwardMessage,
  options: SendOptions,
): Promise<string> {
  const topicUrl = new URL(url);
  const topic = topicUrl.pathname.replace(/^\/|\/$/g, '');
  const body = JSON.stringify({
    topic: decodeURIComponent(topic),
    title: message.title,
    message: message.text,
    priority: priorities[priority],
    tags: [message.isTest ? 'wave' : emojis[message.severity]],
  });
  const login: Record<string, string> =
    options.secret === null ? {} : { Authorization: `Bearer ${options.secret}` };
  return post(new URL('/', topicUrl).href, body, { 'X-Homeport-Id': message.id, ...login }, options);
}
