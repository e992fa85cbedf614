/** Deletes what the kernel remembers of flows that began at some addresses, among however many others. */
import { familyOf, type IpAddress } from "@ropewalk/kernel/addresses";
import type { FlowQuestion } from "../netlink/conntrack.ts";
import type { Native } from "./native.ts";
import type { Removed } from "./removal-count.ts";
import { countTracked, deleteFlows } from "./tracked-flows.ts";

/** So many can be told while the kernel walks through its table once more, looking for one address. */
const toldInAWalk = 7_000;

/** Needs CAP_NET_ADMIN. Throws HOST_NETLINK when flows cannot be listed. */
export function deleteFlowsFrom(native: Native, sources: ReadonlySet<IpAddress>): Removed {
  const isMeant = ({ source }: { readonly source: IpAddress }) => sources.has(source);
  const total = { removed: 0, gone: 0, refused: 0 };
  let detail: string | undefined;
  for (const question of questionsFor(sources, countTracked(native))) {
    for (const part of deleteFlows(native, [isMeant], question)) {
      total.removed += part.removed;
      total.gone += part.gone;
      total.refused += part.refused;
      detail ??= part.detail;
    }
  }
  return { ...total, detail };
}

/** One after another, or all at once where that is sooner. Of IPv6 the kernel cannot be asked for an address. */
function questionsFor(sources: ReadonlySet<IpAddress>, tracked: number): readonly FlowQuestion[] {
  if (tracked === 0 || sources.size === 0) return [];
  const ofIpv4 = [...sources].filter((address) => familyOf(address) === "ipv4");
  const hasIpv6 = ofIpv4.length < sources.size;
  const isSooner = ofIpv4.length < tracked / toldInAWalk;
  if (!isSooner) return hasIpv6 ? [{ kind: "all" }] : [{ kind: "family", family: "ipv4" }];
  return [
    ...ofIpv4.map((address): FlowQuestion => ({ kind: "begun", address })),
    ...(hasIpv6 ? [{ kind: "family", family: "ipv6" } as const] : []),
  ];
}
