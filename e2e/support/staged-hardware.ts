import type { TestbedHost } from '../testbed/index.ts';

/**
 * Hosts of the testbed have no sensors and no disks of their own. This puts a made-up server before a host's eyes: a tree in
 * place of /sys with a mirror of two disks of which one is missing, an NVMe disk, a network card and sensors, and a
 * `smartctl` that answers as smartmontools 7.3 does. The kernel's own files in /proc stay true.
 */
export async function stageHardware(host: TestbedHost): Promise<void> {
  const { code, stderr } = await host.run(script);
  if (code !== 0) throw new Error(`The hardware could not be staged on ${host.name}: ${stderr}`);
}

/** Takes the tree and the program away again. */
export async function unstageHardware(host: TestbedHost): Promise<void> {
  const { code, stderr } = await host.run('umount /sys && rm -f /usr/sbin/smartctl');
  if (code !== 0) throw new Error(`The hardware could not be removed from ${host.name}: ${stderr}`);
}

/** Of the staged machine, for comparison. */
export const staged = {
  serial: 'HP-SERIAL-42',
  product: 'PowerEdge T40',
  sdaBytes: 7_814_037_168 * 512,
  nvmeBytes: 1_953_525_168 * 512,
} as const;

const files: Readonly<Record<string, string>> = {
  'devices/pci0/ata1/block/sda/size': '7814037168',
  'devices/pci0/ata1/block/sda/removable': '0',
  'devices/pci0/ata1/block/sda/ro': '0',
  'devices/pci0/ata1/block/sda/queue/rotational': '1',
  'devices/pci0/ata1/block/sda/device/model': 'ST4000VN008-2DR1',
  'devices/pci0/ata1/block/sda/device/vendor': 'ATA',
  'devices/pci0/ata1/block/sda/sda1/partition': '1',
  'devices/pci0/ata1/block/sda/sda1/size': '7814035087',
  'devices/pci0/nvme/nvme0/nvme0n1/size': '1953525168',
  'devices/pci0/nvme/nvme0/nvme0n1/removable': '0',
  'devices/pci0/nvme/nvme0/nvme0n1/ro': '0',
  'devices/pci0/nvme/nvme0/nvme0n1/queue/rotational': '0',
  'devices/pci0/nvme/nvme0/nvme0n1/device/model': 'Samsung SSD 980 PRO 1TB',
  'devices/pci0/nvme/nvme0/nvme0n1/device/serial': 'S5P2NG0R500001',
  'devices/virtual/block/md0/size': '7813772288',
  'devices/virtual/block/md0/removable': '0',
  'devices/virtual/block/md0/ro': '0',
  'devices/virtual/block/md0/md/level': 'raid1',
  'devices/virtual/block/md0/md/degraded': '1',
  'devices/virtual/block/md0/md/array_state': 'clean',
  'devices/virtual/block/md0/slaves/sda1/size': '1',
  'devices/virtual/block/dm-0/size': '1953513472',
  'devices/virtual/block/dm-0/removable': '0',
  'devices/virtual/block/dm-0/ro': '0',
  'devices/virtual/block/dm-0/dm/name': 'pve-root',
  'devices/virtual/block/dm-0/slaves/nvme0n1/size': '1',
  'devices/virtual/block/loop0/size': '0',
  'devices/virtual/block/loop0/removable': '0',
  'class/net/eno1/address': '90:b1:1c:00:00:01',
  'class/net/eno1/type': '1',
  'class/net/eno1/mtu': '1500',
  'class/net/eno1/operstate': 'up',
  'class/net/eno1/speed': '1000',
  'class/net/eno1/uevent': 'INTERFACE=eno1',
  'class/net/eno1/device/uevent': 'DRIVER=igb',
  'class/net/lo/address': '00:00:00:00:00:00',
  'class/net/lo/type': '772',
  'class/net/lo/mtu': '65536',
  'class/net/lo/operstate': 'unknown',
  'class/net/lo/uevent': 'INTERFACE=lo',
  'class/net/vmbr0/address': '90:b1:1c:00:00:01',
  'class/net/vmbr0/type': '1',
  'class/net/vmbr0/mtu': '1500',
  'class/net/vmbr0/operstate': 'up',
  'class/net/vmbr0/bridge/stp_state': '0',
  'class/net/vmbr0/uevent': 'DEVTYPE=bridge',
  'class/hwmon/hwmon0/name': 'coretemp',
  'class/hwmon/hwmon0/temp1_input': '86000',
  'class/hwmon/hwmon0/temp1_label': 'Package id 0',
  'class/hwmon/hwmon0/temp1_max': '84000',
  'class/hwmon/hwmon0/temp1_crit': '100000',
  'class/hwmon/hwmon1/name': 'nvme',
  'class/hwmon/hwmon1/temp1_input': '41850',
  'class/hwmon/hwmon1/temp1_label': 'Composite',
  'class/hwmon/hwmon1/temp1_max': '81850',
  'class/hwmon/hwmon1/temp1_crit': '84850',
  'class/thermal/thermal_zone0/type': 'x86_pkg_temp',
  'class/thermal/thermal_zone0/temp': '86000',
  'class/dmi/id/sys_vendor': 'Dell Inc.',
  'class/dmi/id/product_name': staged.product,
  'class/dmi/id/board_vendor': 'Dell Inc.',
  'class/dmi/id/board_name': '0N8K4V',
  'class/dmi/id/bios_vendor': 'Dell Inc.',
  'class/dmi/id/bios_version': '1.14.1',
  'class/dmi/id/bios_date': '09/11/2025',
  'class/dmi/id/chassis_type': '3',
  'class/dmi/id/product_serial': staged.serial,
  'firmware/efi/fw_platform_size': '64',
  'bus/pci/devices/0000:00:02.0/class': '0x030000',
  'bus/pci/devices/0000:00:02.0/vendor': '0x8086',
  'bus/pci/devices/0000:00:02.0/device': '0x3e96',
};

/** What `smartctl --json=c` says of a failing disk, of a worn NVMe one, and of anything else. */
const sda = JSON.stringify({
  smartctl: { version: [7, 3], exit_status: 24 },
  model_name: 'ST4000VN008-2DR166',
  serial_number: 'ZGY00001',
  smart_status: { passed: false },
  ata_smart_attributes: {
    table: [
      { id: 5, name: 'Reallocated_Sector_Ct', raw: { value: 1208, string: '1208' } },
      { id: 197, name: 'Current_Pending_Sector', raw: { value: 16, string: '16' } },
      { id: 198, name: 'Offline_Uncorrectable', raw: { value: 16, string: '16' } },
    ],
  },
  power_on_time: { hours: 41_220 },
  temperature: { current: 39 },
});
const nvme = JSON.stringify({
  smartctl: { version: [7, 3], exit_status: 0 },
  model_name: 'Samsung SSD 980 PRO 1TB',
  serial_number: 'S5P2NG0R500001',
  smart_status: { passed: true, nvme: { value: 0 } },
  nvme_smart_health_information_log: {
    critical_warning: 0,
    temperature: 42,
    available_spare: 100,
    available_spare_threshold: 10,
    percentage_used: 93,
    power_on_hours: 20_034,
    media_errors: 0,
  },
  temperature: { current: 42 },
  power_on_time: { hours: 20_034 },
});
const smartctl = `#!/bin/sh
for last in "$@"; do :; done
case $last in
  /dev/sda) echo '${sda}'; exit 24 ;;
  /dev/nvme0n1) echo '${nvme}'; exit 0 ;;
  *) echo '{"smartctl":{"exit_status":1}}'; exit 1 ;;
esac
`;

const links: Readonly<Record<string, string>> = {
  'block/sda': '../devices/pci0/ata1/block/sda',
  'block/nvme0n1': '../devices/pci0/nvme/nvme0/nvme0n1',
  'block/md0': '../devices/virtual/block/md0',
  'block/dm-0': '../devices/virtual/block/dm-0',
  'block/loop0': '../devices/virtual/block/loop0',
  'class/net/eno1/device/driver': '/sys/bus/pci/drivers/igb',
  'bus/pci/devices/0000:00:02.0/driver': '/sys/bus/pci/drivers/i915',
};

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
const script = [
  'set -e',
  'mount -t tmpfs -o mode=755 staged /sys',
  'cd /sys',
  'mkdir -p bus/pci/drivers/igb bus/pci/drivers/i915 block',
  ...[...new Set(Object.keys({ ...files, ...links }).map(folderOf))].map((folder) => `mkdir -p '${folder}'`),
  ...Object.entries(files).map(([path, text]) => `echo '${text}' > '${path}'`),
  ...Object.entries(links).map(([path, to]) => `ln -sfn '${to}' '${path}'`),
  'chmod 400 class/dmi/id/product_serial',
  // Of a major number that no driver has: nothing can be read or written by them.
  'for disk in sda nvme0n1; do [ -b /dev/$disk ] || mknod /dev/$disk b 250 0; done',
  `cat > /usr/sbin/smartctl <<'END'\n${smartctl}END`,
  'chmod 755 /usr/sbin/smartctl',
].join('\n');
