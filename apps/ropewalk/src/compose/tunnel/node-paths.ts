/**
 * What a node's picture says to who would keep to its paths: the paths, or that the system's own routes decide. A node that only
 * watches has paths that lead nowhere: what their marks and sources mean to the kernel is not written.
 */
import type { BackhaulDocument, ConnectivityDocument, PathDocument } from "@ropewalk/api/http";
import { parseIpAddress } from "@ropewalk/kernel/addresses";
import type { Connectivity, PathBinding, UplinkId } from "@ropewalk/kernel/connectivity";
import { bytes } from "@ropewalk/kernel/units";

/** `unmanaged`: the system's own routes decide. */
export type Guidance = Connectivity | "unmanaged";

/** Before anything is known. */
export const nothingHeard: Connectivity = { generation: 0, ipv4: "unknown", ipv6: "unknown", active: {}, usable: [] };

export interface Reading {
  readonly guidance: Guidance;
  /** For people: why it is so. */
  readonly why: string;
}

/** "wan0 198.18.0.2": an interface and an address of it. */
type OwnAddress = string;

/** `here`: what this machine has now, as `ownAddress` writes it. */
export function readPaths(backhaul: BackhaulDocument, here: ReadonlySet<OwnAddress>): Reading {
  const { monitorOnly, steering, connectivity } = backhaul;
  if (monitorOnly) return unmanaged(`the node does not move traffic: ${steering.text}`);
  if (connectivity.generation === 0) return unmanaged("the node has seen no uplink yet");
  const known = connectivityOf(connectivity);
  const isForeign =
    known.usable.length > 0 && !known.usable.some((path) => here.has(ownAddress(path.name, path.source)));
  if (isForeign) return unmanaged("the node's uplinks are not of this network: it may run in a container");
  return { guidance: known, why: "the node moves traffic" };
}

export function unmanaged(why: string): Reading {
  return { guidance: "unmanaged", why };
}

export function ownAddress(interfaceName: string, address: string): OwnAddress {
  return `${interfaceName} ${parseIpAddress(address) ?? address}`;
}

function connectivityOf({ generation, ipv4, ipv6, active, usable }: ConnectivityDocument): Connectivity {
  const present = Object.entries(active).filter(([, uplinkId]) => uplinkId !== null);
  return { generation, ipv4, ipv6, active: Object.fromEntries(present), usable: usable.flatMap(pathOf) };
}

function pathOf({ mtuBytes, ...path }: PathDocument): readonly PathBinding[] {
  const source = parseIpAddress(path.source);
  const gateway = path.gateway === null ? null : parseIpAddress(path.gateway);
  if (source === undefined || gateway === undefined) return [];
  return [{ ...path, uplinkId: path.uplinkId as UplinkId, source, gateway, mtu: bytes(mtuBytes) }];
}
