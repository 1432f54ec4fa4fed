import { isLoopback, type PortForward } from '../../../shared/contract/forwards.ts';
import { watch } from '../../lib/api.ts';
import { t } from '../../lib/i18n/index.ts';

let list = $state.raw<readonly PortForward[] | null>(null);

/** Forwards of every machine; null until the core has told them. */
export const forwards = {
  get list(): readonly PortForward[] | null {
    return list;
  },
};

export function followForwards(): void {
  watch('forwards.watch', {}, (next) => (list = next));
}

/** An address with its port; IPv6 in brackets. */
export const place = (host: string, port: number): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

export const isExposed = ({ bindAddress }: PortForward): boolean => !isLoopback(bindAddress);

/** What a forward is called where its buttons are named. */
export const forwardName = (one: PortForward): string =>
  one.label !== '' ? one.label : `${t(`forwards.kind.${one.kind}`)} ${one.bindPort}`;

/** `local`: begins here, ends as the machine sees it; `remote`: the other way. */
export const ends = (one: PortForward): { from: string; fromWhere: string; to: string; toWhere: string } => {
  const here = t('forwards.here');
  const isLocal = one.kind === 'local';
  return {
    from: place(one.bindAddress, one.bindPort),
    fromWhere: isLocal ? here : one.machineName,
    to: place(one.targetHost, one.targetPort),
    toWhere: isLocal ? one.machineName : here,
  };
};
