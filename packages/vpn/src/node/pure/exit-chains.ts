/**
 * The rules of an exit's table. Only what comes from or goes to its tunnels is looked at, but for what outside claims to be of its pools.
 *
 *   before-tracking      from a tunnel: a lease, or dropped before it costs anything; from elsewhere with an address of a pool: dropped
 *   forward              to a tunnel: answers, to a lease; from one: not to peers, metadata, management or private networks; MSS clamped
 *   input                from a tunnel: answers, what is listed, echo; nothing else
 *   translate            from a pool to outside: masqueraded, by ports that cannot be guessed
 *   behind-translation   what could not be translated does not leave
 */
import { families } from "@ropewalk/kernel/addresses";
import type { DropReason } from "./drop-reasons.ts";
import { digits } from "./family-digits.ts";

/** The same rule for each family. */
function both(rule: (word: "ip" | "ip6", digit: string) => string): string {
  return families.map((family) => `    ${rule(family === "ipv4" ? "ip" : "ip6", digits[family])}`).join("\n");
}

function drop(reason: DropReason): string {
  return `counter name ${reason} drop`;
}

/** Nothing here accepts for others: to accept ends only a chain of ours, and whoever else has rules is asked as ever. */
export const exitChains: string = `  chain before-tracking {
    type filter hook prerouting priority raw; policy accept;
    iifname @tunnels goto from-tunnel
    iifname "lo" accept
${both((ip, digit) => `${ip} saddr @pools${digit} ${drop("pool-outside")}`)}
${both((ip, digit) => `${ip} daddr @pools${digit} ${drop("pool-outside")}`)}
  }
  chain from-tunnel {
${both((ip, digit) => `iifname . ${ip} saddr @leases${digit} accept`)}
    ${drop("no-lease")}
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    oifname @tunnels goto to-tunnel
    iifname @tunnels goto to-outside
  }
  chain to-tunnel {
    iifname @tunnels ${drop("peer-to-peer")}
    ct state != { established, related } ${drop("unsolicited")}
${both((ip, digit) => `oifname . ${ip} daddr @leases${digit} goto clamp`)}
    ${drop("lease-over")}
  }
  chain to-outside {
${both((ip, digit) => `${ip} daddr @pools${digit} ${drop("peer-to-peer")}`)}
${both((ip, digit) => `${ip} daddr @metadata${digit} ${drop("metadata")}`)}
${both((ip, digit) => `${ip} daddr @management${digit} ${drop("management")}`)}
${both((ip, digit) => `${ip} daddr @opened${digit} goto clamp`)}
${both((ip, digit) => `${ip} daddr @private${digit} ${drop("private")}`)}
    goto clamp
  }
  chain clamp {
    tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu
  }
  chain input {
    type filter hook input priority filter; policy accept;
    iifname @tunnels goto to-node
  }
  chain to-node {
    ct state established ct direction reply accept
${both((ip, digit) => `${ip} daddr @own${digit} meta l4proto . th dport @services accept`)}
    ip daddr @own4 icmp type echo-request accept
    ip6 daddr @own6 icmpv6 type echo-request accept
    ${drop("own-service")}
  }
  chain translate {
    type nat hook postrouting priority srcnat; policy accept;
    oifname @tunnels accept
    oifname "lo" accept
${both((ip, digit) => `${ip} saddr @pools${digit} masquerade fully-random`)}
  }
  chain behind-translation {
    type filter hook postrouting priority srcnat + 10; policy accept;
    oifname @tunnels accept
    oifname "lo" accept
${both((ip, digit) => `${ip} saddr @pools${digit} ${drop("untranslated")}`)}
  }`;
