/**
 * Deletes what the kernel remembers of flows by where they began, among however many others. Its socket stays open: behind a change of nftables that
 * has removed something, the kernel lets whoever closes one of netfilter's wait until nobody can be reading that any more, ten milliseconds or so
 * (nft_rcv_nl_event in net/netfilter/nf_tables_api.c).
 */
import { familyOf, type IpAddress } from "@ropewalk/kernel/addresses";
import { encodeBegunFlush, type FlowQuestion } from "../netlink/conntrack.ts";
import type { Native } from "./native.ts";
import type { NetlinkExchange } from "./netlink-exchange.ts";
import type { Removed } from "./removal-count.ts";
import { countTrackedBy, deleteFlowsBy, openFlowExchange } from "./tracked-flows.ts";

type IsMeant = (source: IpAddress) => boolean;

/** So many can be told while the kernel walks through its table once more, looking for one address. */
const toldInAWalk = 7_000;
/** Of the kernel's own, which locks no place that is empty, in the time of a walk in which it tells. */
const flushesInAWalk = 14;

/** Needs CAP_NET_ADMIN. */
export class SourceFlows implements Disposable {
  readonly #native: Native;
  #exchange: NetlinkExchange | undefined;
  /** Whether the kernel deletes by an address itself: found out when it is asked. */
  #flushes = true;

  /** Nothing is opened yet. */
  constructor(native: Native) {
    this.#native = native;
  }

  /** Throws HOST_NETLINK when flows cannot be listed. */
  deleteFrom(sources: ReadonlySet<IpAddress>): Removed {
    return this.#ask((exchange) => {
      const tracked = countTrackedBy(exchange);
      const listing = { sources, tracked };
      const flushed = this.#flushes && isFlushSooner(listing) ? this.#flush(exchange, listing) : undefined;
      const questions = flushed === undefined ? questionsFor(listing) : ipv6Of(sources);
      const told = deleteAll(exchange, questions, (source) => sources.has(source));
      return flushed === undefined ? told : sumOf([flushed, told]);
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

  /** Undefined where the kernel cannot. How many went, is told by how many fewer there are then. */
  #flush(exchange: NetlinkExchange, { sources, tracked }: Listing): Removed | undefined {
    const orders = ipv4Of(sources).map((address) => (sequence: number) => encodeBegunFlush(address, sequence));
    this.#flushes = exchange.orderAll(orders).every(({ errno }) => errno === 0);
    if (!this.#flushes) return undefined;
    const removed = Math.max(0, tracked - countTrackedBy(exchange));
    return { removed, gone: 0, refused: 0, detail: undefined };
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

interface Listing {
  readonly sources: ReadonlySet<IpAddress>;
  readonly tracked: number;
}

function deleteAll(exchange: NetlinkExchange, questions: readonly FlowQuestion[], isMeant: IsMeant): Removed {
  return sumOf(questions.flatMap((question) => deleteFlowsBy(exchange, [({ source }) => isMeant(source)], question)));
}

function sumOf(parts: readonly Removed[]): Removed {
  const total = { removed: 0, gone: 0, refused: 0 };
  for (const { removed, gone, refused } of parts) {
    total.removed += removed;
    total.gone += gone;
    total.refused += refused;
  }
  return { ...total, detail: parts.find(({ detail }) => detail !== undefined)?.detail };
}

/** A walk of those that tell is needed all the same where there is an address of IPv6. */
function isFlushSooner({ sources, tracked }: Listing): boolean {
  const addresses = ipv4Of(sources).length;
  const walksSaved = tracked / toldInAWalk + (addresses < sources.size ? 0 : 1);
  return tracked > 0 && addresses > 0 && addresses < flushesInAWalk * walksSaved;
}

/** One after another, or all at once where that is sooner. */
function questionsFor({ sources, tracked }: Listing): readonly FlowQuestion[] {
  if (tracked === 0 || sources.size === 0) return [];
  const ofIpv4 = ipv4Of(sources);
  const isSooner = ofIpv4.length < tracked / toldInAWalk;
  if (!isSooner) return ofIpv4.length < sources.size ? [{ kind: "all" }] : [{ kind: "family", family: "ipv4" }];
  return [...ofIpv4.map((address): FlowQuestion => ({ kind: "begun", address })), ...ipv6Of(sources)];
}

function ipv4Of(sources: ReadonlySet<IpAddress>): readonly IpAddress[] {
  return [...sources].filter((address) => familyOf(address) === "ipv4");
}

/** Of IPv6 the kernel cannot be asked for an address. */
function ipv6Of(sources: ReadonlySet<IpAddress>): readonly FlowQuestion[] {
  return ipv4Of(sources).length < sources.size ? [{ kind: "family", family: "ipv6" }] : [];
}
