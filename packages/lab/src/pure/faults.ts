/** Everything that can be wrong with an uplink at once, and how a person is told. */
import type { BitsPerSecond, Millis } from "@ropewalk/kernel/units";
import type { Delay } from "./delay-line.ts";
import { type DnsFault, directions, type PacketFaults } from "./packet-faults.ts";
import type { Narrowing } from "./shape-plan.ts";

/** What the ISP does. */
export interface LineFaults {
  readonly carrier: "steady" | "cut" | "flapping";
  readonly packets: PacketFaults;
  readonly narrowing: Narrowing | undefined;
  readonly delay: Delay | undefined;
}

/** What edge itself does. */
export interface EdgeFaults {
  /** Whether its kernel drops what it would not answer by the same interface (RFC 3704 §2.2). */
  readonly reversePath: "loose" | "strict";
  /** Its default routes by the uplink. */
  readonly routes: "present" | "absent";
}

export type UplinkFaults = LineFaults & EdgeFaults;

/** A few words for each fault; none when the uplink is whole. */
export function describeFaults({
  carrier,
  packets,
  narrowing,
  delay,
  reversePath,
  routes,
}: UplinkFaults): readonly string[] {
  const words: string[] = carrier === "steady" ? [] : [carrier];
  words.push(...packetWords(packets));
  if (narrowing !== undefined) words.push(narrowingText(narrowing));
  if (delay !== undefined) words.push(`delayed by ${delayText(delay)} each way`);
  if (reversePath === "strict") words.push("strict rp_filter on edge");
  if (routes === "absent") words.push("no default routes on edge");
  return words;
}

function packetWords(faults: PacketFaults): readonly string[] {
  const words: string[] = [];
  for (const direction of directions) {
    const { isBlackhole, lossPercent } = faults[direction];
    if (isBlackhole) words.push(`${direction} blackholed`);
    if (lossPercent > 0) words.push(`${direction} loses ${lossPercent} %`);
  }
  const { swallowed, deadFamilies, largest, beyond, web, tcp, dns, leases } = faults;
  words.push(
    ...deadFamilies.map((family) => `${family} dead`),
    ...swallowed.map((protocol) => `${protocol} swallowed`),
  );
  if (largest !== undefined) words.push(`more than ${largest} octets swallowed`);
  if (beyond === "deaf") words.push("deaf beyond its gateway");
  if (web === "portal") words.push("behind a portal");
  if (tcp === "impostor") words.push("TCP intercepted");
  if (dns.kind !== "honest") words.push(dnsText(dns));
  if (leases === "withheld") words.push("leases withheld");
  return words;
}

function dnsText(dns: Exclude<DnsFault, { readonly kind: "honest" }>): string {
  return dns.kind === "forged" ? "DNS forged" : `DNS late by ${dns.by} ms`;
}

function narrowingText(narrowing: Narrowing): string {
  return narrowing.kind === "shape" ? `shaped to ${rateText(narrowing.rate)}` : `bloated by ${narrowing.queue} ms`;
}

function rateText(rate: BitsPerSecond): string {
  return `${rate / 1e6} Mbit/s`;
}

function delayText({ delay, jitter }: { readonly delay: Millis; readonly jitter: Millis }): string {
  return jitter > 0 ? `${delay} ± ${jitter} ms` : `${delay} ms`;
}
