/** The text of /etc/hosts and /etc/resolv.conf inside the lab. */
import type { IpAddress } from "@ropewalk/kernel/addresses";

export interface NamedAddress {
  readonly name: string;
  readonly address: IpAddress;
}

export function describeHosts(named: readonly NamedAddress[]): string {
  const lines = named.map(({ name, address }) => `${address} ${name}`);
  return `${["127.0.0.1 localhost", "::1 localhost", ...lines].join("\n")}\n`;
}

export function describeResolvers(resolvers: readonly IpAddress[]): string {
  return resolvers.map((address) => `nameserver ${address}\n`).join("");
}
