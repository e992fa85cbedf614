/**
 * One change of the network, as the kernel (or a fake) tells it: the only thing that moves the tables.
 * An event carries the whole new state of its object, so applying it twice is applying it once.
 */
import type { Family, IpAddress, Prefix } from "@ropewalk/kernel/addresses";
import type { Millis } from "@ropewalk/kernel/units";
import type { AddressFacts, LinkFacts, RouteFacts } from "../facts.ts";

/** A link as one message shows it; when its carrier changed is for the table to know. */
export type ObservedLink = Omit<LinkFacts, "carrierChangedAt">;

export interface ObservedAddress {
  readonly facts: AddressFacts;
  /** IFA_ADDRESS: the far end of a point-to-point address, else the address itself. Part of its identity. */
  readonly peer: IpAddress;
}

export interface ObservedRoute {
  /** `nextHops` as the message shows them: empty when it names a nexthop object only. */
  readonly facts: RouteFacts;
  /** rtm_tos and RTA_SRC: parts of a route's identity that no reader of facts needs. */
  readonly tos: number;
  readonly source: Prefix | undefined;
}

/** A nexthop object (RTM_NEWNEXTHOP): one way out, or a group of others. */
export type NextHopObject =
  | {
      readonly kind: "single";
      readonly id: number;
      readonly ifindex: number | undefined;
      readonly gateway: IpAddress | undefined;
    }
  | {
      readonly kind: "group";
      readonly id: number;
      readonly members: readonly { readonly id: number; readonly weight: number }[];
    };

/** Sysctls under net.*.conf of one interface, or of all; undefined is what was not told. */
export interface LinkSettings {
  readonly family: Family;
  readonly ifindex: number | "all";
  /** ignore_routes_with_linkdown: the kernel passes over the interface's routes while it has no carrier. */
  readonly skipsDeadRoutes: boolean | undefined;
  /** rp_filter, the number as it was written; IPv6 has none. */
  readonly reversePathFilter: number | undefined;
}

export type NetworkEvent =
  | { readonly kind: "link"; readonly link: ObservedLink }
  | { readonly kind: "link-removed"; readonly ifindex: number }
  | { readonly kind: "carrier"; readonly ifindex: number; readonly hasCarrier: boolean }
  | ({ readonly kind: "link-settings" } & LinkSettings)
  | { readonly kind: "address"; readonly address: ObservedAddress }
  | { readonly kind: "address-removed"; readonly address: ObservedAddress }
  | { readonly kind: "route"; readonly route: ObservedRoute; readonly isReplacement: boolean }
  | { readonly kind: "route-removed"; readonly route: ObservedRoute }
  | { readonly kind: "next-hop"; readonly nextHop: NextHopObject }
  | { readonly kind: "next-hop-removed"; readonly id: number }
  | {
      readonly kind: "router-dns";
      readonly ifindex: number;
      readonly servers: readonly IpAddress[];
      /** Zero withdraws the servers; undefined is infinity. */
      readonly lifetime: Millis | undefined;
    };
