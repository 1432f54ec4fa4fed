#!/bin/sh
# build-layer.sh BASE WORK: makes WORK/upper, the difference between the base and a host with its package set.
# WORK/stage is copied over the root, WORK/debs/*.deb are installed, WORK/prepare.sh runs last. Runs in its own mount namespace.
set -eu
base=$1
work=$2
umask 022
chmod -R u=rwX,go=rX "$work/stage"
mkdir -p "$work/upper" "$work/overlay" "$work/root"
chmod 755 "$work/upper"
mount -t overlay -o "lowerdir=$base,upperdir=$work/upper,workdir=$work/overlay" testbed-layer "$work/root"
cp -R "$work/stage/." "$work/root/"
mkdir "$work/root/.debs"
mount --bind "$work/debs" "$work/root/.debs"
# shellcheck disable=SC2016 # expanded by the shell inside
chroot "$work/root" /bin/sh -c 'export LC_ALL=C DEBIAN_FRONTEND=noninteractive
    set -e
    set -- /.debs/*.deb
    [ ! -e "$1" ] || dpkg -i "$@" > /dev/null
    : > /var/log/dpkg.log' < /dev/null
chroot "$work/root" /bin/sh -e < "$work/prepare.sh"
umount "$work/root/.debs"
rmdir "$work/root/.debs"
umount "$work/root"
