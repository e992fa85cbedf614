/**
 * Link events that have nothing to do with edge. Both ends of this link have one ifindex, so that the kernel holds its
 * events to one a second, and with them every such event of the machine (net/core/link_watch.c, linkwatch_nextevent).
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { LabNetwork } from "./lab-network.ts";
import type { Flapping } from "./link-switch.ts";
import { hostSettings } from "./pure/ip-plan.ts";

const near = { host: "elsewhere-1", name: "veth0", ifindex: 10 } as const;
const far = { host: "elsewhere-2", name: "veth0", ifindex: 10 } as const;

/** One event each `every`, until stopped. */
export async function disturb(network: LabNetwork, every: Millis): Promise<Flapping> {
  if (!network.has(near.host)) {
    await Promise.all([near, far].map(({ host }) => network.addHost(host, hostSettings)));
    await network.link([{ ends: [near, far] }]);
    await Promise.all([near, far].map(({ host, name }) => network.ip(host, [`link set dev ${name} up`])));
  }
  return network.linkSwitch.flap(network.host(near.host), near.name, millis(every * 2));
}
