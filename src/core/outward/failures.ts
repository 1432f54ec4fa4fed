import { AppError } from '../../shared/domain/errors.ts';
import { plainLine } from './message.ts';

/** Codes of Node's TLS and of OpenSSL's check of a certificate. */
const certificate = /^(ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|ETLS)/;
const timeouts = ['ETIMEDOUT', 'ETIME', 'ESOCKETTIMEDOUT', 'ABORT_ERR'];

interface Coded {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly response?: unknown;
  readonly responseCode?: unknown;
  readonly command?: unknown;
  readonly cause?: unknown;
}

/** What the other end said, short, on one line and without the secret, should it have come back. */
export function answerText(text: string, secret: string | null): string {
  const hidden = secret === null || secret === '' ? text : text.replaceAll(secret, '…');
  return plainLine(hidden);
}

/** The failure of a connection, as precise as the system was. */
export function connectionFailure(error: unknown, host: string): AppError {
  const { code, message, cause } = error as Coded;
  const own = typeof code === 'string' ? code : '';
  const name = error instanceof Error ? error.name : '';
  const reason = own || plainLine(String(message));
  if (name === 'TimeoutError' || timeouts.includes(own)) {
    return new AppError('outward_timeout', `${host} did not answer in time`, { host });
  }
  if (certificate.test(own)) {
    return new AppError('outward_certificate', `The certificate of ${host} was not accepted`, {
      host,
      reason,
    });
  }
  if (own === '' && cause !== undefined) return connectionFailure(cause, host);
  return new AppError('outward_unreachable', `${host} could not be reached: ${reason}`, { host, reason });
}

/** The failure of a delivery by SMTP; https://nodemailer.com/errors names the codes. */
export function mailFailure(error: unknown, host: string, secret: string | null): AppError {
  const { code, response, responseCode, command, message } = error as Coded;
  const said = [response, message].find((text) => typeof text === 'string') ?? '';
  const answer = answerText(said, secret);
  // A failed handshake comes as a failed socket: only its text tells.
  if (code === 'ETLS' || command === 'STARTTLS' || /certificate|altnames/i.test(answer)) {
    return new AppError('outward_certificate', `No secure connection to ${host}`, { host, reason: answer });
  }
  if (code === 'EAUTH' || responseCode === 535 || responseCode === 530) {
    return new AppError('outward_login_failed', `${host} did not accept the login`, { host, answer });
  }
  if (typeof responseCode === 'number' && responseCode >= 400) {
    return new AppError('outward_refused', `${host} did not take the message`, {
      host,
      status: responseCode,
      answer,
    });
  }
  return connectionFailure(error, host);
}

/** The failure that an HTTP status tells; null when the message was taken. */
export function statusFailure(status: number, host: string, answer: string): AppError | null {
  if (status >= 200 && status < 300) return null;
  if (status === 401 || status === 403) {
    return new AppError('outward_login_failed', `${host} did not accept the token`, { host, answer });
  }
  // A redirect is not followed: what is sent, and its token, are for the address that was set.
  return new AppError('outward_refused', `${host} did not take the message`, { host, status, answer });
}
