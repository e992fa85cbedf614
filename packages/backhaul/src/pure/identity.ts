/**
 * The name that an uplink keeps for as long as its hardware stays: its device's place on the bus, else its permanent
 * MAC address, else its current one, else its interface's name. Addresses and renames never change it.
 */
import type { DeviceFacts, LinkFacts } from "@ropewalk/host/facts";
import type { UplinkId } from "@ropewalk/kernel/connectivity";

/** An id before it is told apart from others that are equal: "pci-0000:00:1f.6", "usb-1-1.2", "mac-02:00:00:00:00:01". */
export type IdentityBase = string;

const pciAddress = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;
/** Bus and ports, "1-1.2", perhaps with configuration and interface behind: "1-1.2:1.0". */
const usbPort = /^(\d+-\d+(?:\.\d+)*)(?::\d+\.\d+)?$/;

export function identityBase(link: LinkFacts, device: DeviceFacts | undefined): IdentityBase {
  const place = device === undefined ? undefined : placeOf(device);
  if (place !== undefined) return printable(place);
  const mac = link.permanentMac ?? link.mac;
  return printable(mac === undefined ? `name-${link.name}` : `mac-${mac}`);
}

/** The deepest place on a bus that a cable or slot gives; undefined for what has no hardware. */
export function placeOf(device: DeviceFacts): string | undefined {
  if (device.isVirtual) return undefined;
  const segments = device.devicePath.split("/").filter((segment) => segment !== "");
  const end = segments.indexOf("net");
  const path = end === -1 ? segments : segments.slice(0, end);
  for (const segment of path.toReversed()) {
    if (pciAddress.test(segment)) return `pci-${segment}`;
    const port = usbPort.exec(segment)?.[1];
    if (port !== undefined) return `usb-${port}`;
  }
  // "virtio3" counts in the order of probing; what it sits on stays.
  const last = path.findLast((segment) => !/^virtio\d+$/.test(segment));
  return last === undefined ? undefined : `device-${last}`;
}

/** `base` itself, or with the interface's name behind "@" (which no base contains) when another uplink has it. */
export function distinctId(base: IdentityBase, name: string, isTaken: (id: UplinkId) => boolean): UplinkId {
  if (!isTaken(base as UplinkId)) return base as UplinkId;
  const named = `${base}@${printable(name)}`;
  let id = named as UplinkId;
  for (let count = 2; isTaken(id); count += 1) id = `${named}~${count}` as UplinkId;
  return id;
}

/** The base that `distinctId` was given for `id`. */
export function baseOf(id: UplinkId): IdentityBase {
  return id.split("@", 1)[0] ?? id;
}

/**
 * True when both links, of one ifindex at two times, are the same interface. One fact may change at a time (a rename, a
 * new MAC address); name and MAC changed at once are another interface that got the number.
 */
export function isSameInterface(before: LinkFacts, after: LinkFacts): boolean {
  return (
    before.permanentMac === after.permanentMac &&
    before.hardwareType === after.hardwareType &&
    before.virtualKind === after.virtualKind &&
    (before.mac === after.mac || before.name === after.name)
  );
}

/** The kernel lets a name hold any byte but "/", ":" and white space (dev_valid_name in net/core/dev.c); an id holds plain ones. */
function printable(text: string): string {
  return text.replace(/[^A-Za-z0-9._:-]/g, "_");
}
