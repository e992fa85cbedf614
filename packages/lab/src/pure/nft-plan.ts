/**
 * The firewall of an ISP: it counts by source, drops what its customer may not send (BCP 38), then applies faults.
 * Neighbour discovery passes always, as ARP does: a blackhole is silent because the neighbour still answers.
 */
import { type Family, formatPrefix, type IpAddress, networkOf } from "@ropewalk/kernel/addresses";
import { interfaces, lanSubnets, type Uplink, uplinkSubnets } from "./topology.ts";

/** Towards the internet (`tx`, as edge sees it) or towards edge (`rx`). */
export type Direction = "tx" | "rx";
export type Directions = Direction | "both";
export const directions: readonly Direction[] = ["tx", "rx"];

/** What is broken in one direction of an uplink. */
interface DirectionFault {
  readonly isBlackhole: boolean;
  /** 0…100. */
  readonly lossPercent: number;
}

export interface PacketFaults {
  readonly tx: DirectionFault;
  readonly rx: DirectionFault;
  readonly portal: "absent" | "asking";
}

export const noPacketFaults: PacketFaults = {
  tx: { isBlackhole: false, lossPercent: 0 },
  rx: { isBlackhole: false, lossPercent: 0 },
  portal: "absent",
};

/** The port of the portal's page on the ISP. */
export const portalPort = 8080;

const discovery =
  "icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, nd-redirect } accept";
const counted = [
  ["sent4", "ipv4_addr"],
  ["foreign4", "ipv4_addr"],
  ["received4", "ipv4_addr"],
  ["sent6", "ipv6_addr"],
  ["foreign6", "ipv6_addr"],
  ["received6", "ipv6_addr"],
] as const;

/** Replaces whatever table was there: a new customer starts with empty counters. */
export function ispRuleset(uplink: Uplink): string {
  const sets = counted.map(([name, type]) => `set ${name} { type ${type}; size 65535; flags dynamic; counter; }`);
  return `table inet lab
delete table inet lab
table inet lab {
  set own4 { type ipv4_addr; flags interval; }
  set own6 { type ipv6_addr; flags interval; }
  ${sets.join("\n  ")}
  chain fault-tx { }
  chain fault-rx { }
  chain portal { }
  chain from-customer {
    type filter hook prerouting priority raw; policy accept;
    iifname != "${interfaces.customer}" return
    ip saddr != 0.0.0.0 update @sent4 { ip saddr }
    ip6 saddr != :: update @sent6 { ip6 saddr }
    ${discovery}
    udp dport 67 accept
    ip saddr != @own4 update @foreign4 { ip saddr } drop
    ip6 saddr != @own6 ip6 saddr != fe80::/10 update @foreign6 { ip6 saddr } drop
    jump fault-tx
  }
  chain to-customer {
    type filter hook postrouting priority 300; policy accept;
    oifname != "${interfaces.customer}" return
    ${discovery}
    jump fault-rx
    update @received4 { ip daddr }
    update @received6 { ip6 daddr }
  }
  chain customer-web {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "${interfaces.customer}" jump portal
  }
}
${ownPrefixRules([uplink])}`;
}

/** Sets what the customer may use as its source: two networks while it moves from one to the other. */
export function ownPrefixRules(uplinks: readonly Uplink[]): string {
  const elements = uplinks.flatMap(uplinkSubnets).map(({ family, router, length }) => {
    return `add element inet lab ${ownSet(family)} { ${networkText(router, length)} }`;
  });
  return `${["flush set inet lab own4", "flush set inet lab own6", ...elements].join("\n")}\n`;
}

/** One transaction from whatever faults were there to exactly these. */
export function faultRules(faults: PacketFaults): string {
  const lines = ["fault-tx", "fault-rx", "portal"].map((chain) => `flush chain inet lab ${chain}`);
  for (const direction of directions) {
    const { isBlackhole, lossPercent } = faults[direction];
    const add = (rule: string) => lines.push(`add rule inet lab fault-${direction} ${rule}`);
    // nft refuses a comparison that is always true, so all of the packets is a rule of its own.
    if (isBlackhole || lossPercent >= 100) add("drop");
    else if (lossPercent > 0) add(`numgen random mod 100000 < ${Math.round(lossPercent * 1000)} drop`);
  }
  if (faults.portal === "asking") {
    lines.push(`add rule inet lab portal tcp dport 80 redirect to :${portalPort}`);
    // A portal lets names resolve and its own page load, and swallows the rest without a word.
    lines.push(
      "add rule inet lab fault-tx tcp dport { 53, 80 } accept",
      "add rule inet lab fault-tx udp dport 53 accept",
    );
    lines.push("add rule inet lab fault-tx fib daddr . iif type local accept", "add rule inet lab fault-tx drop");
  }
  return `${lines.join("\n")}\n`;
}

/** Edge is the site's router: what comes from the site leaves with the uplink's own source. */
export function siteRuleset(): string {
  const rules = lanSubnets.map(({ family, router, length }) => {
    return `${family === "ipv4" ? "ip" : "ip6"} saddr ${networkText(router, length)} masquerade`;
  });
  return `table inet lab-site {
  chain leave {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "${interfaces.lan}" return
    ${rules.join("\n    ")}
  }
}
`;
}

function ownSet(family: Family): string {
  return family === "ipv4" ? "own4" : "own6";
}

function networkText(address: IpAddress, length: number): string {
  return formatPrefix(networkOf({ address, length }));
}
