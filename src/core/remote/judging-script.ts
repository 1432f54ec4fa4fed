/**
 * Functions that judge a run. None forks in the common case: the follower calls them several times a second.
 * - load_status: reads status.json into pid, ticks, boot, how; fails when the run was never claimed.
 * - run_alive: a process of the run lives. The pid alone proves nothing (pids are reused), so its start time in clock
 *   ticks (proc(5), field 22) must be the recorded one. When only the wrapper was killed, the rest of its process group
 *   still counts: apt may be at work there.
 * - read_exit: reads the exit code into code; fails when there is none.
 */
export const judging = `this_boot=
{ IFS= read -r this_boot </proc/sys/kernel/random/boot_id; } 2>/dev/null
load_status() {
  pid='' ticks='' boot='' how='' json=''
  [ -e "$dir/status.json" ] || return 1
  { IFS= read -r json <"$dir/status.json"; } 2>/dev/null
  case $json in *'"boot_id":"'*) boot=\${json#*\\"boot_id\\":\\"} boot=\${boot%%\\"*} ;; esac
  case $json in *'"how":"'*) how=\${json#*\\"how\\":\\"} how=\${how%%\\"*} ;; esac
  case $json in *'"pid":'*) pid=\${json#*\\"pid\\":} pid=\${pid%%[!0-9]*} ;; esac
  case $json in *'"start_ticks":'*) ticks=\${json#*\\"start_ticks\\":} ticks=\${ticks%%[!0-9]*} ;; esac
  return 0
}
run_alive() {
  [ -n "$pid" ] && [ "$pid" -gt 1 ] && [ "$boot" = "$this_boot" ] || return 1
  if { IFS= read -r stat <"/proc/$pid/stat"; } 2>/dev/null; then
    # shellcheck disable=SC2086
    set -- \${stat##*) }
    [ "\${20}" = "$ticks" ] || return 1
    case $1 in [ZX]) ;; *) return 0 ;; esac
  fi
  for stat in /proc/[0-9]*/stat; do
    { IFS= read -r stat <"$stat"; } 2>/dev/null || continue
    # shellcheck disable=SC2086
    set -- \${stat##*) }
    [ "$3" = "$pid" ] || continue
    case $1 in [ZX]) ;; *) return 0 ;; esac
  done
  return 1
}
read_exit() {
  code=
  for exit_file in "$dir/exit" "$volatile/$id.exit"; do
    [ -f "$exit_file" ] && [ ! -h "$exit_file" ] || continue
    { read -r code <"$exit_file"; } 2>/dev/null
    case $code in [0-9] | [0-9][0-9] | [0-9][0-9][0-9]) return 0 ;; esac
  done
  code=
  return 1
}
is_run() { [ -d "$dir" ] && [ ! -h "$dir" ] && [ -O "$dir" ]; }
is_plain() { [ -f "$1" ] && [ ! -h "$1" ]; }
# How it ended and what the first BYTES bytes of output are: the exit code first, then whether the machine is still in the same boot.
say_end() {
  sum=$(head -c "$1" "$dir/output" 2>/dev/null | sha256sum)
  sum=\${sum%% *}
  if [ -n "$code" ]; then say "end exited $code $1 $sum"
  elif [ "$boot" != "$this_boot" ]; then say "end rebooted $1 $sum"
  else say "end interrupted $1 $sum"; fi
}
`;
