/** Where ordinary traffic of edge goes, by the kernel's own word, and the lab's places that the streams use. */
import { setTimeout as delay } from "node:timers/promises";
import type { Family, IpAddress } from "@ropewalk/kernel/addresses";
import type { Lab } from "@ropewalk/lab/lab";
import { lanSubnets, type Subnet, servers, uplinkSubnets } from "@ropewalk/lab/topology";

export interface FarHost {
  readonly host: string;
  readonly address: IpAddress;
}

/** Whom the streams go to. */
export const target: FarHost = targetOf("ipv4");
export function targetOf(family: Family): FarHost {
  return { host: "target-1", address: memberOf(serverSubnets("target-1"), family) };
}

/** Where the LAN's client asks. */
export const askedTarget = { host: "target-2", address: memberOf(serverSubnets("target-2")) } as const;
export const clientAddress: IpAddress = memberOf(lanSubnets);

/** Edge's address on the uplink. */
export function sourceOf(lab: Lab, uplink: string, family: Family = "ipv4"): IpAddress {
  return memberOf(uplinkSubnets(lab.uplink(uplink)), family);
}

/** The other one of two. */
export function otherThan(lab: Lab, uplink: string): string {
  const other = lab.uplinks.find(({ name }) => name !== uplink);
  if (other === undefined) throw new Error("the lab has one uplink alone");
  return other.name;
}

/** The uplink by which edge would send to the target; undefined while there is no route. */
export async function wayOut(lab: Lab, family: Family = "ipv4"): Promise<string | undefined> {
  const { status, stdout } = await lab.host("edge").tryExec("ip", ["-json", "route", "get", targetOf(family).address]);
  if (status !== 0) return undefined;
  return (JSON.parse(stdout) as readonly { readonly dev?: string }[])[0]?.dev;
}

/** Asks until `isSo`; throws with `what` past the limit. */
export async function until(what: string, limitMs: number, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await delay(20);
  }
}

/** Of a server of the lab, IPv4 first. */
export function addressesOf(server: string): readonly IpAddress[] {
  return serverSubnets(server).map(({ member }) => member);
}

function serverSubnets(name: string): readonly Subnet[] {
  return servers.find((place) => place.name === name)?.subnets ?? [];
}

function memberOf(subnets: readonly Subnet[], wanted: Family = "ipv4"): IpAddress {
  const found = subnets.find(({ family }) => family === wanted);
  if (found === undefined) throw new Error(`that link of the lab has no ${wanted}`);
  return found.member;
}
