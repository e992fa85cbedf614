/**
 * Kinds, told from real devices. Paths, drivers and DEVTYPEs are those that people posted of their machines, or those that
 * Linux' sources set; each case names its source. None of this hardware was seen live here.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { kindOf } from "@ropewalk/backhaul/pure/kind";
import type { UplinkKind } from "@ropewalk/backhaul/status";
import type { DeviceFacts, LinkFacts } from "@ropewalk/host/facts";
import { deviceFacts, linkFacts, mac } from "./facts-fixture.ts";

interface Case {
  readonly what: string;
  readonly source: string;
  readonly link: Partial<LinkFacts>;
  readonly device: Partial<DeviceFacts>;
  readonly kind: UplinkKind;
  readonly kindSource: string;
}

const usb = (path: string) => ({ devicePath: path, bus: "usb" }) as const;

const cases: readonly Case[] = [
  {
    what: "an Intel PCI Express card",
    source: "github.com/systemd/systemd/issues/28929",
    link: { name: "enp177s0f0" },
    device: {
      devicePath: "pci0000:ae/0000:ae:00.0/0000:af:00.0/0000:b0:02.0/0000:b1:00.0/net/enp177s0f0",
      driver: "i40e",
    },
    kind: "ethernet",
    kindSource: "driver i40e",
  },
  {
    what: "an Intel Wi-Fi card",
    source: "github.com/systemd/systemd/pull/8458",
    link: { name: "wlan0" },
    device: {
      devicePath: "pci0000:00/0000:00:1c.1/0000:02:00.0/net/wlan0",
      driver: "iwlwifi",
      devType: "wlan",
      isWireless: true,
    },
    kind: "wifi",
    kindSource: "DEVTYPE wlan",
  },
  {
    what: "a USB Wi-Fi stick whose driver sets no DEVTYPE",
    source: "github.com/pvaret/rtl8192cu-fixes/issues/23",
    link: { name: "enp0s29f7u2", mac: mac("28:c6:8e:f7:b1:e8") },
    device: {
      ...usb("pci0000:00/0000:00:1d.7/usb2/2-2/2-2:1.0/net/enp0s29f7u2"),
      driver: "rtl8192cu",
      isWireless: true,
    },
    kind: "wifi",
    kindSource: "wireless device",
  },
  {
    what: "a Fibocom LTE modem in MBIM mode",
    source: "github.com/systemd/systemd/issues/23288; wwan_type in drivers/net/usb/usbnet.c",
    link: { name: "wwan0" },
    device: { ...usb("pci0000:00/0000:00:14.0/usb3/3-2/3-2:1.0/net/wwan0"), driver: "cdc_mbim", devType: "wwan" },
    kind: "lte",
    kindSource: "DEVTYPE wwan",
  },
  {
    what: "a modem in raw IP mode, which has no link-layer address (ARPHRD_NONE)",
    source: "qmi_wwan_netdev_setup in drivers/net/usb/qmi_wwan.c",
    link: { name: "modem", hardwareType: 65534, mac: undefined, permanentMac: undefined },
    device: { ...usb("platform/xhci-hcd.0.auto/usb4/4-1/4-1:1.4/net/modem"), driver: "qmi_wwan" },
    kind: "lte",
    kindSource: "driver qmi_wwan",
  },
  {
    what: "a link that the kernel's WWAN core makes on a modem",
    source: "wwan_rtnl_link_ops in drivers/net/wwan/wwan_core.c",
    link: { name: "data0", virtualKind: "wwan", hardwareType: 65534 },
    device: { devicePath: "pci0000:00/0000:00:1c.0/0000:08:00.0/mhi0/wwan/wwan0/net/data0", driver: undefined },
    kind: "lte",
    kindSource: "link kind wwan",
  },
  {
    what: "a phone's RNDIS",
    source: "drivers/net/usb/rndis_host.c",
    link: { name: "enp16s0f3u3", mac: mac("66:64:4e:76:cd:f3") },
    device: { ...usb("pci0000:00/0000:00:08.1/0000:10:00.3/usb5/5-3/5-3:1.0/net/enp16s0f3u3"), driver: "rndis_host" },
    kind: "usb-tether",
    kindSource: "driver rndis_host",
  },
  {
    what: "an iPhone",
    source: "drivers/net/usb/ipheth.c",
    link: { name: "eth1" },
    device: { ...usb("pci0000:00/0000:00:14.0/usb1/1-1/1-1:4.2/net/eth1"), driver: "ipheth" },
    kind: "usb-tether",
    kindSource: "driver ipheth",
  },
  {
    what: "a 2.5 Gbit/s adapter that runs as CDC NCM",
    source: "github.com/bb-qq/r8152/issues/142",
    link: { name: "enx00e04c68001d", mac: mac("00:e0:4c:68:00:1d"), permanentMac: mac("00:e0:4c:68:00:1d") },
    device: { ...usb("pci0000:00/0000:00:1d.0/usb2/2-1/2-1.1/2-1.1:2.0/net/enx00e04c68001d"), driver: "cdc_ncm" },
    kind: "ethernet",
    kindSource: "driver cdc_ncm with its maker's address",
  },
  {
    what: "a phone that tethers by CDC NCM, with the address it made up",
    source: "usbnet_probe in drivers/net/usb/usbnet.c; Linux commit c1a3d4067309",
    link: { name: "usb0", mac: mac("8a:1f:00:11:22:33"), permanentMac: undefined },
    device: { ...usb("pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/net/usb0"), driver: "cdc_ncm" },
    kind: "usb-tether",
    kindSource: "driver cdc_ncm with a locally administered address",
  },
  {
    what: "a USB adapter with its maker's own driver, though systemd names it enx…",
    source: "drivers/net/usb/r8152.c",
    link: { name: "enx00e04c360012" },
    device: { ...usb("pci0000:00/0000:00:14.0/usb2/2-3/2-3:1.0/net/enx00e04c360012"), driver: "r8152" },
    kind: "ethernet",
    kindSource: "driver r8152",
  },
  {
    what: "a Bluetooth PAN",
    source: "bnep_type in net/bluetooth/bnep/core.c",
    link: { name: "enp1s0f0u5" },
    device: {
      ...usb("pci0000:00/0000:00:14.0/usb1/1-5/1-5:1.0/bluetooth/hci0/hci0:12/net/enp1s0f0u5"),
      driver: undefined,
      devType: "bluetooth",
    },
    kind: "bluetooth-pan",
    kindSource: "DEVTYPE bluetooth",
  },
  {
    what: "this machine as the gadget at another's USB port",
    source: "gadget_type in drivers/usb/gadget/function/u_ether.c",
    link: { name: "usb0", virtualKind: undefined },
    device: { devicePath: "platform/soc/20980000.usb/gadget.0/net/usb0", driver: "configfs-gadget", devType: "gadget" },
    kind: "usb-tether",
    kindSource: "DEVTYPE gadget",
  },
  {
    what: "a virtio card (seen live)",
    source: "Linux 6.18, Firecracker",
    link: { name: "eth0" },
    device: { devicePath: "pci0000:00/0000:00:03.0/virtio2/net/eth0", driver: "virtio_net", bus: "virtio" },
    kind: "ethernet",
    kindSource: "driver virtio_net",
  },
  {
    what: "a veth (seen live)",
    source: "Linux 6.18",
    link: { name: "eth0", virtualKind: "veth" },
    device: { devicePath: "virtual/net/eth0", isVirtual: true, driver: undefined, bus: undefined },
    kind: "virtual",
    kindSource: "link kind veth",
  },
];

for (const { what, source, link, device, kind, kindSource } of cases) {
  test(`${what} is ${kind} (${source})`, () => {
    assert.deepEqual(kindOf(linkFacts(link), deviceFacts(device)), { kind, kindSource });
  });
}

test("PPP is told by its name alone, because nothing says whether a modem or a DSL line is below", () => {
  const device = deviceFacts({ devicePath: "virtual/net/ppp0", isVirtual: true, driver: undefined, devType: "ppp" });
  assert.deepEqual(kindOf(linkFacts({ name: "ppp0", hardwareType: 512 }), device), {
    kind: "lte",
    kindSource: "name ppp0",
  });
  assert.equal(kindOf(linkFacts({ name: "pppoe-wan", hardwareType: 512 }), device).kind, "unknown");
});

test("without a device the name decides, and a name that says nothing leaves the kind unknown", () => {
  const kinds = ["eth0", "enp3s0", "wlan0", "wlp2s0", "wwan0", "usb0", "bnep0", "enx00e04c68001d", "uplink"];
  assert.deepEqual(
    kinds.map((name) => kindOf(linkFacts({ name }), undefined).kind),
    ["ethernet", "ethernet", "wifi", "wifi", "lte", "usb-tether", "bluetooth-pan", "unknown", "unknown"],
  );
});

test("6LoWPAN over Bluetooth is no Bluetooth tether, though its DEVTYPE is the same", () => {
  const device = deviceFacts({ devType: "bluetooth", driver: undefined, isVirtual: true });
  assert.notEqual(kindOf(linkFacts({ name: "bt0", hardwareType: 825 }), device).kind, "bluetooth-pan");
});
