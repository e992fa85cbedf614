/**
 * What was delivered over a next hop: to one destination, and of a neighbour to all. Three losses in a row bypass it, for a
 * time that doubles each time that it fails again, and that one acknowledgement ends. What is said of no late date fades.
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";

export interface DeliveryScore {
  /** Share of what was delivered, the latest the most, 0…1, as it was at `at`. */
  readonly share: number;
  readonly at: Millis;
  readonly lossesInRow: number;
  /** Times that it was bypassed since it delivered anything. */
  readonly bypasses: number;
  /** It is to be left alone until then: 0 where it never was to be. */
  readonly bypassedUntil: Millis;
}

/** Of whom nothing is known: neither trusted like who delivers, nor shunned like who loses. */
export const unprovenShare = 0.5;
const lossesBeforeBypass = 3;
const firstBypass = seconds(30);
const longestBypass = seconds(600);
/** How much the latest counts. */
const weight = 1 / 8;
/** After so long half of what was known is left. */
const halfLife = seconds(600);

export const unproven: DeliveryScore = {
  share: unprovenShare,
  at: millis(0),
  lossesInRow: 0,
  bypasses: 0,
  bypassedUntil: millis(0),
};

/** 0…1 at `now`: what was known fades towards `unprovenShare`. */
export function shareAt({ share, at }: DeliveryScore, now: Millis): number {
  return unprovenShare + (share - unprovenShare) * 2 ** (-Math.max(0, now - at) / halfLife);
}

export function isBypassed(score: DeliveryScore, now: Millis): boolean {
  return now < score.bypassedUntil;
}

/** Something came through, and was acknowledged from end to end. */
export function acknowledged(score: DeliveryScore, now: Millis): DeliveryScore {
  const before = shareAt(score, now);
  return { ...unproven, share: before + (1 - before) * weight, at: now };
}

/**
 * Something was not acknowledged in its time. What is lost while it is bypassed was sent before, or for want of any other way:
 * it does not make the time longer.
 */
export function lost(score: DeliveryScore, now: Millis): DeliveryScore {
  const share = shareAt(score, now) * (1 - weight);
  if (isBypassed(score, now)) return { ...score, share, at: now };
  const lossesInRow = score.lossesInRow + 1;
  if (lossesInRow < lossesBeforeBypass) return { ...score, share, at: now, lossesInRow };
  const bypass = Math.min(longestBypass, firstBypass * 2 ** Math.min(score.bypasses, 16));
  return { share, at: now, lossesInRow, bypasses: score.bypasses + 1, bypassedUntil: millis(now + bypass) };
}

/**
 * Of a next hop to one destination: what it did for that counts, and as far as that is not known what its neighbour did for all.
 * Never less for having delivered more of either. A bypass is of the destination alone: one that is dead proves nothing
 * against the neighbours who were asked for it.
 */
export function combinedShare(
  toDestination: DeliveryScore | undefined,
  ofNeighbour: DeliveryScore,
  now: Millis,
): number {
  const own = toDestination === undefined ? unprovenShare : shareAt(toDestination, now);
  const known = Math.abs(own - unprovenShare) * 2;
  return own + (shareAt(ofNeighbour, now) - unprovenShare) * (1 - known);
}
