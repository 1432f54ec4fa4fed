#!/bin/sh
# Runs in the fresh base by chroot: what every host of the suite shares and no package set changes.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

echo 'fr_FR.UTF-8 UTF-8' > /etc/locale.gen
locale-gen > /dev/null

# Host keys and the machine id belong to a host, not to its image.
rm -f /etc/ssh/ssh_host_*
: > /etc/machine-id
rm -f /var/lib/dbus/machine-id

useradd --create-home --uid 1000 --user-group --shell /bin/bash ops
passwd --lock root > /dev/null

# Nothing may run by itself in a test: no timers of apt, no console, no time synchronisation.
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer e2scrub_all.timer \
    console-getty.service getty.target systemd-timesyncd.service systemd-networkd.service \
    systemd-resolved.service systemd-firstboot.service ssh.socket; do
    ln -sf /dev/null "/etc/systemd/system/$unit"
done
ln -sf /lib/systemd/system/multi-user.target /etc/systemd/system/default.target

apt-get clean
rm -rf /var/lib/apt/lists/* /var/cache/debconf/*-old /var/lib/dpkg/*-old /usr/share/man/?? /usr/share/doc/*/changelog*
