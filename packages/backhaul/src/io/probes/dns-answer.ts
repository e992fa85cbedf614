/** What comes of asking resolvers, over UDP or TCP; and asking them as a stub resolver does, by both. */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { Millis } from "@ropewalk/kernel/units";
import type { ProbeResult, ProbeTraffic } from "../../pure/health/probe.ts";
import type { DnsQuestion, DnsResponse } from "../../pure/probing/dns-message.ts";
import { noTraffic } from "../../pure/probing/packet-octets.ts";

export type DnsAnswer =
  | {
      readonly kind: "response";
      readonly response: DnsResponse;
      readonly resolver: IpAddress;
      /** From the query that was answered. */
      readonly rtt: Millis;
    }
  | Extract<ProbeResult, { kind: "refused" | "intercepted" | "silent" | "skipped" | "unsent" }>;

export interface DnsFinding {
  readonly answer: DnsAnswer;
  readonly traffic: ProbeTraffic;
}

export const dnsPort = 53;

/** A resolver's "I will not": of all codes only 0 and 3 (no such name) say anything of the name. Source: RFC 1035 §4.1.1. */
export function isRefusal({ rcode }: DnsResponse): boolean {
  return rcode !== 0 && rcode !== 3;
}

export function notAName({ name }: DnsQuestion): DnsFinding {
  return { answer: { kind: "skipped", detail: `"${name}" is no domain name` }, traffic: noTraffic };
}
