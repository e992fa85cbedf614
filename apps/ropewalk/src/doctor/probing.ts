/** What measuring sends, to whom and how often, as the configuration says it, and how to switch it off. */
import type { BackhaulConfig } from "@ropewalk/backhaul/config";
import type { Millis } from "@ropewalk/kernel/units";
import { durationText } from "../render/quantity.ts";
import { type Finding, note } from "./finding.ts";

const switchOff = "backhaul.probe.enabled = false sends nothing; docs/operating/health.md says what each probe is for";
/** A list may hold a thousand. */
const mostNamed = 8;

export function probingFindings({ probe }: Pick<BackhaulConfig, "probe">): readonly Finding[] {
  if (!probe.enabled) {
    return [note("probing", "probes", "off: backhaul.probe.enabled = false", "uplinks with a way out stay unknown")];
  }
  const { profile, meteredProfile, target, http, dns } = probe;
  const pulse = (name: typeof profile) =>
    `${name} (a pulse every ${durationText(probe[name].interval)}, ${cycleText(probe[name].cycle)})`;
  const servers = [...new Set(target.map(({ name, address }) => `${name} ${address}`))];
  const more = servers.length - mostNamed;
  const asked = [
    ...(dns === undefined ? [] : [`each uplink's own resolvers for ${dns.name}`]),
    ...(http === undefined ? [] : [`${http.url} for a page that is known`]),
    "the gateways",
  ];
  return [
    note("probing", "profile", `${pulse(profile)}; where it is metered ${pulse(meteredProfile)}`, switchOff),
    note("probing", "targets", servers.slice(0, mostNamed).join(", ") + (more > 0 ? `, and ${more} more` : "")),
    note("probing", "also asked", asked.join(", ")),
  ];
}

function cycleText(cycle: Millis): string {
  return `every kind of check every ${durationText(cycle)}`;
}
