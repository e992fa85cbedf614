/**
 * The vocabulary of probing: one question asked of one path, and what came of it. The pure part asks and judges; what sends
 * and receives knows nothing of verdicts.
 */
import type { Family, IpAddress } from "@ropewalk/kernel/addresses";
import type { PathBinding, UplinkId } from "@ropewalk/kernel/connectivity";
import type { Branded, Bytes, Millis } from "@ropewalk/kernel/units";

/** One family of one uplink: "pci-0000:00:1f.6/ipv4". */
export type PathKey = Branded<string, "PathKey">;

export function pathKey(uplinkId: UplinkId, family: Family): PathKey {
  return `${uplinkId}/${family}` as PathKey;
}

/** Where a probe leaves. `state` and `score` of the binding are the verdict's and not used here. */
export type ProbePath = Omit<PathBinding, "state" | "score" | "metered">;

export type ProbeKind = "echo" | "tcp" | "dns" | "tls" | "http" | "mtu";
export const probeKinds: readonly ProbeKind[] = ["echo", "tcp", "dns", "tls", "http", "mtu"];

/** What is asked. */
export type ProbeQuestion =
  /** ICMP echo; the reply may come late, so it has no time limit: who asked counts it as lost. */
  | { readonly kind: "echo"; readonly target: IpAddress }
  /** A TCP handshake, closed at once. */
  | { readonly kind: "tcp"; readonly target: IpAddress; readonly port: number }
  /** One name of one resolver, asked again within the limit as resolvers do; the answers' addresses come back. */
  | {
      readonly kind: "dns";
      readonly resolver: IpAddress;
      readonly transport: "udp" | "tcp";
      readonly name: string;
      readonly record: "A" | "AAAA";
    }
  /** A TLS handshake that must prove `serverName`; no data follows. */
  | { readonly kind: "tls"; readonly target: IpAddress; readonly port: number; readonly serverName: string }
  /** A plain GET whose status and body must be as expected. The host's name is asked of `resolvers`, on the same path. */
  | {
      readonly kind: "http";
      readonly url: string;
      readonly status: number;
      readonly body: string;
      readonly resolvers: readonly IpAddress[];
    }
  /**
   * ICMP echo in one unfragmented packet of `size` octets, IP header included; when that is lost, the largest that passes. Where
   * the kernel knows of a smaller MTU (a router told it), the largest that it sends stands for `size`.
   */
  | { readonly kind: "mtu"; readonly target: IpAddress; readonly size: Bytes };

export interface ProbeRequest {
  /** Of a node's probes no two have the same; the outcome bears it. */
  readonly id: number;
  readonly path: ProbePath;
  readonly question: ProbeQuestion;
  /** After this nothing is waited for; echo has none. */
  readonly limit: Millis;
}

/** Octets of the packets on the path, IP headers included, links' framing not; what is retransmitted unseen is not in it. */
export interface ProbeTraffic {
  readonly sent: number;
  readonly received: number;
}

export type ProbeResult =
  /** The right peer gave the right answer. */
  | { readonly kind: "answered"; readonly rtt: Millis }
  /** A resolver answered: with these addresses, or with none (`rcode` 3 is NXDOMAIN). Source: RFC 1035 §4.1.1. */
  | {
      readonly kind: "resolved";
      readonly rtt: Millis;
      readonly rcode: number;
      readonly addresses: readonly IpAddress[];
    }
  /** Only packets up to `size` octets pass, IP header included, and no router says so. */
  | { readonly kind: "limited"; readonly size: Bytes }
  /** Somebody answers in the place of the one who was asked: another name in the certificate, another page, no TLS at all. */
  | { readonly kind: "intercepted"; readonly detail: string }
  /** A clear no: a reset, ICMP unreachable, a resolver's refusal. */
  | { readonly kind: "refused"; readonly detail: string }
  /** Nothing came within the limit. */
  | { readonly kind: "silent" }
  /** An earlier step failed, so this was not asked: the name did not resolve, no connection came about. */
  | { readonly kind: "skipped"; readonly detail: string }
  /** It could not be sent at all. */
  | {
      readonly kind: "unsent";
      readonly cause: "no-privilege" | "path-gone" | "unreachable" | "busy";
      readonly detail: string;
    };

export interface ProbeOutcome {
  readonly id: number;
  readonly result: ProbeResult;
  readonly traffic: ProbeTraffic;
}
