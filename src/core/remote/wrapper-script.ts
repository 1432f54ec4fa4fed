/**
 * What the detached unit runs: `sh run.sh HOW TOKEN` in the run directory. POSIX sh for dash, bash and BusyBox.
 *
 * - The claim is a hard link to status.json: link(2) fails when the name exists, so of any number of started wrappers
 *   exactly one goes on, and the claim never exists without its content.
 * - Everything that is written before and after the run has its blocks reserved by the launch and is written in place
 *   (`1<>`), so that a file system that fills up meanwhile cannot take the exit code away.
 * - TERM and INT have a handler that does nothing: children get the default action back, the wrapper lives to write the
 *   exit code. With KillMode=process this also makes systemd wait for a run when the host shuts down.
 * - umask 077 is for our files only; dpkg and its scripts get the usual 022.
 */
export const wrapperScript = `#!/bin/sh
umask 077
cd "\${0%/*}" || exit 1
how=$1
token=$2
id=\${PWD##*/}
volatile=$3
trap '' HUP PIPE
trap : TERM INT
exec </dev/null >>output 2>&1 3>>progress
boot=
{ IFS= read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null
stat=
{ IFS= read -r stat <"/proc/$$/stat"; } 2>/dev/null
# shellcheck disable=SC2086 # the fields of proc(5) stat after the command's name
set -- \${stat##*) }
started=$(date -u +%Y-%m-%dT%H:%M:%SZ 2>/dev/null)
json=$(printf '{"boot_id":"%s","pid":%s,"start_ticks":%s,"started_at":"%s","how":"%s"}' "$boot" "$$" "\${20:-0}" "$started" "$how")
printf '%-511s\\n' "$json" 2>/dev/null 1<>"status.$token" || exit 1
sync "status.$token" 2>/dev/null || :
ln "status.$token" status.json 2>/dev/null || exit 0
rm -f "status.$token"
umask 022
env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root USER=root LOGNAME=root SHELL=/bin/sh LC_ALL=C /bin/sh ./cmd.sh
code=$?
umask 077
sync output progress 2>/dev/null || :
line=$(printf '%-15s' "$code")
if { printf '%s\\n' "$line" 1<>exit.new; } 2>/dev/null && [ -s exit.new ]; then
  sync exit.new 2>/dev/null || :
  mv -f exit.new ./exit 2>/dev/null
fi
written=
{ read -r written <./exit; } 2>/dev/null
if [ "$written" != "$code" ]; then
  # The run directory cannot be written any more: the memory file system keeps the answer until the next boot.
  {
    mkdir -p "$volatile" &&
      printf '%s\\n' "$code" >"$volatile/$id.exit.new" &&
      mv -f "$volatile/$id.exit.new" "$volatile/$id.exit"
  } 2>/dev/null
fi
exit "$code"
`;
