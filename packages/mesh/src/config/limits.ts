/** The table `[mesh.limits]`: how much of each kind one link may bring a second. */
import { table } from "@ropewalk/ops/config-schema";
import { z } from "zod";
import { defaultLinkBudget, type LinkBudgetConfig, linkBudgetAt } from "../pure/protection/link-budget.ts";

/** All are frames of one link in a second; at once it may bring as many seconds' worth as it may by default. */
export interface LimitsConfig {
  /** Of nodes that are not known yet. */
  readonly newAnnounces: number;
  readonly knownAnnounces: number;
  /** Questions for a way. */
  readonly requests: number;
  /** With their answers. */
  readonly packets: number;
}

function rate(usual: number) {
  return z.int().min(1).max(1_000_000).default(usual);
}

export const limitsTable: z.ZodType<LimitsConfig> = table({
  new_announces: rate(defaultLinkBudget["new-announce"].perSecond),
  known_announces: rate(defaultLinkBudget["known-announce"].perSecond),
  requests: rate(defaultLinkBudget.request.perSecond),
  packets: rate(defaultLinkBudget.packet.perSecond),
});

export function linkBudgetOf({ newAnnounces, knownAnnounces, requests, packets }: LimitsConfig): LinkBudgetConfig {
  return linkBudgetAt({
    "new-announce": newAnnounces,
    "known-announce": knownAnnounces,
    request: requests,
    packet: packets,
  });
}
