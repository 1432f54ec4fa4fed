import { judging } from './judging-script.ts';
import { quote } from './quote.ts';
import { stopping } from './stopping-script.ts';
import { wrapperScript } from './wrapper-script.ts';

/**
 * The scripts that are sent to a host: POSIX sh for dash, bash and BusyBox, run as root. Each speaks in frames (frames.ts):
 * a line `@@NONCE WORD...`, after `output`, `progress` and `file` followed by bytes and a closing line.
 * Files of a run: cmd.sh run.sh status.json output progress exit; besides these what cmd.sh leaves (`before`, `after`).
 */
export interface ScriptPlace {
  readonly nonce: string;
  readonly runsDir: string;
  /** On a memory file system; takes exit codes that the run directory cannot. */
  readonly volatileDir: string;
}

export interface RunPlace extends ScriptPlace {
  readonly executionId: string;
}

function scriptHead(place: ScriptPlace): string {
  // SC2015: `a && b || exit` means what it says here; SC2016: the wrapper's text is data.
  return `# shellcheck disable=SC2015,SC2016
umask 077
LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
nonce=${quote(place.nonce)}
runs=${quote(place.runsDir)}
volatile=${quote(place.volatileDir)}
say() { printf '@@%s %s\\n' "$nonce" "$1" || exit 1; }
`;
}

export function runHead(place: RunPlace): string {
  return `${scriptHead(place)}id=${quote(place.executionId)}
dir=$runs/$id
`;
}

export interface UploadScript extends RunPlace {
  /** Of the script that comes over standard input. */
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface LaunchScript extends UploadScript {
  /** How long to wait for the wrapper's claim before the start is given up. */
  readonly startTimeoutSeconds: number;
}

/** Uploads from standard input and checks; may be repeated and run twice at once. Ends at once where the run has begun already. */
export function uploadPart(place: UploadScript): string {
  return `size=${place.sizeBytes}
sum=${quote(place.sha256)}
made=
tidy() {
  rm -f "$dir/cmd.$nonce" "$dir/run.$nonce" "$dir/status.$nonce" "$dir/exit.$nonce"
  # What another launch has started in it is no longer ours to remove.
  [ -z "$made" ] || [ -e "$dir/status.json" ] || { rm -f "$dir/cmd.sh" "$dir/run.sh" "$dir/output" "$dir/progress" "$dir/exit.new"; rmdir "$dir"; }
} 2>/dev/null
fail() { tidy; say "failed $1"; exit 0; }
# Renamed first: a directory that is half removed must never look like one that was not started yet.
discard() {
  mv "$dir" "$runs/.gone-$nonce" || return 1
  rm -f "$runs/.gone-$nonce/cmd.sh"
  rm -rf "$runs/.gone-$nonce"
}
report() {
  load_status || fail start
  [ "$how" != revoked ] || fail start
  rm -f "$dir/cmd.$nonce" "$dir/run.$nonce"
  say "launched $1 \${how:-unknown} \${boot:-unknown}"
  exit 0
}
# A file that is not there as we left it: another launch may have started the run, which may even have ended since.
missed() {
  if load_status && [ "$how" != revoked ]; then report earlier; fi
  fail upload
}
mkdir -p "$runs" || fail directory
[ ! -h "$runs" ] && [ -O "$runs" ] || fail unsafe
chmod 700 "$runs" || fail directory
if [ -h "$dir" ]; then fail unsafe; fi
if load_status; then
  if [ "$how" = revoked ]; then discard || fail directory
  else head -c "$size" >/dev/null; report earlier; fi
fi
if [ -d "$dir" ]; then :; elif mkdir "$dir"; then made=1; else [ -d "$dir" ] || fail directory; fi
is_run || fail unsafe
head -c "$size" >"$dir/cmd.$nonce" || missed
got=$(sha256sum <"$dir/cmd.$nonce") || missed
[ "\${got%% *}" = "$sum" ] || fail truncated
printf '%s' ${quote(wrapperScript)} | cat >"$dir/run.$nonce" || missed
got=$(sha256sum <"$dir/run.$nonce") || missed
# Blocks for what is written after the start, while a full disk can still be reported as one.
printf '%-511s\\n' '' | cat >"$dir/status.$nonce" || missed
[ -s "$dir/status.$nonce" ] || missed
# Linked whole: two launches at once must not find each other's file just emptied.
printf '%-15s\\n' '' | cat >"$dir/exit.$nonce" || missed
[ -s "$dir/exit.$nonce" ] || missed
ln "$dir/exit.$nonce" "$dir/exit.new" 2>/dev/null
rm -f "$dir/exit.$nonce"
[ -s "$dir/exit.new" ] || missed
: >>"$dir/output" || missed
: >>"$dir/progress" || missed
mv -f "$dir/cmd.$nonce" "$dir/cmd.sh" || missed
mv -f "$dir/run.$nonce" "$dir/run.sh" || missed
`;
}

/**
 * Uploads from standard input, checks, starts. May be repeated and run twice at once: the wrapper's claim decides.
 * A start that nobody claimed in time is revoked by taking the claim, so that `failed` means: it never ran and never will.
 */
export function launchScript(place: LaunchScript): string {
  return `${runHead(place)}${judging}${uploadPart(place)}claimed() {
  tries=0
  while [ "$tries" -lt "$1" ]; do
    [ ! -e "$dir/status.json" ] || return 0
    [ -d "$dir" ] || return 1
    tries=$((tries + 1))
    sleep 0.1 2>/dev/null || sleep 1
  done
  [ -e "$dir/status.json" ]
}
if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null; then
  if timeout 20 systemd-run --quiet --collect --unit="homeport-$id" --description="Homeport run $id" \\
    -p KillMode=process -p TimeoutStopSec=900 \\
    /bin/sh "$dir/run.sh" systemd "$nonce" "$volatile" </dev/null >/dev/null; then
    ! claimed 50 || report new
  fi
  # Another launch may have won the unit's name.
  ! claimed 10 || report new
fi
setsid /bin/sh "$dir/run.sh" setsid "$nonce" "$volatile" </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
! claimed ${place.startTimeoutSeconds * 10} || report new
printf '%s\\n' '{"boot_id":"","pid":0,"how":"revoked"}' 1<>"$dir/status.revoked.$nonce"
ln "$dir/status.revoked.$nonce" "$dir/status.json" 2>/dev/null || { [ ! -e "$dir/status.json" ] || report new; }
discard
say 'failed start'
`;
}

/** Says once how a run stands: `absent`, `pending` (uploaded, nobody claimed it yet), `alive` or `end ...`. */
export function inspectScript(place: RunPlace): string {
  return `${runHead(place)}${judging}
is_run || { say absent; exit 0; }
load_status || { say pending; exit 0; }
if ! read_exit; then
  if run_alive; then say alive; exit 0; fi
  read_exit
fi
size=0
is_plain "$dir/output" && size=$(stat -c %s "$dir/output")
say_end "$size"
`;
}

/** Sends one regular file of the run directory, or `absent`, or `large SIZE` above the limit. `name` is validated by the caller. */
export function readFileScript(place: RunPlace, name: string, maxBytes: number): string {
  return `${runHead(place)}${judging}
file=$dir/${quote(name)}
is_run && is_plain "$file" || { say absent; exit 0; }
size=$(stat -c %s "$file") || exit 1
[ "$size" -le ${maxBytes} ] || { say "large $size"; exit 0; }
say "file 0 $size"
head -c "$size" "$file" || exit 1
printf '\\n@@%s ok\\n' "$nonce"
say 'done'
`;
}

/** Ends a run where that is safe: `signalled`, `refused` (dpkg is at work), `ended` or `absent`. */
export function cancelScript(place: RunPlace): string {
  return `${runHead(place)}${judging}${stopping}
trap '' HUP PIPE TERM
is_run && load_status || { say absent; exit 0; }
stop_run
say "$verdict"
`;
}

/** Removes the directory of a run that does not live; with `andParent` also the folder of the runs when that was the last. */
export function removeScript(place: RunPlace, andParent = false): string {
  return `${runHead(place)}${judging}
is_run || { say absent; exit 0; }
if load_status && ! read_exit && run_alive; then say busy; exit 0; fi
mv "$dir" "$runs/.gone-$nonce" || { say failed; exit 0; }
rm -rf "$runs/.gone-$nonce" || { say failed; exit 0; }
rm -f "$volatile/$id.exit"
${andParent ? 'rmdir "$runs" 2>/dev/null\n' : ''}say removed
`;
}

/** Removes the directories of runs that ended, or were never started, so many seconds ago; at most 500 a time. */
export function sweepScript(place: ScriptPlace, olderThanSeconds: number): string {
  return `${scriptHead(place)}${judging}
[ -d "$runs" ] && [ ! -h "$runs" ] && [ -O "$runs" ] || { say 'done'; exit 0; }
now=$(date +%s) || exit 1
swept=0
for dir in "$runs"/.gone-*; do
  [ -d "$dir" ] && [ ! -h "$dir" ] && rm -rf "$dir"
done
for dir in "$runs"/????????-????-????-????-????????????; do
  id=\${dir##*/}
  case $id in *[!0-9a-f-]*) continue ;; esac
  is_run || continue
  # Handed over as a timer that may still come.
  if is_plain "$dir/armed"; then
    expiry=
    { read -r _ expiry _ <"$dir/armed"; } 2>/dev/null
    case $expiry in '' | *[!0-9]*) ;; *) [ "$now" -gt "$expiry" ] || continue ;; esac
  fi
  minimum=${olderThanSeconds}
  if load_status; then
    if ! read_exit && run_alive; then continue; fi
  elif [ "$minimum" -lt 600 ]; then
    # Perhaps being launched at this moment.
    minimum=600
  fi
  newest=0
  for file in "$dir" "$dir/output" "$dir/exit"; do
    time=$(stat -c %Y "$file" 2>/dev/null) || continue
    [ "$time" -le "$newest" ] || newest=$time
  done
  [ $((now - newest)) -ge "$minimum" ] || continue
  mv "$dir" "$runs/.gone-$nonce-$swept" && rm -rf "$runs/.gone-$nonce-$swept" || continue
  rm -f "$volatile/$id.exit"
  say "swept $id"
  swept=$((swept + 1))
  [ "$swept" -lt 500 ] || break
done
say 'done'
`;
}
