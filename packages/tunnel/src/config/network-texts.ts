/** Hosts, ports and networks as the `[tunnel]` table takes them: texts that say what would be right when they are not. */
import {
  formatPrefix,
  type IpAddress,
  networkOf,
  type Prefix,
  parseIpAddress,
  parsePrefix,
} from "@ropewalk/kernel/addresses";
import type { Branded } from "@ropewalk/kernel/units";
import { z } from "zod";
import type { PortRange } from "../pure/allow-list.ts";
import { formatHostPort, type HostPort, parseHost, parseHostName, parseHostPort } from "../pure/host-port.ts";
import { unmapped, unmappedNetwork } from "../pure/mapped-addresses.ts";

/** An address and a port in canonical form: "0.0.0.0:8443", "[::]:8443"; port 0 is one that the system chooses. `listeningPlace` reads it. */
export type ListenText = Branded<string, "ListenText">;

export const port: z.ZodType<number, number> = z.int().min(1).max(65_535);

/** A schema for texts that `read` makes a value of; `expected` says what it takes. */
function reading<T>(read: (text: string) => T | undefined, expected: string): z.ZodType<T, string> {
  return z.string().transform((text, context): T => {
    const value = read(text);
    if (value !== undefined) return value;
    context.issues.push({ code: "custom", input: text, message: `expected ${expected}` });
    return z.NEVER;
  });
}

export const hostPort: z.ZodType<HostPort, string> = reading(
  parseHostPort,
  'a host and a port: "db.example:5432", "10.0.0.5:5432", "[2001:db8::5]:5432"',
);

export const ipAddressText: z.ZodType<IpAddress, string> = reading((text) => {
  const address = parseIpAddress(text);
  return address === undefined ? undefined : unmapped(address);
}, 'an IP address: "127.0.0.1", "::1", "0.0.0.0"');

export const listenText: z.ZodType<ListenText, string> = reading((text) => {
  const place = parseHostPort(text, 0);
  const isAddress = place !== undefined && parseIpAddress(place.host) !== undefined;
  return isAddress ? (formatHostPort(place) as ListenText) : undefined;
}, 'an address of this machine and a port: "0.0.0.0:8443", "[::]:8443"');

export interface Listening {
  readonly address: IpAddress;
  readonly port: number;
}

export function listeningPlace(text: ListenText): Listening {
  const { host, port } = parseHostPort(text, 0) as HostPort;
  return { address: host as IpAddress, port };
}

/** "10.0.0.0/8", or one address. */
export const networkText: z.ZodType<Prefix, string> = z.string().transform((text, context): Prefix => {
  const prefix = parsePrefix(text.includes("/") ? text : `${text}/${text.includes(":") ? 128 : 32}`);
  const network = prefix === undefined ? undefined : networkOf(prefix);
  if (prefix !== undefined && network?.address === prefix.address) return unmappedNetwork(prefix);
  const message =
    network === undefined
      ? 'expected a network or an address: "10.0.0.0/8", "2001:db8::/32"'
      : `has more bits than its length lets it have: write ${formatPrefix(network)} for the whole network`;
  context.issues.push({ code: "custom", input: text, message });
  return z.NEVER;
});

/** A name, or "*." before one; an address too. */
export const hostPattern: z.ZodType<string, string> = reading((text) => {
  if (!text.startsWith("*.")) return parseHost(text);
  const name = parseHostName(text.slice(2));
  return name === undefined ? undefined : `*.${name}`;
}, 'a name, "*." before one, or an address: "db.lan.example", "*.lan.example"; a name in another script as "xn--…"');

const spanText: z.ZodType<PortRange, string> = reading((text) => {
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(text);
  const range = { first: Number(match?.[1]), last: Number(match?.[2]) };
  return range.first >= 1 && range.first <= range.last && range.last <= 65_535 ? range : undefined;
}, 'a port or a span of ports: 22, "8000-8100"');

/** 22, or "8000-8100". */
export const portRange: z.ZodType<PortRange, number | string> = z.union([
  port.transform((one): PortRange => ({ first: one, last: one })),
  spanText,
]);
