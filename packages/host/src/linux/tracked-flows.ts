/**
 * Deletes what the kernel remembers of forwarded flows on a dead uplink: a flow with a static translation would keep the dead
 * uplink's address for ever, whichever way it then leaves.
 */
import { families } from "@ropewalk/kernel/addresses";
import { decodeFlow, encodeFlowDelete, encodeFlowDump, type TrackedFlow } from "../netlink/conntrack.ts";
import { isMalformed } from "../netlink/malformed.ts";
import type { Native } from "./native.ts";
import { NetlinkExchange } from "./netlink-exchange.ts";
import { RemovalCount, type Removed } from "./removal-count.ts";

/** Needs CAP_NET_ADMIN. On a kernel that tracks nothing there is nothing to delete. Throws HOST_NETLINK when flows cannot be listed. */
export function deleteFlows(native: Native, isStranded: (flow: TrackedFlow) => boolean): Removed {
  using exchange = new NetlinkExchange(native, "NETFILTER", "tracked flows");
  const stranded: TrackedFlow[] = [];
  for (const family of families) {
    exchange.list(
      (sequence) => encodeFlowDump(family, sequence),
      ({ payload }) => {
        const flow = decodeFlow(payload);
        if (flow !== undefined && !isMalformed(flow) && isStranded(flow)) stranded.push(flow);
      },
    );
  }
  const count = new RemovalCount();
  for (const flow of stranded) count.add(exchange.order((sequence) => encodeFlowDelete(flow, sequence)));
  return count.result;
}
