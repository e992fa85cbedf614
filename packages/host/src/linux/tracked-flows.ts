/**
 * Deletes what the kernel remembers of flows on a dead uplink: one with a static translation would keep the dead uplink's
 * address for ever, whichever way it then leaves. And counts flows, for an uplink that is to be empty before it is left.
 */
import {
  decodeFlow,
  decodeFlowCount,
  encodeFlowCountQuestion,
  encodeFlowDelete,
  encodeFlowDump,
  encodeFlowFlush,
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
 * Needs CAP_NET_ADMIN. Of the flows that answer the question, those of the owners, in one walk through the kernel's table; what
 * came of it in the order of the owners, of whom the first has a flow that several claim. On a kernel that tracks nothing there
 * is nothing to delete. Throws HOST_NETLINK when flows cannot be listed.
 */
export function deleteFlows(
  native: Native,
  owners: readonly IsMeant[],
  question: FlowQuestion = all,
): readonly Removed[] {
  using exchange = openFlowExchange(native);
  return deleteFlowsBy(exchange, owners, question);
}

/** The same over a socket that is the caller's, who opens another when this has thrown. */
export function deleteFlowsBy(
  exchange: NetlinkExchange,
  owners: readonly IsMeant[],
  question: FlowQuestion = all,
): readonly Removed[] {
  const counts = owners.map(() => new RemovalCount());
  const stranded: { readonly flow: TrackedFlow; readonly count: RemovalCount | undefined }[] = [];
  list(exchange, question, (flow) => {
    const owner = owners.findIndex((isMeant) => isMeant(flow));
    if (owner < 0) return;
    stranded.push({ flow: { ...flow, tuple: flow.tuple.slice(), id: flow.id.slice() }, count: counts[owner] });
  });
  const orders = stranded.map(
    ({ flow }) =>
      (sequence: number) =>
        encodeFlowDelete(flow, sequence),
  );
  for (const [index, verdict] of exchange.orderAll(orders).entries()) stranded[index]?.count?.add(verdict);
  return counts.map(({ result }) => result);
}

/**
 * Needs CAP_NET_ADMIN. Deletes all that bear the mark, of one family or of both, by one order and so sooner than they could be
 * listed. How many, is told by how many fewer there are then; whoever comes or ends meanwhile is in that number.
 */
export function flushMarkedFlows(native: Native, marked: Parameters<typeof encodeFlowFlush>[0]): Removed {
  const before = countTracked(native);
  if (before === 0) return new RemovalCount().result;
  using exchange = openFlowExchange(native);
  const { errno } = exchange.order((sequence) => encodeFlowFlush(marked, sequence));
  const count = new RemovalCount();
  if (errno !== 0) count.add({ errno, text: undefined });
  return { ...count.result, removed: Math.max(0, before - countTracked(native)) };
}

/** How many flows the kernel tracks, without a walk through its table. Throws HOST_NETLINK when it does not tell. */
export function countTracked(native: Native): number {
  using exchange = openFlowExchange(native);
  return countTrackedBy(exchange);
}

/** The same over a socket that is the caller's. */
export function countTrackedBy(exchange: NetlinkExchange): number {
  let count = 0;
  exchange.list(encodeFlowCountQuestion, ({ payload }) => {
    count = decodeFlowCount(payload) ?? count;
  });
  return count;
}

/** How many flows answer the question and are meant. Throws HOST_NETLINK when flows cannot be listed. */
export function countFlows(native: Native, isCounted: IsMeant, question: FlowQuestion = all): number {
  using exchange = openFlowExchange(native);
  let count = 0;
  list(exchange, question, (flow) => {
    if (isCounted(flow)) count += 1;
  });
  return count;
}

/** For questions about flows; the caller disposes of it. Throws HOST_NETLINK. */
export function openFlowExchange(native: Native): NetlinkExchange {
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
