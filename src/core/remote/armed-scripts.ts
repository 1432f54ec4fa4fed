import { judging } from './judging-script.ts';
import { quote } from './quote.ts';
import { runHead, uploadPart, type RunPlace, type UploadScript } from './scripts.ts';

export interface ArmScript extends UploadScript {
  /** As systemd.time(7) reads it: `2026-11-26 03:00:00 UTC`. */
  readonly onCalendar: string;
  readonly expiryEpochSeconds: number;
}

/** What the timer starts: it refuses after the expiry, else becomes the wrapper of any run. Also after a late resume. */
export const armedWrapper = (expiryEpochSeconds: number): string => `#!/bin/sh
umask 077
dir=\${0%/*}
now=$(date +%s) || exit 1
if [ "$now" -gt ${expiryEpochSeconds} ]; then
  : >"$dir/expired"
  exit 0
fi
exec /bin/sh "$dir/run.sh" systemd "$1" "$2"
`;

/**
 * Uploads as `launchScript` does, then leaves the start to a transient timer. `armed new|earlier BOOT_ID`; may be repeated.
 * The file `armed` says: boot id, expiry in seconds of the epoch. A timer lives in memory: a restart of the host drops it.
 */
export function armScript(place: ArmScript): string {
  return `${runHead(place)}${judging}if [ ! -d /run/systemd/system ] || ! command -v systemd-run >/dev/null; then
  head -c ${place.sizeBytes} >/dev/null
  say 'failed no_systemd'
  exit 0
fi
if is_run && [ ! -e "$dir/status.json" ] && systemctl is-active --quiet "homeport-$id.timer"; then
  head -c ${place.sizeBytes} >/dev/null
  say "armed earlier \${this_boot:-unknown}"
  exit 0
fi
${uploadPart(place)}printf '%s' ${quote(armedWrapper(place.expiryEpochSeconds))} >"$dir/armed.sh" || fail upload
printf '%s %s\\n' "$this_boot" ${place.expiryEpochSeconds} >"$dir/armed" || fail upload
if timeout 20 systemd-run --quiet --collect --unit="homeport-$id" --description="Homeport run $id" \\
  --on-calendar=${quote(place.onCalendar)} --timer-property=AccuracySec=1s \\
  -p KillMode=process -p TimeoutStopSec=900 \\
  /bin/sh "$dir/armed.sh" "$nonce" "$volatile" </dev/null >/dev/null &&
  systemctl is-active --quiet "homeport-$id.timer"; then
  say "armed new \${this_boot:-unknown}"
  exit 0
fi
systemctl stop "homeport-$id.timer" 2>/dev/null
discard
say 'failed timer'
`;
}

/** How armed work stands: `waiting`, `claimed STARTED_AT` (its parts with spaces for colons), `expired`, `rebooted`, `timer_gone` or `absent`. */
export function armedStateScript(place: RunPlace): string {
  return `${runHead(place)}${judging}
told_claimed() {
  load_status || return 0
  started=
  case $json in *'"started_at":"'*) started=\${json#*\\"started_at\\":\\"} started=\${started%%\\"*} ;; esac
  # A frame has no colons: date with hour, minutes, seconds.
  fields=$IFS
  IFS=:
  # shellcheck disable=SC2086
  set -- $started
  IFS=$fields
  say "claimed \${*:-unknown}"
  exit 0
}
is_run || { say absent; exit 0; }
told_claimed
if [ -e "$dir/expired" ]; then say expired; exit 0; fi
for unit in timer service; do
  if systemctl is-active --quiet "homeport-$id.$unit"; then say waiting; exit 0; fi
done
# It may have begun, or refused, between the two looks.
told_claimed
if [ -e "$dir/expired" ]; then say expired; exit 0; fi
armed_boot=
{ read -r armed_boot _ <"$dir/armed"; } 2>/dev/null
if [ "$armed_boot" = "$this_boot" ]; then say timer_gone; else say rebooted; fi
`;
}

/** Stops the timer and removes the directory: `revoked` or `absent`; `started` when the run has begun, which is left alone. */
export function revokeScript(place: RunPlace): string {
  return `${runHead(place)}${judging}
is_run || { say absent; exit 0; }
if load_status; then say started; exit 0; fi
systemctl stop "homeport-$id.timer" 2>/dev/null
# The timer may just have elapsed: its service claims the run, or refuses it.
tries=0
while [ "$tries" -lt 50 ] && ! load_status && systemctl is-active --quiet "homeport-$id.service"; do
  tries=$((tries + 1))
  sleep 0.1 2>/dev/null || sleep 1
done
if load_status; then say started; exit 0; fi
mv "$dir" "$runs/.gone-$nonce" || { say failed; exit 0; }
# Whatever starts from now on finds nothing to run.
rm -rf "$runs/.gone-$nonce" || { say failed; exit 0; }
say revoked
`;
}
