/** What nft lists of an exit's counters, as nft 1.0.6 writes it. */
import { vpnFirewallTable } from "@ropewalk/host/allocations";
import { dropReasons } from "@ropewalk/vpn/node/pure/drop-reasons";

export function listedCounts(packets: number, others: readonly unknown[] = []): string {
  const counters = dropReasons.map((name, handle) => ({
    counter: { family: "inet", name, table: vpnFirewallTable, handle, packets, bytes: packets * 100 },
  }));
  const metainfo = { version: "1.0.6", release_name: "Lester Gooch #5", json_schema_version: 1 };
  return JSON.stringify({ nftables: [{ metainfo }, ...counters, ...others] });
}
