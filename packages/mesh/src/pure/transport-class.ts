/** What a link can carry, in four classes, as the first mesh of this kind had them: by the rate that it can keep up. */
import { type BitsPerSecond, bitsPerSecond } from "@ropewalk/kernel/units";
import type { LinkFacts } from "./link.ts";

/** From the best to the poorest. */
export const transportClasses = ["unconstrained", "medium", "constrained", "severely-constrained"] as const;

export type TransportClass = (typeof transportClasses)[number];

/** What it may send in the long run: its bitrate for the share of the time that rules leave it. */
export function sustainedRate({ bitrate, duty }: Pick<LinkFacts, "bitrate" | "duty">): BitsPerSecond {
  return bitsPerSecond(bitrate * duty);
}

export function transportClass(facts: Pick<LinkFacts, "bitrate" | "duty">): TransportClass {
  const rate = sustainedRate(facts);
  if (rate >= 1_000_000) return "unconstrained";
  if (rate >= 10_000) return "medium";
  return rate >= 1_000 ? "constrained" : "severely-constrained";
}

/** 0 is the best class, 3 the poorest. */
export function classRank(of: TransportClass): number {
  return transportClasses.indexOf(of);
}
