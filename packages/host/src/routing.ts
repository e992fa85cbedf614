/**
 * Routes and rules as somebody wants them: what a plan is made of, what is compared with the kernel's, and what is written.
 * All of them are ours, and bear our protocol number.
 */
import type { Family, IpAddress, Prefix } from "@ropewalk/kernel/addresses";
import type { RouteFacts, RuleFacts } from "./facts.ts";

/** RT_TABLE_MAIN of linux/rtnetlink.h: where everybody's routes are. */
export const mainTable = 254;

export interface RouteWay {
  readonly ifindex: number;
  /** Undefined on a link without neighbours to choose from (PPP). */
  readonly gateway: IpAddress | undefined;
  /** The gateway is a neighbour although it lies outside the link's prefixes. */
  readonly isOnLink: boolean;
  /** 1…256: its share of the flows, beside those of the route's other ways. */
  readonly weight: number;
}

export interface WantedRoute {
  readonly family: Family;
  readonly table: number;
  readonly destination: Prefix;
  /** Never 0, which IPv6 does not have. */
  readonly metric: number;
  /** What sockets without a source of their own get, an address of this host; undefined: one that suits the way taken. */
  readonly preferredSource: IpAddress | undefined;
  /** None: who comes here is told that there is no way (RTN_UNREACHABLE), and no later rule is asked. */
  readonly ways: readonly RouteWay[];
}

/** What matches all that is defined is looked up in `table`. */
export interface WantedRule {
  readonly family: Family;
  readonly priority: number;
  readonly table: number;
  readonly source: Prefix | undefined;
  readonly destination: Prefix | undefined;
  readonly mark: RuleFacts["mark"];
  readonly suppressPrefixLength: number | undefined;
}

export interface WantedRouting {
  readonly routes: readonly WantedRoute[];
  readonly rules: readonly WantedRule[];
}

/** What the kernel has, everybody's. */
export interface PresentRouting {
  readonly routes: readonly RouteFacts[];
  readonly rules: readonly RuleFacts[];
}

export type RoutingChange =
  | { readonly kind: "add-route"; readonly route: WantedRoute }
  /** In one step, for whoever looks it up meanwhile. */
  | { readonly kind: "replace-route"; readonly route: WantedRoute }
  | { readonly kind: "remove-route"; readonly route: WantedRoute }
  | { readonly kind: "add-rule"; readonly rule: WantedRule }
  | { readonly kind: "remove-rule"; readonly rule: WantedRule };

export function familyOfChange(change: RoutingChange): Family {
  return "route" in change ? change.route.family : change.rule.family;
}
