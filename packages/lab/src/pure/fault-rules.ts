/** The nft rules that make an ISP's faults: one transaction from whatever was there to exactly what is wanted. */
import type { Family } from "@ropewalk/kernel/addresses";
import { type Direction, directions, type PacketFaults, type Protocol } from "./packet-faults.ts";

/** Chains of the ISP's table that hold nothing but faults. */
export const faultChains = ["fault-tx", "fault-rx", "leases", "divert", "tracking"] as const;
type FaultChain = (typeof faultChains)[number];

/** Ports of the programs on the ISP that answer in the internet's place. */
export const impostorPorts = { page: 8080, tcp: 8443, dns: 8053 } as const;

type Rule = readonly [chain: FaultChain, rule: string];

const protocolMatch: Readonly<Record<Protocol, string>> = {
  icmp: "meta l4proto { icmp, ipv6-icmp }",
  tcp: "meta l4proto tcp",
  udp: "meta l4proto udp",
};

const versionOf: Readonly<Record<Family, string>> = { ipv4: "meta nfproto ipv4", ipv6: "meta nfproto ipv6" };

/** An address of the link that the packet came by: the gateway, and nothing else of the ISP. */
const toGateway = "fib daddr . iif type local";

/** `change` counts how often the rules were changed. */
export function faultRules(faults: PacketFaults, change: number): string {
  const rules = [
    ...directions.flatMap((direction) => lossRules(faults, direction)),
    ...directions.flatMap((direction) => swallowRules(faults, direction)),
    ...deafRules(faults),
    ...captiveRules(faults),
    ...redirectRules(faults),
    ...(faults.leases === "withheld" ? [["leases", "drop"] as const] : []),
    ["tracking", trackingRule(faults, change)] as const,
  ];
  const flushes = faultChains.map((chain) => `flush chain inet lab ${chain}`);
  return `${[...flushes, ...rules.map(([chain, rule]) => `add rule inet lab ${chain} ${rule}`)].join("\n")}\n`;
}

/**
 * No connection outlives a change: its next packet meets the new rules as if it were a first one. Without impostors none
 * is remembered; with them each change has a zone of its own, in which none is known (nft(8), "ct zone").
 */
function trackingRule({ web, tcp, dns }: PacketFaults, change: number): string {
  const isHonest = web === "internet" && tcp === "internet" && dns.kind === "honest";
  return isHonest ? "notrack" : `ct zone set ${1 + (change % 65_535)}`;
}

function lossRules(faults: PacketFaults, direction: Direction): readonly Rule[] {
  const { isBlackhole, lossPercent } = faults[direction];
  const chain = `fault-${direction}` as const;
  // nft refuses a comparison that is always true, so all of the packets is a rule of its own.
  if (isBlackhole || lossPercent >= 100) return [[chain, "drop"]];
  return lossPercent > 0 ? [[chain, `numgen random mod 100000 < ${Math.round(lossPercent * 1000)} drop`]] : [];
}

function swallowRules({ swallowed, deadFamilies, largest }: PacketFaults, direction: Direction): readonly Rule[] {
  const matches = [
    ...deadFamilies.map((family) => versionOf[family]),
    ...swallowed.map((protocol) => protocolMatch[protocol]),
    // Of the IP packet: in these hooks there is no header of the link.
    ...(largest === undefined ? [] : [`meta length > ${largest}`]),
  ];
  return matches.map((match) => [`fault-${direction}`, `${match} drop`]);
}

function deafRules({ beyond }: PacketFaults): readonly Rule[] {
  if (beyond === "alive") return [];
  return [
    ["fault-tx", `${toGateway} accept`],
    ["fault-tx", "drop"],
    ["fault-rx", "fib saddr type != local drop"],
  ];
}

/** Whoever keeps customers captive lets names resolve and its own answers be reached, and swallows the rest. */
function captiveRules({ web, tcp }: PacketFaults): readonly Rule[] {
  if (web === "internet" && tcp === "internet") return [];
  const ports = tcp === "impostor" ? "meta l4proto tcp" : "tcp dport { 53, 80 }";
  return [`${ports} accept`, "udp dport 53 accept", `${toGateway} accept`, "drop"].map((rule) => ["fault-tx", rule]);
}

function redirectRules({ web, tcp, dns }: PacketFaults): readonly Rule[] {
  const { page, tcp: impostor, dns: resolver } = impostorPorts;
  const rules: string[] = [];
  if (dns.kind !== "honest") {
    rules.push(`udp dport 53 redirect to :${resolver}`, `tcp dport 53 redirect to :${resolver}`);
  }
  if (web === "portal") rules.push(`tcp dport 80 redirect to :${page}`);
  // The page to which forged answers lead.
  if (dns.kind === "forged") rules.push(`fib daddr type local tcp dport 80 redirect to :${page}`);
  if (tcp === "impostor") rules.push(`meta l4proto tcp redirect to :${impostor}`);
  return rules.map((rule) => ["divert", rule]);
}
