/**
 * Sysfs as real devices show it, made as small trees: each with where its shape is documented. The kernel names below
 * are files of Linux 6.12.
 */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

export interface DeviceTree {
  readonly interfaceName: string;
  /** Where the device is below /sys/devices; the network interface is in its net/ folder. */
  readonly device: string | undefined;
  readonly driver: string | undefined;
  readonly bus: string | undefined;
  readonly devType?: string;
  readonly isWireless?: boolean;
  readonly speed?: string;
}

const usb = "pci0000:00/0000:00:14.0/usb1/1-2";

/** By driver. The DEVTYPE is what the driver gives to SET_NETDEV_DEVTYPE; usbnet sets "wlan" or "wwan" by FLAG_WLAN, FLAG_WWAN. */
export const deviceTrees: Readonly<Record<string, DeviceTree>> = {
  // drivers/net/ethernet/intel/e1000e/netdev.c: a PCI function, no DEVTYPE; speed by ABI/testing/sysfs-class-net.
  e1000e: {
    interfaceName: "eno1",
    device: "pci0000:00/0000:00:1f.6",
    driver: "e1000e",
    bus: "pci",
    speed: "1000",
  },
  // net/wireless/core.c, cfg80211_netdev_notifier_call: DEVTYPE wlan and the link phy80211, whatever the driver.
  iwlwifi: {
    interfaceName: "wlp2s0",
    device: "pci0000:00/0000:00:1c.0/0000:02:00.0",
    driver: "iwlwifi",
    bus: "pci",
    devType: "wlan",
    isWireless: true,
  },
  // drivers/net/usb/rndis_host.c: an Android phone that shares its connection; a USB interface, no DEVTYPE.
  rndis_host: { interfaceName: "usb0", device: `${usb}/1-2:1.0`, driver: "rndis_host", bus: "usb" },
  // drivers/net/usb/cdc_ether.c: FLAG_ETHER in cdc_info, no DEVTYPE.
  cdc_ether: { interfaceName: "enx0c5b8f279a64", device: `${usb}/1-2:2.0`, driver: "cdc_ether", bus: "usb" },
  // drivers/net/usb/cdc_ncm.c: cdc_ncm_info has FLAG_ETHER; wwan_info, for modems, has FLAG_WWAN.
  cdc_ncm: { interfaceName: "wwan1", device: `${usb}/1-2:3.0`, driver: "cdc_ncm", bus: "usb", devType: "wwan" },
  // drivers/net/usb/ipheth.c: an iPhone; no DEVTYPE.
  ipheth: { interfaceName: "eth1", device: `${usb}/1-2:4.2`, driver: "ipheth", bus: "usb" },
  // drivers/net/usb/qmi_wwan.c: FLAG_WWAN.
  qmi_wwan: { interfaceName: "wwan0", device: `${usb}/1-2:1.4`, driver: "qmi_wwan", bus: "usb", devType: "wwan" },
  // drivers/net/usb/cdc_mbim.c: FLAG_WWAN.
  cdc_mbim: { interfaceName: "wwp0s20u2", device: `${usb}/1-2:1.12`, driver: "cdc_mbim", bus: "usb", devType: "wwan" },
  // net/bluetooth/bnep/core.c: the parent is the connection (hci0:11), which has no driver; bnep_type is "bluetooth".
  bnep: {
    interfaceName: "bnep0",
    device: `${usb}/1-2:1.0/bluetooth/hci0/hci0:11`,
    driver: undefined,
    bus: "bluetooth",
    devType: "bluetooth",
  },
  // drivers/net/virtio_net.c: the parent is virtioN, whose own parent is the PCI function; speed is -1 without VIRTIO_NET_F_SPEED_DUPLEX.
  virtio_net: {
    interfaceName: "ens3",
    device: "pci0000:00/0000:00:03.0/virtio0",
    driver: "virtio_net",
    bus: "virtio",
    speed: "-1",
  },
  // drivers/net/veth.c: no parent, so below devices/virtual/net; speed of veth_get_link_ksettings is 10000.
  veth: { interfaceName: "veth0", device: undefined, driver: undefined, bus: undefined, speed: "10000" },
};

/** Makes the tree below `sysfs` as the kernel would. */
export function buildDeviceTree(sysfs: string, tree: DeviceTree): void {
  const place = tree.device === undefined ? "devices/virtual/net" : `devices/${tree.device}/net`;
  const folder = join(sysfs, place, tree.interfaceName);
  mkdirSync(folder, { recursive: true });
  const devType = tree.devType === undefined ? "" : `DEVTYPE=${tree.devType}\n`;
  writeFileSync(join(folder, "uevent"), `${devType}INTERFACE=${tree.interfaceName}\nIFINDEX=2\n`);
  if (tree.speed !== undefined) writeFileSync(join(folder, "speed"), `${tree.speed}\n`);
  if (tree.isWireless === true) link(sysfs, join(folder, "phy80211"), `devices/${tree.device}/ieee80211/phy0`);
  link(sysfs, join(sysfs, "class/net", tree.interfaceName), `${place}/${tree.interfaceName}`);
  if (tree.device === undefined) return;
  link(sysfs, join(folder, "device"), `devices/${tree.device}`);
  const device = join(sysfs, "devices", tree.device);
  if (tree.bus !== undefined) link(sysfs, join(device, "subsystem"), `bus/${tree.bus}`);
  if (tree.driver !== undefined) link(sysfs, join(device, "driver"), `bus/${tree.bus}/drivers/${tree.driver}`);
}

/** A relative link, as sysfs has them. */
function link(sysfs: string, from: string, to: string): void {
  const target = join(sysfs, to);
  mkdirSync(target, { recursive: true });
  mkdirSync(dirname(from), { recursive: true });
  symlinkSync(relative(dirname(from), target), from);
}
