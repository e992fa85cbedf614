/** Which tracked flows are an uplink's: those that end when it does, and no others. */
import type { Family, IpAddress } from "@ropewalk/kernel/addresses";
import { uplinkMarkMask } from "../allocations.ts";
import type { TrackedFlow } from "../netlink/conntrack.ts";

/** One family of an uplink, by what its flows are known by. */
export interface FlowOrigin {
  readonly family: Family;
  /** Zero for one that marks nothing. */
  readonly mark: number;
  /** Those that are its alone: one that an uplink has too which lives on proves nothing. */
  readonly addresses: ReadonlySet<IpAddress>;
}

/** A flow that bears the uplink's mark, or whose answers come to one of the addresses. */
export function isFlowOf({ family, mark, addresses }: FlowOrigin): (flow: TrackedFlow) => boolean {
  const bits = mark & uplinkMarkMask;
  const isMarked = (flow: TrackedFlow) => bits !== 0 && (flow.mark & uplinkMarkMask) === bits;
  return (flow) => flow.family === family && (isMarked(flow) || addresses.has(flow.replyDestination));
}
