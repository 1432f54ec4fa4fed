import { awaitClaim, sendingLoop } from './follow-script.ts';
import { judging } from './judging-script.ts';
import { quote } from './quote.ts';
import { runHead, type RunPlace } from './scripts.ts';
import { stopping } from './stopping-script.ts';
import { wrapperScript } from './wrapper-script.ts';

export interface AttachedScript extends RunPlace {
  /** The rendered script; it travels inside this one, which sh reads to its end before it runs any of it. */
  readonly script: string;
  readonly sha256: string;
}

/**
 * Starts a run as a child of this session and sends what it writes until it has ended. The same wrapper and the same files
 * as of a detached run: a client that stops reading must never hold dpkg up.
 *
 * When the session ends first, the hang-up (or the failing write) comes to on_end, which stops the run unless dpkg is at
 * work: cutting dpkg off half-way is the one thing that leaves a machine broken. A host that kills what a session
 * leaves does so all the same. The directory stays for the next contact, which says what became of the run.
 */
export function attachedScript(place: AttachedScript): string {
  return `${runHead(place)}${judging}${stopping}made=
say hello
fail() {
  [ -z "$made" ] || rm -rf "$dir"
  rmdir "$runs" 2>/dev/null
  say "failed $1"
  exit 0
}
mkdir -p "$runs" || fail directory
[ ! -h "$runs" ] && [ -O "$runs" ] || fail unsafe
chmod 700 "$runs" || fail directory
mkdir "$dir" || fail directory
made=1
printf '%s' ${quote(place.script)} | cat >"$dir/cmd.sh" || fail upload
got=$(sha256sum <"$dir/cmd.sh") || fail upload
[ "\${got%% *}" = ${quote(place.sha256)} ] || fail upload
printf '%s' ${quote(wrapperScript)} | cat >"$dir/run.sh" || fail upload
# Blocks for what is written after the start, while full memory can still be reported.
printf '%-511s\\n' '' | cat >"$dir/status.$nonce" || fail upload
printf '%-15s\\n' '' | cat >"$dir/exit.new" || fail upload
[ -s "$dir/run.sh" ] && [ -s "$dir/status.$nonce" ] && [ -s "$dir/exit.new" ] || fail upload
: >>"$dir/output" || fail upload
: >>"$dir/progress" || fail upload
on_end() {
  trap '' HUP INT TERM
  if load_status; then stop_run; : "$verdict"; fi
}
trap '' PIPE
trap on_end EXIT
trap 'exit 1' HUP INT TERM
# A process group of its own, to be signalled as one; it stays this session's child.
setsid /bin/sh "$dir/run.sh" attached "$nonce" "$volatile" </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
output_at=0
progress_at=0
# What only ends with the session never asks to be called again.
max_beats=2147483647
${awaitClaim}say "launched new attached $boot"
${sendingLoop}`;
}
