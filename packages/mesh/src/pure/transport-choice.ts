/**
 * Which of several links to the same neighbour carries a frame: the cheapest that has it through in time, and of those that cost
 * the same the fastest, so of the best class: poor links keep their air for what has no other way.
 */
import { type Bytes, type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { LinkFacts, LinkId } from "./link.ts";
import { sustainedRate } from "./transport-class.ts";

export type ChoosableLink = { readonly link: LinkId } & Pick<LinkFacts, "mtu" | "bitrate" | "cost" | "duty">;

/** A frame that takes longer than this on a link takes another, however dear, that is faster. */
const inTime = seconds(1);

/** How long the link takes for so much, in the long run. Undefined: it never has it through, or has not a bit a second. */
export function carryingTime(link: ChoosableLink, size: Bytes): Millis | undefined {
  const rate = sustainedRate(link);
  return size > link.mtu || rate < 1 ? undefined : millis((size * 8_000) / rate);
}

/** Undefined where none can carry it: it is longer than any of their frames. */
export function chooseLink(links: readonly ChoosableLink[], size: Bytes): LinkId | undefined {
  let best: Carrier | undefined;
  for (const link of links) {
    const time = carryingTime(link, size);
    if (time === undefined) continue;
    const carrier = { link, time };
    if (best === undefined || isBetter(carrier, best)) best = carrier;
  }
  return best?.link.link;
}

interface Carrier {
  readonly link: ChoosableLink;
  readonly time: Millis;
}

function isBetter(one: Carrier, other: Carrier): boolean {
  const isOneInTime = one.time <= inTime;
  if (isOneInTime !== other.time <= inTime) return isOneInTime;
  if (isOneInTime && one.link.cost !== other.link.cost) return one.link.cost < other.link.cost;
  return one.time < other.time;
}
