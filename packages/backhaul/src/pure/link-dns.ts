/**
 * A plan in the terms of systemd-resolved, which asks each link's servers by that link: whose servers answer for every name, and whose
 * only for their own. Source: org.freedesktop.resolve1(5), SetLinkDNS and SetLinkDefaultRoute.
 */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { ResolverLink, ResolverPlan } from "./resolver-plan.ts";

export interface LinkOrder extends ResolverLink {
  /** Undefined: those that it has stay. */
  readonly servers: readonly IpAddress[] | undefined;
  readonly isForEveryName: boolean;
}

/** First the links that are to be asked, so that there is no moment without one. */
export function linkOrders({ links, others }: Extract<ResolverPlan, { readonly kind: "ask" }>): readonly LinkOrder[] {
  return [
    ...links.map(({ ifindex, name, servers, source }) => {
      // networkd tells them to systemd-resolved by itself, and would tell us ours as if they were its own.
      return { ifindex, name, servers: source === "networkd" ? undefined : servers, isForEveryName: true };
    }),
    ...others.map(({ ifindex, name }) => ({ ifindex, name, servers: undefined, isForEveryName: false })),
  ];
}
