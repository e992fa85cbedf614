/** Where ordinary traffic of edge goes, by the kernel's own word, and the lab's places that the streams use. */
import { setTimeout as delay } from "node:timers/promises";
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { Lab } from "@ropewalk/lab/lab";
import { lanSubnets, type Subnet, servers, uplinkSubnets } from "@ropewalk/lab/topology";

/** Whom the streams go to. */
export const target = { host: "target-1", address: ipv4(serverSubnets("target-1")).member } as const;
/** Where the LAN's client asks. */
export const askedTarget = { host: "target-2", address: ipv4(serverSubnets("target-2")).member } as const;
export const clientAddress: IpAddress = ipv4(lanSubnets).member;

/** Edge's address on the uplink. */
export function sourceOf(lab: Lab, uplink: string): IpAddress {
  return ipv4(uplinkSubnets(lab.uplink(uplink))).member;
}

/** The other one of two. */
export function otherThan(lab: Lab, uplink: string): string {
  const other = lab.uplinks.find(({ name }) => name !== uplink);
  if (other === undefined) throw new Error("the lab has one uplink alone");
  return other.name;
}

/** The uplink by which edge would send to the target; undefined while there is no route. */
export async function wayOut(lab: Lab): Promise<string | undefined> {
  const { status, stdout } = await lab.host("edge").tryExec("ip", ["-json", "route", "get", target.address]);
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

function serverSubnets(name: string): readonly Subnet[] {
  return servers.find((place) => place.name === name)?.subnets ?? [];
}

function ipv4(subnets: readonly Subnet[]): Subnet {
  const found = subnets.find(({ family }) => family === "ipv4");
  if (found === undefined) throw new Error("that link of the lab has no IPv4");
  return found;
}
