/** The names of the lab's internet, all below a domain that nobody has (RFC 2606 §2). */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import { lanSubnets, servers } from "./topology.ts";

/** Whose certificate is asked for; at target-1. */
export const pinnedName = "pinned.lab.example";
/** Whose page with status 204 is asked for; at target-2. */
export const checkName = "check.lab.example";
/** What an ISP calls itself when it answers in the internet's place. */
export const impostorName = "sign-in.lab.example";

export interface NamedAddress {
  readonly name: string;
  readonly address: IpAddress;
}

export function targetName(host: string): string {
  return `${host}.lab.example`;
}

/** Every name that a target's certificate proves. */
export function certifiedNames(): readonly string[] {
  const targets = servers.filter(({ role }) => role === "target").map(({ name }) => targetName(name));
  return [...targets, pinnedName, checkName];
}

/** Names for every address of the lab that never changes. */
export function namedAddresses(): readonly NamedAddress[] {
  const site = lanSubnets.flatMap(({ router, member }) => [
    { name: "edge", address: router },
    { name: "client", address: member },
  ]);
  const hosts = servers.flatMap(({ name, role }) => [
    ...named(name, name),
    ...(role === "target" ? named(targetName(name), name) : []),
  ]);
  return [...site, ...hosts, ...named(pinnedName, "target-1"), ...named(checkName, "target-2")];
}

/** The addresses of a server. */
export function serverAddresses(host: string): readonly IpAddress[] {
  return servers.filter(({ name }) => name === host).flatMap(({ subnets }) => subnets.map(({ member }) => member));
}

function named(name: string, host: string): readonly NamedAddress[] {
  return serverAddresses(host).map((address) => ({ name, address }));
}
