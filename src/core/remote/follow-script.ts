import { frameBytes } from './frame-bytes.ts';
import { judging } from './judging-script.ts';
import { runHead, type RunPlace } from './scripts.ts';

export interface FollowScript extends RunPlace {
  readonly outputOffset: number;
  readonly progressOffset: number;
  /** Heartbeats after which the loop ends by itself, should nobody have told it that the link is gone. */
  readonly maxHeartbeats: number;
}

/** Waits for the wrapper's claim: a launch may be at work at this moment. Says `absent` and ends where there is none. */
export const awaitClaim = `waited=0
until load_status; do
  is_run && [ "$waited" -lt 40 ] || { say absent; exit 0; }
  waited=$((waited + 1))
  sleep 0.25 2>/dev/null || sleep 1
done
`;

/**
 * Sends what lies beyond output_at and progress_at until the run has ended and everything was sent.
 *
 * An idle turn costs one process, the sleep: whether the files grew is read from the positions of the wrapper's own
 * descriptors (proc(5), fdinfo; a write with O_APPEND sets the position to the end), and stat(1) only confirms it now and then.
 * Bytes are read by dd from a descriptor that keeps its position: one read(2) of exactly the announced length.
 * The sizes are taken after the run was seen to have ended, once, so that a daemon that inherited the output cannot keep us here.
 */
export const sendingLoop = `is_run && is_plain "$dir/output" && is_plain "$dir/progress" || { say absent; exit 0; }
exec 5<"$dir/output" 6<"$dir/progress"
dd bs=1 skip="$output_at" count=0 <&5 2>/dev/null
dd bs=1 skip="$progress_at" count=0 <&6 2>/dev/null
send() {
  length=$(($3 - $2))
  [ "$length" -le ${frameBytes} ] || length=${frameBytes}
  say "$1 $2 $length"
  if [ "$1" = output ]; then dd bs="$length" count=1 <&5 2>/dev/null || exit 1
  else dd bs="$length" count=1 <&6 2>/dev/null || exit 1; fi
  printf '\\n@@%s ok\\n' "$nonce" || exit 1
}
grown() {
  position=
  { read -r _ position <"/proc/$pid/fdinfo/1"; } 2>/dev/null
  [ -n "$position" ] && [ "$position" -le "$output_at" ] || return 0
  { read -r _ position <"/proc/$pid/fdinfo/3"; } 2>/dev/null
  [ "\${position:-0}" -gt "$progress_at" ]
}
ended='' final='' quiet=0 silent=0 beats=0 output_size=0 progress_size=0
while :; do
  if [ -z "$ended" ]; then
    if read_exit; then ended=1
    elif ! run_alive; then ended=1; read_exit; fi
  fi
  if [ -z "$final" ] && { [ -n "$ended" ] || [ $((quiet % 16)) -eq 0 ] || grown; }; then
    # shellcheck disable=SC2046
    set -- $(stat -c %s "$dir/output" "$dir/progress")
    [ $# -eq 2 ] || exit 1
    output_size=$1 progress_size=$2 final=$ended
  fi
  sent=
  if [ "$progress_size" -gt "$progress_at" ]; then
    send progress "$progress_at" "$progress_size"
    progress_at=$((progress_at + length)) sent=1
  fi
  if [ "$output_size" -gt "$output_at" ]; then
    send output "$output_at" "$output_size"
    output_at=$((output_at + length)) sent=1
  fi
  if [ -n "$sent" ]; then
    quiet=0 silent=0
  elif [ -n "$final" ]; then
    say_end "$output_size"
    exit 0
  else
    [ "$output_size" -ge "$output_at" ] || { say "short $output_size"; exit 0; }
    # Four turns a second; two when nothing came for ten seconds.
    if [ "$quiet" -lt 40 ]; then
      sleep 0.25 2>/dev/null || sleep 1
      silent=$((silent + 1))
    else
      sleep 0.5 2>/dev/null || sleep 1
      silent=$((silent + 2))
    fi
    quiet=$((quiet + 1))
    if [ "$silent" -ge 12 ]; then
      silent=0 beats=$((beats + 1))
      say alive
      [ "$beats" -lt "$max_beats" ] || { say again; exit 0; }
    fi
  fi
done
`;

/** Follows a run that was launched before. */
export function followScript(place: FollowScript): string {
  return `${runHead(place)}${judging}output_at=${place.outputOffset}
progress_at=${place.progressOffset}
max_beats=${place.maxHeartbeats}
say hello
${awaitClaim}${sendingLoop}`;
}
