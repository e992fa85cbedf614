/** What traffic does now, by family, and what Ropewalk would do with it: sentences for `status` and the board. */
import type {
  AddressFamily,
  BackhaulDocument,
  DecisionDocument,
  ReachabilityName,
  ShareDocument,
  UplinkDocument,
} from "@ropewalk/api/http";
import { printable } from "./table.ts";
import { reasonWords, uplinkName } from "./uplink-table.ts";

export const familyNames: Readonly<Record<AddressFamily, string>> = { ipv4: "IPv4", ipv6: "IPv6" };
const families = ["ipv4", "ipv6"] as const;

export function decisionLines(backhaul: BackhaulDocument): readonly string[] {
  const { decisions, connectivity, probing } = backhaul;
  const { overall } = decisions;
  const apart = families.filter((family) => decisions[family].uplinkId !== overall.uplinkId);
  return [
    ...families.map((family) => {
      return `${reachabilityText(family, connectivity[family], probing)} ${trafficText(family, backhaul)}`;
    }),
    `${choiceText("Ropewalk", overall, backhaul)}: ${printable(overall.reason)}`,
    ...rejectedLines(overall),
    ...apart.map((family) => {
      const decision = decisions[family];
      return `  ${choiceText(`for ${familyNames[family]} it`, decision, backhaul)}: ${printable(decision.reason)}`;
    }),
    printable(backhaul.steering.text),
    ...backhaul.steering.unmet.map((text) => `  not as it should be: ${printable(text)}`),
  ];
}

/** Whether the internet is there, as a sentence. */
export function reachabilityText(family: AddressFamily, reachability: ReachabilityName, isProbing: boolean): string {
  const name = familyNames[family];
  switch (reachability) {
    case "online":
      return `${name} is online.`;
    case "offline":
      return `${name} is offline.`;
    case "portal":
      return `${name} is behind a captive portal.`;
    case "unknown":
      return isProbing
        ? `Whether ${name} is online is not known.`
        : `Whether ${name} is online is not measured: backhaul.probe.enabled is false.`;
  }
}

/** Where the kernel's own routes send the family, and whether it arrives there. */
export function trafficText(
  family: AddressFamily,
  { decisions, uplinks }: { readonly decisions: BackhaulDocument["decisions"]; readonly uplinks: readonly Seen[] },
): string {
  const { kernel } = decisions[family];
  if (kernel === null) return "Its traffic has no way out by any uplink.";
  if (kernel.shares.length > 1) return `Its traffic is shared: ${sharesText(family, kernel.shares, uplinks)}.`;
  const uplink = uplinks.find(({ id }) => id === kernel.uplinkId);
  const name = uplink === undefined ? printable(kernel.name) : uplinkName(uplink);
  if (kernel.isDeadEnd) {
    return `Its traffic is lost: the kernel's own routes send it by ${name}, which has no carrier.`;
  }
  const seen = uplink?.[family];
  if (seen?.state === "down") {
    return `Its traffic is lost: the kernel's own routes send it by ${name}, which is down (${reasonWords[seen.reason.code]}).`;
  }
  const captive = seen?.state === "portal" ? `, and ends at its portal (${reasonWords[seen.reason.code]})` : "";
  const whose = kernel.isOurs ? "Ropewalk's" : "the kernel's own";
  return `Its traffic goes by ${name}, by ${whose} routes${captive}.`;
}

/** What goes by an uplink that carries nothing is told to be lost. */
function sharesText(family: AddressFamily, shares: readonly ShareDocument[], uplinks: readonly Seen[]): string {
  const texts = shares.map(({ uplinkId, name, percent }) => {
    const uplink = uplinks.find(({ id }) => id === uplinkId);
    const seen = uplink?.[family];
    const isLost = seen?.state === "down" || seen?.state === "portal";
    const fault = isLost ? ` (lost: ${reasonWords[seen.reason.code]})` : "";
    return `${uplink === undefined ? printable(name) : uplinkName(uplink)} ${percent} %${fault}`;
  });
  return texts.join(", ");
}

/** What the sentence needs of an uplink; a family that is absent is not judged. */
export type Seen = Pick<UplinkDocument, "id" | "name" | "label"> & {
  readonly [Key in AddressFamily]?: Pick<UplinkDocument["ipv4"], "state" | "reason">;
};

function choiceText(who: string, { name }: DecisionDocument, { monitorOnly }: BackhaulDocument): string {
  return `${who} ${monitorOnly ? "would choose" : "chose"} ${name === null ? "none" : printable(name)}`;
}

const mostRejected = 5;

function rejectedLines({ rejected }: DecisionDocument): readonly string[] {
  const lines = rejected
    .slice(0, mostRejected)
    .map(({ name, reason }) => `  not ${printable(name)}: ${printable(reason)}`);
  const more = rejected.length - lines.length;
  return more === 0 ? lines : [...lines, `  nor ${more} more; --json lists them`];
}
