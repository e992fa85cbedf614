/** When a pin does not do what it was meant to: its uplink cannot be used, or is held although it is dead. */
import { type Family, families } from "@ropewalk/kernel/addresses";
import type { UplinkStatus } from "../status.ts";
import { isHopeless } from "./candidate.ts";
import type { BackhaulState } from "./state.ts";

/** One sentence for people; undefined when nothing is pinned, or all is well. */
export function pinTrouble({ orders, picture, seen }: BackhaulState): string | undefined {
  const { pinned } = orders;
  if (pinned === undefined) return undefined;
  const uplink = picture.uplinks.find(({ id }) => id === pinned);
  // At the start uplinks come one after another.
  if (uplink === undefined) {
    return seen.isComplete ? `${pinned} is pinned and is not there: others are used until it comes` : undefined;
  }
  const held = families.filter((family) => picture.decisions[family].order === "pinned");
  if (held.length === 0) {
    return `${uplink.name} is pinned and cannot be used (${uplink.reason.text}): others are used until it can`;
  }
  const dead = held.filter((family) => isHopeless(uplink[family]));
  return dead.length === 0 ? undefined : heldDead(uplink, dead);
}

const names: Readonly<Record<Family, string>> = { ipv4: "IPv4", ipv6: "IPv6" };

function heldDead(uplink: UplinkStatus, dead: readonly Family[]): string {
  const kept = dead.map((family) => names[family]).join(" and ");
  const [first = "ipv4"] = dead;
  const { state, reason } = uplink[first];
  const what = state === "portal" ? "behind a portal" : "down";
  return `a pin keeps ${kept} on ${uplink.name}, which is ${what} (${reason.text}): a release lets another take over`;
}
