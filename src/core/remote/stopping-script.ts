/**
 * `stop_run` ends a run unless dpkg is at work, or was at work in the present phase: between two calls of dpkg apt has
 * packages unpacked that are not configured, and its last status line still begins with `pm`. Sets verdict to `signalled`,
 * `refused` or `ended`. Needs the judging functions, and a run whose status was loaded.
 *
 * The group is stopped while it is examined, so that dpkg cannot begin between the look and the signal; a detached
 * `kill -CONT` makes sure that it never stays stopped. dpkg runs in a session of its own (apt's pty): it is found
 * by parentage, or as an orphan.
 */
export const stopping = `tree() {
  family=" $pid "
  before=
  while [ "$before" != "$family" ]; do
    before=$family
    for stat in /proc/[0-9]*/stat; do
      { IFS= read -r stat <"$stat"; } 2>/dev/null || continue
      child=\${stat%% *}
      name=\${stat#*(}
      name=\${name%)*}
      # shellcheck disable=SC2086
      set -- \${stat##*) }
      case $1 in [ZX]) continue ;; esac
      case $name in
        dpkg | dpkg-*) [ "$2" -ne 1 ] || return 0 ;;
      esac
      case $family in
        *" $child "*) ;;
        *" $2 "*)
          family="$family$child "
          case $name in
            dpkg | dpkg-*) return 0 ;;
            # Forked by apt into a session of its own and not yet become dpkg.
            apt | apt-get) [ "$4" = "$pid" ] || return 0 ;;
          esac
          ;;
      esac
    done
  done
  return 1
}
unpacking() {
  last=$(tail -n 1 "$dir/progress" 2>/dev/null)
  case $last in pm*) return 0 ;; esac
  return 1
}
stop_run() {
  verdict=ended
  if read_exit || ! run_alive; then return; fi
  setsid sh -c 'sleep 3; kill -s CONT -- "-$1"' sh "$pid" </dev/null >/dev/null 2>&1 &
  kill -s STOP -- "-$pid"
  if tree || unpacking; then
    kill -s CONT -- "-$pid"
    verdict=refused
    return
  fi
  kill -s TERM -- "-$pid"
  kill -s CONT -- "-$pid"
  tries=0
  while [ "$tries" -lt 30 ] && ! read_exit && run_alive; do
    tries=$((tries + 1))
    sleep 0.1 2>/dev/null || sleep 1
  done
  if ! read_exit && run_alive && ! tree && ! unpacking; then kill -s INT -- "-$pid"; fi
  verdict=signalled
}
`;
