/**
 * NetworkManager's objects as far as they matter here: its devices and their IP configurations, kept from what it sends
 * over D-Bus. Values of an unexpected type count as absent. Source: NetworkManager 1.42 D-Bus API,
 * introspection/org.freedesktop.NetworkManager.{Device,IP4Config,IP6Config}.xml.
 */
import { ipAddressFromBytes } from "@ropewalk/kernel/addresses";
import type { NetworkManagerFacts } from "../pure/resolver-facts.ts";
import { type LinkName, parseServers } from "./server-address.ts";

export const managerName = "org.freedesktop.NetworkManager";
export const deviceInterface = "org.freedesktop.NetworkManager.Device";
export const ip4ConfigInterface = "org.freedesktop.NetworkManager.IP4Config";
export const ip6ConfigInterface = "org.freedesktop.NetworkManager.IP6Config";

/** NM_METERED_*: whether a connection is paid by volume, as configured or as guessed. */
const meteredCode = { unknown: 0, yes: 1, no: 2, guessYes: 3, guessNo: 4 } as const;

interface Device {
  readonly interfaceName: string;
  /** The interface that carries IP when it is not the device's own, as for a modem; empty when there is none. */
  readonly ipInterface: string;
  readonly isManaged: boolean;
  readonly metered: number;
  readonly ip4Config: string;
  readonly ip6Config: string;
}

export interface NetworkManagerObjects {
  readonly devices: ReadonlyMap<string, Device>;
  /** DNS servers as text, by the path of their IP configuration. */
  readonly servers: ReadonlyMap<string, readonly string[]>;
}

/** More objects than any machine has; beyond it NetworkManager is not followed. */
const mostObjects = 8192;
const mostServers = 64;

const freshDevice: Device = {
  interfaceName: "",
  ipInterface: "",
  isManaged: false,
  metered: meteredCode.unknown,
  ip4Config: "",
  ip6Config: "",
};

/** From the reply to GetManagedObjects: path → interface → property → value. */
export function readManagedObjects(reply: unknown): NetworkManagerObjects {
  const found = { devices: new Map<string, Device>(), servers: new Map<string, readonly string[]>() };
  for (const [path, interfaces] of entriesOf(reply).slice(0, mostObjects)) takeInterfaces(found, path, interfaces);
  return found;
}

/** After InterfacesAdded, or PropertiesChanged given as one interface: what is not named stays as it was. */
export function withInterfaces(
  objects: NetworkManagerObjects,
  path: string,
  interfaces: unknown,
): NetworkManagerObjects {
  const changed = { devices: new Map(objects.devices), servers: new Map(objects.servers) };
  takeInterfaces(changed, path, interfaces);
  return changed.devices.size + changed.servers.size > mostObjects ? objects : changed;
}

/** After InterfacesRemoved. */
export function withoutInterfaces(objects: NetworkManagerObjects, path: string, names: unknown): NetworkManagerObjects {
  const removed = Array.isArray(names) ? names : [];
  const devices = new Map(objects.devices);
  const servers = new Map(objects.servers);
  if (removed.includes(deviceInterface)) devices.delete(path);
  if (removed.includes(ip4ConfigInterface) || removed.includes(ip6ConfigInterface)) servers.delete(path);
  return { devices, servers };
}

/** What NetworkManager says of the link. */
export function networkManagerFacts(objects: NetworkManagerObjects, link: LinkName): NetworkManagerFacts {
  const devices = [...objects.devices.values()];
  const device =
    devices.find(({ ipInterface }) => ipInterface === link.name) ??
    devices.find(({ ipInterface, interfaceName }) => ipInterface === "" && interfaceName === link.name);
  if (device === undefined || !device.isManaged) return { kind: "unmanaged" };
  const { metered, ip4Config, ip6Config } = device;
  const words = [...(objects.servers.get(ip4Config) ?? []), ...(objects.servers.get(ip6Config) ?? [])];
  const isYes = metered === meteredCode.yes || metered === meteredCode.guessYes;
  const isNo = metered === meteredCode.no || metered === meteredCode.guessNo;
  return {
    kind: "managed",
    servers: parseServers(words, link),
    metered: isYes ? true : isNo ? false : undefined,
    isMeteredGuess: metered === meteredCode.guessYes || metered === meteredCode.guessNo,
  };
}

function takeInterfaces(
  objects: { readonly devices: Map<string, Device>; readonly servers: Map<string, readonly string[]> },
  path: string,
  interfaces: unknown,
): void {
  for (const [name, properties] of entriesOf(interfaces)) {
    const values = new Map(entriesOf(properties));
    if (name === deviceInterface) {
      objects.devices.set(path, deviceOf(values, objects.devices.get(path) ?? freshDevice));
    } else if (name === ip4ConfigInterface && values.has("NameserverData")) {
      objects.servers.set(path, serversOf(values.get("NameserverData"), wordOfServerData));
    } else if (name === ip6ConfigInterface && values.has("Nameservers")) {
      objects.servers.set(path, serversOf(values.get("Nameservers"), wordOfOctets));
    }
  }
}

function deviceOf(values: ReadonlyMap<string, unknown>, before: Device): Device {
  const text = (name: string, otherwise: string) => stringOr(values.get(name), otherwise);
  const isManaged = values.get("Managed");
  const metered = values.get("Metered");
  return {
    interfaceName: text("Interface", before.interfaceName),
    ipInterface: text("IpInterface", before.ipInterface),
    isManaged: typeof isManaged === "boolean" ? isManaged : before.isManaged,
    metered: typeof metered === "number" ? metered : before.metered,
    ip4Config: text("Ip4Config", before.ip4Config),
    ip6Config: text("Ip6Config", before.ip6Config),
  };
}

function serversOf(list: unknown, wordOf: (item: unknown) => string | undefined): readonly string[] {
  const items: readonly unknown[] = Array.isArray(list) ? list.slice(0, mostServers) : [];
  return items.map(wordOf).filter((word) => word !== undefined);
}

/** An `a{sv}` with the key "address". */
function wordOfServerData(item: unknown): string | undefined {
  return stringOr(new Map(entriesOf(item)).get("address"), undefined);
}

/** An `ay` of sixteen octets. */
function wordOfOctets(item: unknown): string | undefined {
  return item instanceof Uint8Array ? ipAddressFromBytes(item) : undefined;
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

function stringOr<T>(value: unknown, otherwise: T): string | T {
  return typeof value === "string" ? value : otherwise;
}
