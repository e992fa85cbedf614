/**
 * RTM_NEWSTATS: the counters of one link and nothing else, a third to a seventh of what RTM_GETLINK costs. Source: linux/if_link.h, struct
 * if_stats_msg and struct rtnl_link_stats64.
 *
 *   family u8 | zero u8, u16 | ifindex u32 | filter u32 | attributes: IFLA_STATS_LINK_64 …
 */
import type { LinkCounters } from "../facts.ts";
import { readAttributes } from "./attributes.ts";
import { readU32, readU64 } from "./integers.ts";
import { type Malformed, malformed } from "./malformed.ts";

const IFLA_STATS_LINK_64 = 1;
const ifStatsLength = 12;

/** Undefined when the message tells of other statistics. */
export function decodeLinkCounters(
  payload: Uint8Array,
): { readonly ifindex: number; readonly counters: LinkCounters } | Malformed | undefined {
  const ifindex = readU32(payload, 4);
  const attributes = readAttributes(payload.subarray(ifStatsLength));
  if (payload.length < ifStatsLength || ifindex === undefined || attributes === undefined)
    return malformed("a message of link statistics cut short");
  const stats = attributes.get(IFLA_STATS_LINK_64);
  if (stats === undefined) return undefined;
  // The structure only ever grew at its end; these eight were always its first.
  if (stats.length < 64) return malformed(`${stats.length} octets of link statistics`);
  const at = (index: number) => readU64(stats, index * 8) ?? 0;
  return {
    ifindex,
    counters: {
      receivedPackets: at(0),
      sentPackets: at(1),
      receivedBytes: at(2),
      sentBytes: at(3),
      receiveErrors: at(4),
      sendErrors: at(5),
      receiveDropped: at(6),
      sendDropped: at(7),
    },
  };
}
