/** What there is of nftables, asked of the kernel itself: a system call or two, and no process. */
import { HostError } from "../errors.ts";
import { decodeCounter, encodeCounterDump } from "../netlink/firewall-counters.ts";
import { encodeFirewallQuery, type FirewallObject } from "../netlink/firewall-query.ts";
import type { Counted, Nft } from "../nft.ts";
import { describeErrno } from "../system-error.ts";
import { ERRNO, type Native } from "./native.ts";
import { NetlinkExchange } from "./netlink-exchange.ts";

/** Needs CAP_NET_ADMIN. Throws HOST_NETLINK when the kernel does not tell. */
export function isFirewallObjectThere(native: Native, object: FirewallObject): boolean {
  using exchange = new NetlinkExchange(native, "NETFILTER", "the firewall");
  const { errno } = exchange.order((sequence) => encodeFirewallQuery(object, sequence));
  if (errno === 0) return true;
  if (errno === ERRNO.ENOENT) return false;
  throw new HostError("HOST_NETLINK", `the kernel does not tell of the firewall: ${describeErrno(-errno)}`, { errno });
}

/** The part of an nft that asks no nft. Needs CAP_NET_ADMIN. */
export function createFirewallReader(native: Native): Pick<Nft, "counts" | "hasChain"> {
  return {
    counts: (table) => told(new Map<string, Counted>(), () => countersOf(native, table)),
    hasChain: (table, chain) => told(false, () => isFirewallObjectThere(native, { kind: "chain", table, chain })),
  };
}

function countersOf(native: Native, table: string): ReadonlyMap<string, Counted> {
  const counts = new Map<string, Counted>();
  using exchange = new NetlinkExchange(native, "NETFILTER", "the firewall");
  exchange.list(
    (sequence) => encodeCounterDump(table, sequence),
    (message) => {
      const counter = decodeCounter(message);
      if (counter !== undefined) counts.set(counter.name, { packets: counter.packets, octets: counter.octets });
    },
  );
  return counts;
}

function told<Value>(otherwise: Value, ask: () => Value): Value {
  try {
    return ask();
  } catch (error) {
    if (error instanceof HostError) return otherwise;
    throw error;
  }
}
