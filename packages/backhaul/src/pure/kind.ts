/**
 * What kind of thing an uplink is: told from what the driver states, the interface's name last of all.
 * `kindSource` says from what, so that a wrong guess can be seen and named to us.
 */
import type { DeviceFacts, LinkFacts } from "@ropewalk/host/facts";
import type { UplinkKind } from "../status.ts";

export interface ToldKind {
  readonly kind: UplinkKind;
  readonly kindSource: string;
}

/** Values of ARPHRD_* in linux/if_arp.h. */
const hardware = { ethernet: 1, ppp: 512, rawIp: 519 } as const;

/** Modems of which the driver is proof. Sources: drivers/net/usb, drivers/net/wwan and drivers/net/mhi_net.c of Linux 6.12. */
const modemDrivers: ReadonlySet<string> = new Set([
  ...["qmi_wwan", "qmi_wwan_q", "cdc_mbim", "huawei_cdc_ncm", "sierra_net", "hso", "lg-vl600", "kalmia"],
  ...["mhi_net", "mhi_wwan_mbim", "iosm", "mtk_t7xx", "qcom_bam_dmux"],
]);

/** A phone's own protocols: RNDIS is Windows' and Android's (drivers/net/usb/rndis_host.c), ipheth the iPhone's. */
const phoneDrivers: ReadonlySet<string> = new Set(["rndis_host", "ipheth"]);

/** Classes of the USB CDC specification that adapters, phones and modems all use. */
const sharedUsbDrivers: ReadonlySet<string> = new Set(["cdc_ether", "cdc_ncm", "cdc_eem", "cdc_subset"]);

/** IFLA_INFO_KIND of links that drivers/net/wwan and drivers/net/ethernet/qualcomm/rmnet put on a modem. */
const modemLinkKinds: ReadonlySet<string> = new Set(["wwan", "rmnet"]);

/** Without a device nothing but link and name can tell. */
export function kindOf(link: LinkFacts, device: DeviceFacts | undefined): ToldKind {
  return (
    kindByDevType(link, device) ??
    kindByDriver(link, device) ??
    kindByLink(link, device) ??
    kindByName(link.name) ?? { kind: "unknown", kindSource: `hardware type ${link.hardwareType}, no driver known` }
  );
}

function kindByDevType(link: LinkFacts, device: DeviceFacts | undefined): ToldKind | undefined {
  switch (device?.devType ?? "") {
    case "wlan":
      return { kind: "wifi", kindSource: "DEVTYPE wlan" };
    case "wwan":
      return { kind: "lte", kindSource: "DEVTYPE wwan" };
    case "bluetooth":
      // 6LoWPAN over Bluetooth has the same DEVTYPE (net/bluetooth/6lowpan.c) and is not Ethernet.
      if (link.hardwareType === hardware.ethernet) return { kind: "bluetooth-pan", kindSource: "DEVTYPE bluetooth" };
      break;
    case "gadget":
      // drivers/usb/gadget/function/u_ether.c: here this machine is the device, and the host at the cable is the way out.
      return { kind: "usb-tether", kindSource: "DEVTYPE gadget" };
  }
  return device?.isWireless === true ? { kind: "wifi", kindSource: "wireless device" } : undefined;
}

function kindByDriver(link: LinkFacts, device: DeviceFacts | undefined): ToldKind | undefined {
  const driver = device?.driver;
  if (driver === undefined || device?.isVirtual === true) return undefined;
  if (modemDrivers.has(driver)) return { kind: "lte", kindSource: `driver ${driver}` };
  if (phoneDrivers.has(driver)) return { kind: "usb-tether", kindSource: `driver ${driver}` };
  if (link.hardwareType !== hardware.ethernet) return undefined;
  if (sharedUsbDrivers.has(driver)) return kindByAddress(link, driver);
  return { kind: "ethernet", kindSource: `driver ${driver}` };
}

/**
 * The rule by which the kernel itself names these "usb%d" or "eth%d" (usbnet_probe in drivers/net/usb/usbnet.c): a phone
 * makes up a locally administered address, an adapter carries one of its maker. A modem that poses as an adapter
 * (Huawei's HiLink) looks like an adapter.
 */
function kindByAddress(link: LinkFacts, driver: string): ToldKind {
  const mac = link.permanentMac ?? link.mac;
  const isLocal = mac === undefined || (Number.parseInt(mac.slice(0, 2), 16) & 0x02) !== 0;
  return isLocal
    ? { kind: "usb-tether", kindSource: `driver ${driver} with a locally administered address` }
    : { kind: "ethernet", kindSource: `driver ${driver} with its maker's address` };
}

function kindByLink(link: LinkFacts, device: DeviceFacts | undefined): ToldKind | undefined {
  if (link.hardwareType === hardware.rawIp) return { kind: "lte", kindSource: "raw IP link" };
  // PPP runs over a modem or over a DSL line, and no fact of the kernel tells which: its name decides.
  if (link.hardwareType === hardware.ppp) return undefined;
  if (link.virtualKind !== undefined) {
    return {
      kind: modemLinkKinds.has(link.virtualKind) ? "lte" : "virtual",
      kindSource: `link kind ${link.virtualKind}`,
    };
  }
  return device?.isVirtual === true ? { kind: "virtual", kindSource: "no hardware behind it" } : undefined;
}

/**
 * Names of udev's and the kernel's schemes. "enx…" is not among them: systemd names every USB network device so, adapters
 * and phones alike (systemd.net-naming-scheme(7)).
 */
const namePatterns: readonly (readonly [RegExp, UplinkKind])[] = [
  [/^(eth|eno|enp|ens|end)\d/, "ethernet"],
  [/^(wlan|wlp|wlo|wls)\d/, "wifi"],
  [/^(wwan|wwp|ppp)\d/, "lte"],
  [/^usb\d/, "usb-tether"],
  [/^bnep\d/, "bluetooth-pan"],
];

function kindByName(name: string): ToldKind | undefined {
  const kind = namePatterns.find(([pattern]) => pattern.test(name))?.[1];
  return kind === undefined ? undefined : { kind, kindSource: `name ${name}` };
}
