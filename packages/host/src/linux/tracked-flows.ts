/**
 * Deletes what the kernel remembers of flows on a dead uplink: one with a static translation would keep the dead uplink's
 * address for ever, whichever way it then leaves. And counts flows, for an uplink that is to be empty before it is left.
 */
import {
  decodeFlow,
  encodeFlowDelete,
  encodeFlowDump,
  type FlowQuestion,
  type TrackedFlow,
} from "../netlink/conntrack.ts";
import { isMalformed } from "../netlink/malformed.ts";
import type { Native } from "./native.ts";
import { NetlinkExchange } from "./netlink-exchange.ts";
import { RemovalCount, type Removed } from "./removal-count.ts";

type IsMeant = (flow: TrackedFlow) => boolean;

const all: FlowQuestion = { kind: "all" };

/**
 * Needs CAP_NET_ADMIN. Of the flows that answer the question, those that are meant. On a kernel that tracks nothing there is
 * nothing to delete. Throws HOST_NETLINK when flows cannot be listed.
 */
export function deleteFlows(native: Native, isStranded: IsMeant, question: FlowQuestion = all): Removed {
  using exchange = openExchange(native);
  const stranded: TrackedFlow[] = [];
  list(exchange, question, (flow) => {
    if (isStranded(flow)) stranded.push({ ...flow, tuple: flow.tuple.slice(), id: flow.id.slice() });
  });
  const orders = stranded.map((flow) => (sequence: number) => encodeFlowDelete(flow, sequence));
  const count = new RemovalCount();
  for (const verdict of exchange.orderAll(orders)) count.add(verdict);
  return count.result;
}

/** As `deleteFlows`, and deletes none. */
export function countFlows(native: Native, isCounted: IsMeant, question: FlowQuestion = all): number {
  using exchange = openExchange(native);
  let count = 0;
  list(exchange, question, (flow) => {
    if (isCounted(flow)) count += 1;
  });
  return count;
}

function openExchange(native: Native): NetlinkExchange {
  return new NetlinkExchange(native, "NETFILTER", "tracked flows");
}

function list(exchange: NetlinkExchange, question: FlowQuestion, onFlow: (flow: TrackedFlow) => void): void {
  exchange.list(
    (sequence) => encodeFlowDump(question, sequence),
    ({ payload }) => {
      const flow = decodeFlow(payload);
      if (flow !== undefined && !isMalformed(flow)) onFlow(flow);
    },
  );
}
