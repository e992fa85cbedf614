/** Deletes the tracked flows of uplinks that are dead, by the questions that take the kernel and us the least time. */
import { familyOf, type IpAddress, isLinkLocal } from "@ropewalk/kernel/addresses";
import { uplinkMarkMask } from "../allocations.ts";
import type { FlowQuestion } from "../netlink/conntrack.ts";
import { type FlowOrigin, isFlowOf } from "../pure/flow-of-uplink.ts";
import type { Native } from "./native.ts";
import type { Removed } from "./removal-count.ts";
import { countTracked, deleteFlows, flushMarkedFlows } from "./tracked-flows.ts";

/** So many are read while the kernel walks through its table once, which takes it ten milliseconds where there is much memory. */
const fewFlows = 2_000;

/** Needs CAP_NET_ADMIN. What came of it, in the order of the origins. Throws HOST_NETLINK when flows cannot be listed. */
export function deleteUplinkFlows(native: Native, origins: readonly FlowOrigin[]): readonly Removed[] {
  const owners = origins.map(isFlowOf);
  const rounds = questionsFor(origins, countTracked(native)).map((question) => deleteFlows(native, owners, question));
  return origins.map((_, index) => sumOf(rounds.flatMap((outcomes) => outcomes[index] ?? [])));
}

/**
 * As `deleteUplinkFlows`, of those that bear a mark: all that was forwarded since marks are set, gone before others could be
 * listed. What two families of one uplink had is told of the first of them. `removed` may be off by who comes or ends meanwhile.
 * Only on a kernel that knows marks of flows: one without takes every flow for meant.
 */
export function flushUplinkFlows(native: Native, origins: readonly FlowOrigin[]): readonly Removed[] {
  return origins.map(({ mark, family }, index) => {
    const sharers = origins.filter((other) => other.mark === mark);
    if ((mark & uplinkMarkMask) === 0 || sharers[0] !== origins[index]) return nothing;
    return flushMarkedFlows(native, { mark, mask: uplinkMarkMask, family: sharers.length > 1 ? undefined : family });
  });
}

const nothing: Removed = { removed: 0, gone: 0, refused: 0, detail: undefined };

/** Those that bear a mark first: all that was forwarded since marks are set. */
function questionsFor(origins: readonly FlowOrigin[], tracked: number): readonly FlowQuestion[] {
  if (tracked === 0) return [];
  if (tracked < fewFlows) return [{ kind: "all" }];
  const marks = new Set(origins.map(({ mark }) => mark & uplinkMarkMask).filter((mark) => mark !== 0));
  const addresses = new Set(origins.flatMap(addressesOf));
  const hasIpv6 = [...addresses].some((address) => familyOf(address) === "ipv6");
  return [
    ...[...marks].map((mark) => ({ kind: "marked", mark, mask: uplinkMarkMask }) as const),
    ...[...addresses]
      .filter((address) => familyOf(address) === "ipv4")
      .map((address) => ({ kind: "answered", address }) as const),
    ...(hasIpv6 ? [{ kind: "family", family: "ipv6" } as const] : []),
  ];
}

/** Those that a flow beyond the link can have. */
function addressesOf({ family, addresses }: FlowOrigin): readonly IpAddress[] {
  return [...addresses].filter((address) => familyOf(address) === family && !isLinkLocal(address));
}

function sumOf(parts: readonly Removed[]): Removed {
  const total = (count: (part: Removed) => number) => parts.reduce((sum, part) => sum + count(part), 0);
  return {
    removed: total(({ removed }) => removed),
    gone: total(({ gone }) => gone),
    refused: total(({ refused }) => refused),
    detail: parts.find(({ detail }) => detail !== undefined)?.detail,
  };
}
