/** Whether this machine goes on sending into a cable that was pulled: what most operators do not expect of Linux. */
import type { NetworkFacts } from "@ropewalk/host/facts";
import { type Family, families } from "@ropewalk/kernel/addresses";
import { type Finding, good, lack, note } from "./finding.ts";

/** Judges the interfaces that default routes leave by. No finding for a family without any. */
export function deadRouteFindings({ links, routes, deadRoutes }: NetworkFacts): readonly Finding[] {
  return families.flatMap((family) => {
    const { areSkippedEverywhere, skippedOn } = deadRoutes[family];
    const used = new Set(routes.filter((route) => route.family === family).flatMap(({ nextHops }) => nextHops));
    const ifindexes = [...new Set([...used].flatMap(({ ifindex }) => ifindex ?? []))];
    if (ifindexes.length === 0) return [];
    const kept = ifindexes.filter((ifindex) => !(areSkippedEverywhere || skippedOn.has(ifindex)));
    const names = kept.map((ifindex) => links.get(ifindex)?.name ?? `interface ${ifindex}`).toSorted();
    if (kept.length === 0) return [passedOver(family)];
    return [ifindexes.length === 1 ? onlyOne(family, names) : keptInUse(family, names)];
  });
}

const titles: Readonly<Record<Family, string>> = { ipv4: "dead routes, IPv4", ipv6: "dead routes, IPv6" };

function passedOver(family: Family): Finding {
  return good("kernel", titles[family], "a default route is passed over while its link has no carrier");
}

/** Nowhere else to go: nothing is lost by the setting yet. */
function onlyOne(family: Family, names: readonly string[]): Finding {
  const text = `the only default route, by ${names.join(", ")}, stays in use without carrier`;
  return note("kernel", titles[family], text, "matters once there is a second uplink");
}

function keptInUse(family: Family, names: readonly string[]): Finding {
  return lack(
    "kernel",
    titles[family],
    `routes by ${names.join(", ")} stay in use without carrier (ignore_routes_with_linkdown is 0)`,
    "when the cable is pulled, traffic is lost although another uplink is there",
    `sysctl net.${family}.conf.all.ignore_routes_with_linkdown=1`,
  );
}
