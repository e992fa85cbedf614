/**
 * Octets that a probe puts on its path, as IP packets: payloads are counted, headers are known, and what TCP adds unseen is
 * modelled on Linux at both ends. Nothing here knows of what was lost and sent again.
 */
import type { Family } from "@ropewalk/kernel/addresses";
import type { ProbeTraffic } from "../health/probe.ts";

/** RFC 791 §3.1 without options, RFC 8200 §3. */
export const ipHeader: Readonly<Record<Family, number>> = { ipv4: 20, ipv6: 40 };
/** RFC 792, RFC 4443 §4.1. */
export const echoHeader = 8;
const udpHeader = 8;
/** A connection's first packet: maximum segment size, selective acknowledgements, timestamps, window scale. */
const synHeader = 40;
/** All later ones: timestamps (RFC 7323 §3.2), padded. */
const tcpHeader = 32;
/** A reset in answer to a connection's first packet has no options. */
const bareTcpHeader = 20;

export const noTraffic: ProbeTraffic = { sent: 0, received: 0 };

export function addTraffic(one: ProbeTraffic, other: ProbeTraffic): ProbeTraffic {
  return { sent: one.sent + other.sent, received: one.received + other.received };
}

/** One echo packet with `payload` octets of data. */
export function echoOctets(family: Family, payload: number): number {
  return ipHeader[family] + echoHeader + payload;
}

export function datagramOctets(family: Family, payload: number): number {
  return ipHeader[family] + udpHeader + payload;
}

/** One packet went out, and what came back. */
export function attemptOctets(family: Family, answer: "nothing" | "reset"): ProbeTraffic {
  const received = answer === "reset" ? ipHeader[family] + bareTcpHeader : 0;
  return { sent: ipHeader[family] + synHeader, received };
}

/** What crossed a connection that stood. */
export interface Crossed {
  /** Octets of data, and in how many packets. */
  readonly sent: number;
  readonly sentPackets: number;
  readonly received: number;
  readonly receivedPackets: number;
  /** Whether the peer closed it, to which we agreed, or we reset it. */
  readonly end: "closed" | "reset";
}

/** Each packet with data is acknowledged by itself, as Linux does at the beginning of a connection (tcp_input.c, "quick ack"). */
export function connectionOctets(family: Family, crossed: Crossed): ProbeTraffic {
  const opening = ipHeader[family] + synHeader;
  const packet = ipHeader[family] + tcpHeader;
  const { sentPackets, receivedPackets, end } = crossed;
  const ends = end === "closed" ? 2 : 0;
  return {
    // Besides the data: the end of the handshake, acknowledgements, and either a reset or a close.
    sent: opening + crossed.sent + packet * (1 + sentPackets + receivedPackets + 1),
    received: opening + crossed.received + packet * (receivedPackets + sentPackets + ends),
  };
}

/** How many packets carry `octets` that were given to TCP at once. */
export function packetsOf(family: Family, mtu: number, octets: number): number {
  return Math.ceil(octets / Math.max(1, mtu - ipHeader[family] - tcpHeader));
}
