/**
 * Hosts and their ports as people and peers write them, each in its one canonical form. What a resolver might take for an
 * address in an old spelling ("127.1", "0x7f000001") is no host at all, so that a name is never an address in disguise.
 */
import { type IpAddress, parseIpAddress } from "./addresses.ts";
import { unmapped } from "./mapped-addresses.ts";
import type { Branded } from "./units.ts";

/** Lower-case, without a dot at its end. */
export type HostName = Branded<string, "HostName">;
export type Host = HostName | IpAddress;

export interface HostPort {
  readonly host: Host;
  readonly port: number;
}

/** RFC 1035 §2.3.4. */
const longestName = 253;
/** RFC 1123 §2.1, and "_" besides, which names of containers have. */
const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
/** The parts that inet_aton reads as numbers; a name whose last part is one would be looked up as an address. */
const numeric = /^(?:\d+|0x[0-9a-f]*)$/;

/** A name, or an address without brackets and zone; undefined for anything else. */
export function parseHost(text: string): Host | undefined {
  if (text.length > longestName + 1) return undefined;
  const address = parseIpAddress(text);
  return address === undefined ? parseHostName(text) : unmapped(address);
}

/** Without stars; a name in another script is written as it is in DNS, "xn--…". */
export function parseHostName(text: string): HostName | undefined {
  const name = text.toLowerCase().replace(/\.$/, "");
  const labels = name.split(".");
  if (name.length > longestName || !labels.every((part) => label.test(part))) return undefined;
  return numeric.test(labels.at(-1) ?? "") ? undefined : (name as HostName);
}

export function addressOf(host: Host): IpAddress | undefined {
  return parseIpAddress(host);
}

/** "hub.example:8443", "192.0.2.1:8443", "[2001:db8::1]:8443". Port 0 is none, but where one listens. */
export function parseHostPort(text: string, leastPort: 0 | 1 = 1): HostPort | undefined {
  const match = /^(?:\[([^\]]*:[^\]]*)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const host = parseHost(match?.[1] ?? match?.[2] ?? "");
  const port = Number(match?.[3]);
  return host !== undefined && port >= leastPort && port <= 65_535 ? { host, port } : undefined;
}

export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
