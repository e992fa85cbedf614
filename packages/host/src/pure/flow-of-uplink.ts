/** Which tracked flows are an uplink's: those that end when it does, and no others. */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import { uplinkMarkMask } from "../allocations.ts";
import type { TrackedFlow } from "../netlink/conntrack.ts";

interface UplinkOfFlows {
  /** Zero for one that marks nothing. */
  readonly mark: number;
  readonly addresses: ReadonlySet<IpAddress>;
  /** Those of uplinks that live on: one that is among them proves nothing. */
  readonly liveAddresses: ReadonlySet<IpAddress>;
}

/** A flow that bears the uplink's mark, or whose answers come to an address that is the uplink's alone. */
export function isFlowOf(uplink: UplinkOfFlows): (flow: TrackedFlow) => boolean {
  const own = uplink.addresses.difference(uplink.liveAddresses);
  const mark = uplink.mark & uplinkMarkMask;
  return (flow) => (mark !== 0 && (flow.mark & uplinkMarkMask) === mark) || own.has(flow.replyDestination);
}
