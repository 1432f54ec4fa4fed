#!/bin/sh
# supervise.sh DIR: one host's power supply. Runs in the host's network namespace and a mount namespace of its own, as
# the leader of a session; when it ends, its mounts end with it. DIR/conf holds NAME, KIND, LOWER, ADDRESS, GATEWAY, CONTAINER.
set -eu
umask 022
dir=$1
bed=${dir%/hosts/*}
# shellcheck disable=SC1091 # written by the testbed
. "$dir/conf"
rm -f "$dir/ended"
trap 'echo $? > "$dir/ended"' EXIT

# A copy of another testbed's mount here would keep that testbed's memory after it is gone.
for other in /run/homeport-testbed/*; do
    [ "$other" = "$bed" ] || ! mountpoint -q "$other" || umount -l "$other"
done

# Where cgroups have no owner per host, two systemds would share one tree.
for tree in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do
    [ -w "$tree/cgroup.procs" ] || continue
    mkdir -p "$tree/homeport-testbed/${bed##*/}/$NAME"
    echo $$ > "$tree/homeport-testbed/${bed##*/}/$NAME/cgroup.procs"
done

ip link set lo up
ip link set eth0 up
ip address replace "$ADDRESS/24" dev eth0
ip route replace default via "$GATEWAY"
[ -z "$HIDE_FROM" ] || ip route replace blackhole "$HIDE_FROM"

chmod 755 "$dir/upper" "$dir/root"
mount -t overlay -o "lowerdir=$LOWER,upperdir=$dir/upper,workdir=$dir/work" "testbed-$NAME" "$dir/root"
if [ -e "$dir/setup.sh" ]; then
    chroot "$dir/root" /bin/sh -e < "$dir/setup.sh"
    rm "$dir/setup.sh"
fi

while :; do
    cat /proc/sys/kernel/random/uuid > "$dir/boot_id"
    code=0
    if [ "$KIND" = systemd ]; then
        systemd-nspawn --quiet --boot --register=no --keep-unit --console=pipe --directory="$dir/root" --machine="$NAME" \
            ${CONTAINER:+--setenv=container="$CONTAINER"} --network-namespace-path="$NETNS" --link-journal=no --resolv-conf=off --timezone=off \
            < /dev/null > "$dir/console" 2>&1 || code=$?
    else
        unshare --mount --pid --uts --ipc --fork --kill-child sh "$bed/shell/start-light.sh" "$dir" || code=$?
    fi
    # 133: systemctl reboot under nspawn, and the light init's own; 129: reboot(2) in a pid namespace ends init by SIGHUP.
    [ "$code" = 133 ] || [ "$code" = 129 ] || break
    [ ! -s "$dir/downtime" ] || sleep "$(cat "$dir/downtime")"
done
