/**
 * Packages whose new version only takes effect after a restart of the machine: the kernel and its early user space, the C
 * library, the first process and the bus. Debian's own hooks ask for a reboot after these (`/usr/share/update-notifier`,
 * `needrestart`).
 */
const rebootNames =
  /^(linux-image-|linux-modules-|proxmox-kernel-|pve-kernel-|raspi-firmware$|raspberrypi-kernel|libc6$|systemd$|dbus$|dbus-daemon$|(intel|amd64)-microcode$)/;

/** Names in the plan that make a reboot likely; empty when none does. It is an expectation, never evidence. */
export function rebootSuspects(
  plan: readonly { readonly name: string; readonly operation: string }[],
): string[] {
  return plan
    .filter(
      (one) => (one.operation === 'upgrade' || one.operation === 'install') && rebootNames.test(one.name),
    )
    .map((one) => one.name)
    .sort();
}
