/**
 * The firewall of an ISP: it counts by source, drops what its customer may not send (BCP 38), then applies faults.
 * Neighbour discovery is of the link, as ARP is: it passes always, for a blackhole is silent because the neighbour still
 * answers, and nobody is billed for it. DHCP is of the link too and has a fault of its own.
 */
import { type Family, formatPrefix, type IpAddress, networkOf } from "@ropewalk/kernel/addresses";
import { faultChains, faultRules } from "./fault-rules.ts";
import { noPacketFaults } from "./packet-faults.ts";
import { interfaces, lanSubnets, publicAddress, type Uplink, uplinkSubnets } from "./topology.ts";

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
  ${faultChains.map((chain) => `chain ${chain} { }`).join("\n  ")}
  chain tracked {
    type filter hook prerouting priority raw - 10; policy accept;
    jump tracking
  }
  chain tracked-own {
    type filter hook output priority raw - 10; policy accept;
    jump tracking
  }
  chain from-customer {
    type filter hook prerouting priority raw; policy accept;
    iifname != "${interfaces.customer}" return
    ${discovery}
    ip saddr != 0.0.0.0 update @sent4 { ip saddr }
    ip6 saddr != :: update @sent6 { ip6 saddr }
    udp dport 67 jump leases
    udp dport 67 accept
    ip saddr != @own4 update @foreign4 { ip saddr } drop
    ip6 saddr != @own6 ip6 saddr != fe80::/10 update @foreign6 { ip6 saddr } drop
    jump fault-tx
  }
  chain to-customer {
    type filter hook postrouting priority 300; policy accept;
    oifname != "${interfaces.customer}" return
    ${discovery}
    udp sport 67 accept
    jump fault-rx
    update @received4 { ip daddr }
    update @received6 { ip6 daddr }
  }
  chain customer-service {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "${interfaces.customer}" jump divert
  }
  chain translate-tx { type filter hook postrouting priority 310; policy accept; }
  chain translate-rx { type filter hook prerouting priority raw - 20; policy accept; }
}
${customerRules([uplink])}${faultRules(noPacketFaults, 0)}`;
}

/**
 * What follows from the customer's networks, two while it moves from one to the other: which sources it may use, and
 * which translation its shared network needs. The translation has no state: a delay leads every packet through
 * connection tracking twice.
 */
export function customerRules(uplinks: readonly Uplink[]): string {
  const chains = ["translate-tx", "translate-rx"].map((chain) => `flush chain inet lab ${chain}`);
  return `${[ownPrefixRules(uplinks), ...chains, ...uplinks.flatMap(translationRules)].join("\n")}\n`;
}

function translationRules(uplink: Uplink): readonly string[] {
  const member = uplinkSubnets(uplink).find(({ family }) => family === "ipv4")?.member;
  if (uplink.subnet === "own" || member === undefined) return [];
  const seen = publicAddress(uplink);
  return [
    `add rule inet lab translate-tx oifname "${interfaces.upstream}" ip saddr ${member} ip saddr set ${seen}`,
    `add rule inet lab translate-rx iifname "${interfaces.upstream}" ip daddr ${seen} ip daddr set ${member}`,
  ];
}

function ownPrefixRules(uplinks: readonly Uplink[]): string {
  const elements = uplinks.flatMap(uplinkSubnets).map(({ family, router, length }) => {
    return `add element inet lab ${ownSet(family)} { ${networkText(router, length)} }`;
  });
  return ["flush set inet lab own4", "flush set inet lab own6", ...elements].join("\n");
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
