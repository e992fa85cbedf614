/**
 * Deletes what the kernel remembers of flows by where they began, among however many others. Its socket stays open: behind a change of nftables that
 * has removed something, the kernel lets whoever closes one of netfilter's wait until nobody can be reading that any more, ten milliseconds or so
 * (nft_rcv_nl_event in net/netfilter/nf_tables_api.c).
 */
import { familyOf, type IpAddress } from "@ropewalk/kernel/addresses";
import type { FlowQuestion } from "../netlink/conntrack.ts";
import type { Native } from "./native.ts";
import type { NetlinkExchange } from "./netlink-exchange.ts";
import type { Removed } from "./removal-count.ts";
import { countTrackedBy, deleteFlowsBy, openFlowExchange } from "./tracked-flows.ts";

type IsMeant = (source: IpAddress) => boolean;

/** So many can be told while the kernel walks through its table once more, looking for one address. */
const toldInAWalk = 7_000;

/** Needs CAP_NET_ADMIN. */
export class SourceFlows implements Disposable {
  readonly #native: Native;
  #exchange: NetlinkExchange | undefined;

  /** Nothing is opened yet. */
  constructor(native: Native) {
    this.#native = native;
  }

  /** Throws HOST_NETLINK when flows cannot be listed. */
  deleteFrom(sources: ReadonlySet<IpAddress>): Removed {
    return this.#ask((exchange) => {
      const questions = questionsFor(sources, countTrackedBy(exchange));
      return deleteAll(exchange, questions, (source) => sources.has(source));
    });
  }

  /** The kernel tells of every flow for it. Throws HOST_NETLINK when flows cannot be listed. */
  deleteWhere(isMeant: IsMeant): Removed {
    return this.#ask((exchange) => deleteAll(exchange, [{ kind: "all" }], isMeant));
  }

  [Symbol.dispose](): void {
    this.#exchange?.[Symbol.dispose]();
    this.#exchange = undefined;
  }

  /** What answers a question that failed may still be on its way: the next is asked on another socket. */
  #ask(work: (exchange: NetlinkExchange) => Removed): Removed {
    this.#exchange ??= openFlowExchange(this.#native);
    try {
      return work(this.#exchange);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }
}

function deleteAll(exchange: NetlinkExchange, questions: readonly FlowQuestion[], isMeant: IsMeant): Removed {
  const total = { removed: 0, gone: 0, refused: 0 };
  let detail: string | undefined;
  for (const question of questions) {
    for (const part of deleteFlowsBy(exchange, [({ source }) => isMeant(source)], question)) {
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
