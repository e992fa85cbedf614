/** The text of /etc/hosts and /etc/resolv.conf inside the lab. */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import { lanSubnets, type ServerPlace, servers } from "./topology.ts";

interface NamedAddress {
  readonly name: string;
  readonly address: IpAddress;
}

/** Names for every address of the lab that never changes. */
export function hostsFile(): string {
  const site = lanSubnets.flatMap(({ router, member }) => [
    { name: "edge", address: router },
    { name: "client", address: member },
  ]);
  const lines = [...site, ...addressesOf("resolver"), ...addressesOf("target")].map(
    ({ name, address }) => `${address} ${name}\n`,
  );
  return `127.0.0.1 localhost\n::1 localhost\n${lines.join("")}`;
}

export function resolvConf(): string {
  return addressesOf("resolver")
    .map(({ address }) => `nameserver ${address}\n`)
    .join("");
}

function addressesOf(role: ServerPlace["role"]): readonly NamedAddress[] {
  return servers
    .filter((place) => place.role === role)
    .flatMap(({ name, subnets }) => subnets.map(({ member }) => ({ name, address: member })));
}
