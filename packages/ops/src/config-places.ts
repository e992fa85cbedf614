/** Addresses, hosts and ports as tables of the configuration take them: texts that say what would be right when they are not. */
import { type IpAddress, parseIpAddress } from "@ropewalk/kernel/addresses";
import { formatHostPort, type HostPort, parseHostPort } from "@ropewalk/kernel/host-port";
import { unmapped } from "@ropewalk/kernel/mapped-addresses";
import type { Branded } from "@ropewalk/kernel/units";
import { z } from "zod";

/** An address and a port in canonical form: "0.0.0.0:8443", "[::]:8443"; port 0 is one that the system chooses. `listeningPlace` reads it. */
export type ListenText = Branded<string, "ListenText">;

export const port: z.ZodType<number, number> = z.int().min(1).max(65_535);

/** A schema for texts that `read` makes a value of; `expected` says what it takes. */
export function reading<T>(read: (text: string) => T | undefined, expected: string): z.ZodType<T, string> {
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
