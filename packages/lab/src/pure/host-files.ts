/** The text of /etc/hosts and /etc/resolv.conf inside the lab. */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import { namedAddresses } from "./names.ts";
import { servers } from "./topology.ts";

export function hostsFile(): string {
  const lines = namedAddresses().map(({ name, address }) => `${address} ${name}\n`);
  return `127.0.0.1 localhost\n::1 localhost\n${lines.join("")}`;
}

export function resolvConf(): string {
  return resolverAddresses()
    .map((address) => `nameserver ${address}\n`)
    .join("");
}

/** Every resolver of the lab's internet. */
export function resolverAddresses(): readonly IpAddress[] {
  return servers
    .filter(({ role }) => role === "resolver")
    .flatMap(({ subnets }) => subnets.map(({ member }) => member));
}
