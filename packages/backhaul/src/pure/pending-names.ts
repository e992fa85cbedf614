/**
 * What of a plan of resolvers is not so yet: the lines of a plain resolv.conf, and what systemd-resolved was not told. A file that
 * names the same servers in its own words is as it should be.
 */
import { type LinkOrder, linkOrders } from "./link-dns.ts";
import type { ResolvConfOwner } from "./resolv-conf-owner.ts";
import { directivesFor, namedServers } from "./resolv-conf-text.ts";
import type { ResolverPlan } from "./resolver-plan.ts";

export interface PendingNames {
  /** All that should be in it; undefined when it is as it should be, or another's. */
  readonly file: PendingFile | undefined;
  readonly orders: readonly LinkOrder[];
}

export interface PendingFile {
  /** The file itself, behind every symbolic link. */
  readonly path: string;
  readonly lines: readonly string[];
}

export const nothingPending: PendingNames = { file: undefined, orders: [] };

/** `present` is whoever's file; only what is nobody's is to be written. */
export function pendingFile(
  present: { readonly path: string; readonly text: string; readonly owner: ResolvConfOwner },
  plan: ResolverPlan,
): PendingFile | undefined {
  if (plan.kind !== "ask" || present.owner.kind !== "nobody") return undefined;
  const lines = directivesFor(present.text, plan.links);
  const isNamed = namedServers(present.text).join() === namedServers(lines.join("\n")).join();
  return isNamed ? undefined : { path: present.path, lines };
}

/** All that systemd-resolved is told. */
export function ordersOf(plan: ResolverPlan): readonly LinkOrder[] {
  return plan.kind === "ask" ? linkOrders(plan) : [];
}
